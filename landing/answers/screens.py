"""The answers to forms: a list; for owners a file of it, and one that has to go."""

import csv
import itertools
import json
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.models import IndexView
from wagtail.admin.widgets.button import HeaderButton

from accounts.admin import WorkspacePage, WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import OWNER_ONLY, Role
from accounts.queries import current_workspace
from accounts.requests import MemberRequest
from audience.cells import harmless
from audience.models import AuditEntry
from audience.people.forms import ReasonForm
from audience.services.audit import note
from landing.answers.queries import form_names, in_short, of_form
from landing.answers.services import delete_answer
from landing.models import FormAnswer, LandingPage

# Answers that a file holds in memory at once.
PIECE = 500
READERS = frozenset({Role.OWNER, Role.MARKETER})


class AnswerFilterSet(WagtailFilterSet):
    form = django_filters.ChoiceFilter(
        label=gettext_lazy("Form"), choices=lambda: form_names(current_workspace()), method="filter_form"
    )

    class Meta:
        model = FormAnswer
        fields: list[str] = []

    def filter_form(self, answers: QuerySet[FormAnswer], name: str, value: str) -> QuerySet[FormAnswer]:
        return answers.filter(of_form(value))


def who(answer: FormAnswer) -> str:
    return str(answer.contact) if answer.contact else _("somebody")


def written(answer: FormAnswer) -> str:
    return _("no longer kept") if answer.forgotten_at else in_short(answer)


class DeleteColumn(Column):
    """For owners: the question whether it is to be deleted."""

    cell_template_name = "landing/formanswer/delete_cell.html"


class AnswerIndexView(WorkspaceViewMixin, IndexView):
    roles = READERS
    request: MemberRequest
    page_title = gettext_lazy("Form answers")

    def get_base_queryset(self) -> QuerySet[FormAnswer]:
        return super().get_base_queryset().select_related("contact", "page")

    @property
    def header_buttons(self) -> list[HeaderButton]:
        file = f"{reverse('landing_answers_admin:csv')}?{self.request.GET.urlencode()}"
        export = HeaderButton(label=_("Export"), url=file, icon_name="download")
        return [*self.segment_buttons(), *([export] if self.request.role in OWNER_ONLY else [])]

    def segment_buttons(self) -> list[HeaderButton]:
        """Proposes the rule; the segment is counted, saved and frozen into a list where segments are."""
        key = self.request.GET.get("form", "")
        name = dict(form_names(self.request.workspace)).get(key)
        if name is None:
            return []
        rules = json.dumps({"match": "all", "rules": [{"about": "form", "is": "answered", "form": key}]})
        address = f"{reverse('audience_segments:add')}?{urlencode({'name': name, 'rules': rules})}"
        return [HeaderButton(label=_("Make a segment"), url=address, icon_name="group")]


