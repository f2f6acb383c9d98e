"""The screens of an import: the file, the decisions, the progress, and what was refused."""

from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.models import CreateView, IndexView, InspectView

from accounts.admin import WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.requests import MemberRequest
from audience.columns import HEADERS, PHONE
from audience.import_forms import COLUMN, PlanForm, UploadForm
from audience.models import AuditEntry, ContactImport, ContactList
from audience.preview import choices_of, may_use_orders, preview
from audience.queries import settings_of
from audience.services.audit import note
from audience.services.imports import (
    WrongState,
    cancel_import,
    choose_sheet,
    launch_import,
    propose_columns,
    reasons_of,
    refused_lines,
    save_draft,
    take_back,
)
from audience.sheets.rejects import rejects_file
from audience.sheets.text import UnreadableFile
from audience.spool import Spool
from audience.tasks import NobodyAwake, wake_importer

IMPORT_COUNTS = [
    ("added", pgettext_lazy("contacts", "Added")),
    ("known", _("Already known")),
    ("rejected", _("Refused")),
]
NOT_STARTED = _(
    "The import has not started: the queue that wakes the workers does not answer. The file and everything you decided "
    "are kept: import again in a while, and tell whoever runs this site if it lasts."
)
BRINGERS = frozenset({Role.OWNER, Role.MARKETER})


def speed_of(contact_import: ContactImport) -> int:
    """Lines a second, since the worker began; nothing as long as there is nothing to tell."""
    end = contact_import.finished_at or contact_import.touched_at
    seconds = (end - contact_import.started_at).total_seconds() if contact_import.started_at else 0
    return round(contact_import.lines_seen / seconds) if seconds > 1 else 0


def names_of(contact_import: ContactImport) -> list[str]:
    """Names of the columns; where the file has none, such as will be understood when it is brought again."""
    named = zip_longest(contact_import.header, contact_import.columns, fillvalue="")
    return [name or HEADERS.get(key, [key])[0] for name, key in named]


class ImportIndexView(IndexView):
    default_ordering = "-created_at"

    def get_base_queryset(self) -> QuerySet[ContactImport]:
        return super().get_base_queryset().select_related("contact_list")


