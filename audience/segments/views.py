"""The rule builder, the list of segments, and what may be done with one."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.models import CreateView, EditView, IndexView

from accounts.admin import WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.requests import MemberRequest
from accounts.templatetags.ch import whole
from audience import registry
from audience.models import Contact, Segment
from audience.segments.conditions import Catalogue
from audience.segments.forms import SegmentForm
from audience.segments.reading import catalogue_of, contacts_matching, rules_of
from audience.segments.rules import ALL, BadRules, Group, parse
from audience.segments.services import copy_segment, count_segment, freeze_segment
from audience.segments.words import OPENINGS, Explained, explain, in_one_line

WRITERS = frozenset({Role.OWNER, Role.MARKETER})
SHOWN = 6
EVERYBODY: dict[str, Any] = {"match": ALL, "rules": []}


@dataclass(frozen=True)
class Result:
    """Who the rules mean now: counted, explained, a few of them shown. Or why the rules can't be asked."""

    problem: str = ""
    told: Explained | None = None
    reach: registry.Explanation | None = None
    sample: tuple[Contact, ...] = ()


def result_of(data: Any, catalogue: Catalogue, now: datetime) -> Result:
    """Two queries besides the catalogue's."""
    try:
        rules = parse(data, catalogue)
    except BadRules as error:
        return Result(str(error))
    return _result(rules, catalogue, now)


def _result(rules: Group, catalogue: Catalogue, now: datetime) -> Result:
    contacts = contacts_matching(rules, workspace=catalogue.workspace, now=now)
    sample = contacts.order_by("-pk").defer("phone")[:SHOWN]
    return Result("", explain(rules, catalogue), registry.explain(contacts, now=now), tuple(sample))


def builder_facts(catalogue: Catalogue) -> dict[str, Any]:
    """What static/audience/rules.js draws from."""
    return {
        "conditions": catalogue.facts(),
        "openings": [(match, str(words)) for match, words in OPENINGS.items()],
        "words": {
            "condition": _("Condition"),
            "addCondition": _("Add a condition"),
            "addGroup": _("Add a group"),
            "choose": _("Choose…"),
            "group": _("Group of conditions"),
            "how": _("Comparison"),
            "matches": _("Whoever meets"),
            "remove": _("Remove this condition"),
            "removeGroup": _("Remove this group"),
        },
    }


class BuilderMixin:
    """Saving stays in the builder, and counts."""

    success_message = None
    object: Segment
    request: MemberRequest

    def save_instance(self) -> Segment:
        segment: Segment = super().save_instance()  # type: ignore[misc]
        return count_segment(segment=segment, now=timezone.now())

    def get_success_url(self) -> str:
        messages.success(self.request, _("The segment “%(name)s” is saved.") % {"name": self.object})
        return reverse("audience_segments:edit", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        form: SegmentForm = context["form"]
        rules = form["rules"].value()
        written = rules if rules and isinstance(rules, str) else json.dumps(rules or EVERYBODY)
        result = result_of(written, form.catalogue, timezone.now())
        return context | {"written": written, "facts": builder_facts(form.catalogue), "result": result}


class SegmentCreateView(BuilderMixin, CreateView):
    page_title = gettext_lazy("New segment")

    def get_initial(self) -> dict[str, Any]:
        """A report can propose rules; nothing is kept before somebody saves."""
        asked = self.request.GET
        return {"rules": asked.get("rules", ""), "name": asked.get("name", "")[:120]}


class SegmentEditView(BuilderMixin, EditView):
    def get_success_buttons(self) -> list[Any]:
        return []


class ResultView(WorkspaceViewMixin, View):
    """The builder asks while somebody builds; nothing is saved."""

    roles = WRITERS

    def post(self, request: MemberRequest) -> HttpResponse:
        result = result_of(request.POST.get("rules", ""), catalogue_of(request.workspace), timezone.now())
        return render(request, "audience/segment/result.html", {"result": result})


class CopyView(WorkspaceViewMixin, View):
    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        copy = copy_segment(segment=get_object_or_404(Segment, pk=pk))
        return redirect("audience_segments:edit", copy.pk)


class FreezeView(WorkspaceViewMixin, View):
    """A list of those who match now."""

    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        segment = get_object_or_404(Segment, pk=pk)
        try:
            frozen = freeze_segment(segment=segment, now=timezone.now())
        except BadRules as error:
            messages.error(request, str(error))
            return redirect("audience_segments:edit", pk)
        messages.success(request, _("The list “%(name)s” is made: it stays as it is.") % {"name": frozen})
        return redirect("audience_lists:edit", frozen.pk)


class SegmentIndexView(IndexView):
    default_ordering = "name"

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.request.workspace)

    def get_base_queryset(self) -> QuerySet[Segment]:
        return super().get_base_queryset().select_related("workspace")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for segment in context["object_list"]:
            segment.told = self._told(segment)
        return context

    def _told(self, segment: Segment) -> str:
        try:
            return in_one_line(rules_of(segment, self.catalogue), self.catalogue)
        except BadRules as error:
            return str(error)


class SegmentViewSet(WorkspaceViewSet):
    model = Segment
    name = "segments"
    url_namespace = "audience_segments"
    url_prefix = "audience/segments"
    icon = "crosshairs"
    menu_label = gettext_lazy("Segments")
    base_form_class = SegmentForm
    index_view_class = SegmentIndexView
    add_view_class = SegmentCreateView
    edit_view_class = SegmentEditView
    create_template_name = edit_template_name = "audience/segment/edit.html"
    index_results_template_name = "audience/segment/index_results.html"
    search_fields = ["name"]
    list_display = [
        "name",
        Column("told", label=gettext_lazy("Who"), accessor="told", classname="ch-hide-s"),
        Column("counted", label=gettext_lazy("Contacts"), accessor=lambda segment: whole(segment.counted)),
        DateColumn("counted_at", label=gettext_lazy("Counted"), sort_key="counted_at", classname="ch-hide-s"),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("count/", ResultView.as_view(), name="count"),
            path("<int:pk>/copy/", CopyView.as_view(), name="copy"),
            path("<int:pk>/freeze/", FreezeView.as_view(), name="freeze"),
        ]