class AnswerViewSet(WorkspaceViewSet):
    """Looked at, never changed."""

    model = FormAnswer
    name = "form_answers"
    url_namespace = "landing_answers_admin"
    url_prefix = "landing/answers"
    icon = "form"
    menu_label = gettext_lazy("Form answers")
    menu_name = "form-answers"
    menu_order = 460
    add_to_admin_menu = True
    form_fields = ["form"]
    index_view_class = AnswerIndexView
    filterset_class = AnswerFilterSet
    list_display = [
        DateColumn("answered_at", label=gettext_lazy("When"), sort_key="answered_at"),
        Column("form", label=gettext_lazy("Form")),
        Column("page", label=gettext_lazy("Page"), accessor=lambda answer: answer.page or "–", classname="ch-hide-s"),
        Column("contact", label=gettext_lazy("Who"), accessor=who),
        Column("words", label=gettext_lazy("Answers"), accessor=written),
        Column("sign_up", label=gettext_lazy("Offers by SMS"), accessor="get_sign_up_display", classname="ch-hide-s"),
        DeleteColumn("pk", label=""),
    ]
    ordering = ["-answered_at", "-pk"]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = {f"{name}_url_name": None for name in ("add", "edit", "delete", "history", "usage")}
        return super().get_common_view_kwargs(**absent, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        lists = [pattern for pattern in super().get_urlpatterns() if pattern.name in {"index", "index_results"}]
        asked = [
            path("csv/", CsvView.as_view(), name="csv"),
            path("delete/<int:pk>/", DeleteView.as_view(), name="delete"),
        ]
        return [*lists, *asked]


class AskedView(WorkspacePage, FormView):
    """For owners, with a reason, noted in the audit log."""

    roles = OWNER_ONLY
    request: MemberRequest
    form_class = ReasonForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(index=reverse("landing_answers_admin:index"), **kwargs)


class DeleteView(AskedView):
    """One answer, asked once more."""

    template_name = "landing/formanswer/delete.html"
    page_title = gettext_lazy("Delete a form answer")
    header_icon = "bin"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        answer = get_object_or_404(FormAnswer, pk=self.kwargs["pk"])
        return super().get_context_data(answer=answer, writer=who(answer), **kwargs)

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        answer = get_object_or_404(FormAnswer, pk=self.kwargs["pk"])
        delete_answer(answer=answer, by=self.request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(self.request, _("The answer is deleted."))
        return redirect("landing_answers_admin:index")


class CsvView(AskedView):
    """What the list shows, as a file with full numbers."""

    template_name = "landing/formanswer/csv.html"
    page_title = gettext_lazy("Export form answers")
    header_icon = "download"

    def found(self) -> QuerySet[FormAnswer]:
        query = QueryDict(self.request.GET.urlencode())
        filters = AnswerFilterSet(
            query, queryset=FormAnswer.objects.order_by("answered_at", "pk"), request=self.request
        )
        return filters.qs if filters.is_valid() else FormAnswer.objects.none()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(count=self.found().count(), **kwargs)

    def form_valid(self, form: ReasonForm) -> HttpResponse | StreamingHttpResponse:  # type: ignore[override]
        action, reason = AuditEntry.Action.LIST_EXPORTED, form.cleaned_data["reason"]
        note(action=action, by=self.request.user, now=timezone.now(), count=self.found().count(), reason=reason)
        # Lines are written when the request, and with it the workspace's clock, is over.
        zone = timezone.get_current_timezone()
        response = StreamingHttpResponse(csv_lines(self.found(), zone), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="answers.csv"'
        response.headers["Cache-Control"] = "no-store"
        return response


class Echo:
    """A file that gives back what is written to it: rows leave as they are made."""

    def write(self, value: str) -> str:
        return value


def csv_lines(answers: QuerySet[FormAnswer], zone: tzinfo) -> Iterator[str]:
    """A header, then a line for each answer; a question that any of them answered is a column.

    They are read twice, a piece at a time: memory does not grow with them.
    """
    questions = list(
        dict.fromkeys(name for answer in answers.defer("agreed").iterator(PIECE) for name in named(answer))
    )
    titles = dict(LandingPage.objects.filter(pk__in=answers.order_by().values("page")).values_list("pk", "title"))
    writer = csv.writer(Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow(["answered", "form", "page", *map(harmless, questions), "agreed", "offers_by_sms"])
    for answer in answers.iterator(PIECE):
        when = timezone.localtime(answer.answered_at, zone).isoformat(sep=" ", timespec="minutes")
        cells = [when, answer.form, titles.get(answer.page_id, ""), *_cells(answer, questions)]
        yield writer.writerow([harmless(cell) for cell in cells])


def named(answer: FormAnswer) -> dict[str, str]:
    """What was written, by question; the second of two that ask with the same words is numbered."""
    found: dict[str, str] = {}
    for label, text in answer.words:
        names = itertools.chain([label], (f"{label} ({number})" for number in itertools.count(2)))
        found[next(name for name in names if name not in found)] = text
    return found


def _cells(answer: FormAnswer, questions: list[str]) -> list[str]:
    words = named(answer)
    return [
        *(words.get(question, "") for question in questions),
        " / ".join(box["wording"] for box in answer.agreed),
        answer.sign_up,
    ]