class ImportCreateView(CreateView):
    """Step 1: the file. The others follow once it is known what is in it."""

    page_title = _("Bring in contacts")
    success_message = None
    submit_button_label = _("Read the file")
    submit_button_active_label = _("Reading…")

    def get_success_url(self) -> str:
        return reverse("audience_imports:plan", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class PlanView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Steps 2 and 3: columns with verdicts, and the proof. Every POST keeps what was decided so far."""

    roles = BRINGERS
    template_name = "audience/contactimport/plan.html"
    header_icon = "upload"
    _show_breadcrumbs = True

    @cached_property
    def draft(self) -> ContactImport:
        rows = ContactImport.objects.select_related("workspace", "contact_list")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_page_title(self) -> str:
        return self.draft.file_name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        index = {"url": reverse("audience_imports:index"), "label": _("Imports")}
        return [*super().get_breadcrumbs_items(), index, {"url": "", "label": self.draft.file_name}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.draft.is_draft:
            return redirect("audience_imports:inspect", self.draft.pk)
        return self._page(PlanForm(instance=self.draft))

    def post(self, request: MemberRequest, pk: int) -> HttpResponseBase:
        if self.draft.is_draft:
            with suppress(WrongState):  # launched or dropped meanwhile, in another tab
                return self._decide(request)
        return redirect("audience_imports:inspect", pk)

    def _decide(self, request: MemberRequest) -> HttpResponseBase:
        before = self.draft.delimiter, self.draft.encoding
        form = PlanForm(request.POST, instance=self.draft)
        form.full_clean()
        save_draft(contact_import=form.decided())
        reading = self._read_again(form, before)
        wants_launch = {"action-launch", "action-bare"} & set(request.POST)
        if not wants_launch or reading:
            if request.headers.get("X-Requested-With"):
                return render(request, "audience/contactimport/reading.html", self._context(form, reading))
            return self._page(form, reading) if reading else redirect("audience_imports:plan", self.draft.pk)
        return self._launch(form, with_proof="action-launch" in request.POST)

    def _read_again(self, form: PlanForm, before: tuple[str, str]) -> list[str]:
        """Another sheet, separator, encoding or header: the columns are proposed anew. Answers what went wrong."""
        draft, chosen = self.draft, form.cleaned_data
        sheet, has_header = chosen.get("sheet") or draft.sheet, chosen.get("has_header")
        has_header = draft.has_header if has_header in ("", None) else has_header
        try:
            if sheet != draft.sheet:
                choose_sheet(contact_import=draft, sheet=sheet)
            elif (draft.delimiter, draft.encoding) != before or has_header != draft.has_header:
                draft.has_header = has_header
                propose_columns(contact_import=draft)
        except UnreadableFile as error:
            draft.refresh_from_db()
            return [str(error.reason)]
        return []

    def _launch(self, form: PlanForm, *, with_proof: bool) -> HttpResponseBase:
        problems = form.problems(with_proof=with_proof)
        if problems or not form.is_valid():
            return self._page(form, problems)
        draft = form.decided()
        draft.grants = with_proof
        try:
            with transaction.atomic():
                if name := form.cleaned_data["new_list"]:
                    draft.contact_list = ContactList.objects.create(workspace=draft.workspace, name=name)
                launch_import(contact_import=draft, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]
                transaction.on_commit(partial(wake_importer, draft.pk))
        except NobodyAwake:
            take_back(contact_import=draft)
            return self._page(PlanForm(instance=draft), [str(NOT_STARTED)])
        return redirect("audience_imports:inspect", draft.pk)

    def _page(self, form: PlanForm, problems: list[str] | None = None) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**self._context(form, problems or [])))

    def _context(self, form: PlanForm, problems: list[str]) -> dict[str, Any]:
        draft = self.draft
        found = preview(contact_import=draft, now=timezone.now())
        choices = choices_of(draft)
        columns = [
            {"name": f"{COLUMN}{at}", "label": found.label(at), "chosen": key} for at, key in enumerate(draft.columns)
        ]
        return {
            "form": form,
            "object": draft,
            "found": found,
            "choices": choices,
            "columns": columns,
            "ignored": [column["label"] for column in columns if not column["chosen"]],
            "used": sum(bool(key) for key in draft.columns),
            "phone_at": draft.columns.index(PHONE) if PHONE in draft.columns else None,
            "is_whole": draft.lines_total <= found.checked,
            "has_orders": may_use_orders(settings_of(draft.workspace)),
            "problems": problems,
            "missing": (form.missing_proof() or [""])[0],
        }


class ImportInspectView(InspectView):
    page_title = pgettext_lazy("noun", "Import")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.is_draft and request.role in BRINGERS:
            return redirect("audience_imports:plan", self.object.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bring, digest = self.object, self.object.file_hash.hex()
        return super().get_context_data(
            reasons=reasons_of(bring),
            speed=speed_of(bring),
            fingerprint=f"{digest[:4]}…{digest[-4:]}",
            may_change=self.request.role in BRINGERS,
            **kwargs,
        )

    def get_template_names(self) -> list[str]:
        """The fragment alone, when the page asks for news of itself."""
        if self.request.headers.get("X-Requested-With"):
            return ["audience/contactimport/progress.html"]
        return super().get_template_names()


class CancelView(WorkspaceViewMixin, View):
    """Stops it: what is in stays in."""

    roles = BRINGERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        contact_import = get_object_or_404(ContactImport, pk=pk)
        try:
            cancel_import(contact_import=contact_import, now=timezone.now())
        except WrongState:
            messages.error(request, _("This import has ended already."))
        return redirect("audience_imports:inspect", pk)


class RejectsView(WorkspaceViewMixin, View):
    """The refused lines as CSV, to be mended and brought again. They hold people: taking them is noted."""

    roles = BRINGERS
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> StreamingHttpResponse:
        contact_import: ContactImport = get_object_or_404(ContactImport.objects.select_related("workspace"), pk=pk)
        note(
            action=AuditEntry.Action.LIST_EXPORTED,
            by=request.user,
            now=timezone.now(),
            count=contact_import.rejected,
            reason=gettext("refused lines of import %(number)s") % {"number": pk},
        )
        # Written at once: what comes later would be read outside of the workspace's scope.
        file = Spool()
        for line in rejects_file(names_of(contact_import), refused_lines(contact_import)):
            file.write(line.encode())
        response = StreamingHttpResponse(file, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="refused-{pk}.csv"'
        return response


class ImportViewSet(WorkspaceViewSet):
    """Imports are made and looked at, never edited."""

    model = ContactImport
    name = "imports"
    url_namespace = "audience_imports"
    url_prefix = "audience/imports"
    icon = "upload"
    menu_label = _("Imports")
    base_form_class = UploadForm
    index_view_class = ImportIndexView
    add_view_class = ImportCreateView
    create_template_name = "audience/contactimport/create.html"
    inspect_template_name = "audience/contactimport/inspect.html"
    inspect_view_class = ImportInspectView
    inspect_view_enabled = True
    list_display = [
        "file_name",
        Column("contact_list", label=_("List"), classname="ch-hide-s"),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda item: item.state == ContactImport.State.RUNNING,
        ),
        *(Column(name, label=label) for name, label in IMPORT_COUNTS),
        DateColumn("created_at", label=_("Started"), sort_key="created_at", classname="ch-hide-s"),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = {"edit_url_name": None, "delete_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**absent, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = {"index", "index_results", "add", "inspect"}
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name in kept]
        return [
            *patterns,
            path("plan/<int:pk>/", PlanView.as_view(), name="plan"),
            path("cancel/<int:pk>/", CancelView.as_view(), name="cancel"),
            path("refused/<int:pk>/", RejectsView.as_view(), name="rejects"),
        ]
