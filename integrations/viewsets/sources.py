"""Sources of events: where a program of the merchant's own calls, how, and what came of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.models import EditView, IndexView

from accounts.admin import (
    WorkspaceCreateView,
    WorkspaceDeleteView,
    WorkspaceForm,
    WorkspaceViewMixin,
    WorkspaceViewSet,
)
from accounts.models import Role
from accounts.requests import MemberRequest
from integrations.examples import PHONE, examples
from integrations.models import EventSource
from integrations.outcomes import in_words
from integrations.queries import event_address
from integrations.services.sources import make_source, rotate_secret, secret_to_show

LATEST = 50
OWNERS = frozenset({Role.OWNER})


class SourceForm(WorkspaceForm):
    instance: EventSource

    class Meta:
        model = EventSource
        fields = ["name"]
        help_texts = {
            "name": _("The program that will call, such as Appointments or Till. Its address and secret come next.")
        }

    def save(self, commit: bool = True) -> EventSource:
        if self.instance.pk:
            return super().save(commit)
        self.instance = make_source(workspace=self.instance.workspace, name=self.cleaned_data["name"])
        return self.instance


class SourceEditForm(SourceForm):
    class Meta(SourceForm.Meta):
        fields = ["name", "is_enabled"]


class SourceIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[EventSource]:
        return super().get_base_queryset().defer("credentials")

    def get_edit_url(self, instance: EventSource) -> str | None:
        """A click on the name shows how to call, and what came of the calls."""
        return self.get_inspect_url(instance)


class SourceCreateView(WorkspaceCreateView):
    page_title = _("Add a source of events")
    success_message = _("“%(object)s” is ready: show its secret, and copy the example.")

    def get_success_url(self) -> str:
        return reverse("event_sources:inspect", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class SourceEditView(EditView):
    def get_success_url(self) -> str:
        return reverse("event_sources:inspect", args=[self.object.pk])


class SourceDeleteView(WorkspaceDeleteView):
    consequences = _(
        "Its address and its secret count no more, and its calls are forgotten; the automations stay and wait for "
        "another source. To stop for a while, switch it off in its settings."
    )


class SourceView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Its address, an example to copy, and what came of the latest calls."""

    template_name = "integrations/source/inspect.html"
    page_title = _("Source of events")
    header_icon = "code"
    request: MemberRequest
    # The secret, in the answer to who asked for it.
    secret = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sources = EventSource.objects.select_related("workspace")
        self.source: EventSource = get_object_or_404(sources, pk=self.kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("event_sources:index"), "label": _("Sources of events")},
            {"url": "", "label": str(self.source)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        latest = self.source.deliveries.defer("body", "context").order_by("-received_at", "-pk")[:LATEST]
        return super().get_context_data(
            source=self.source,
            address=event_address(self.source),
            secret=self.secret,
            is_owner=self.request.role in OWNERS,
            examples=examples(self.source, self.example(), self.secret).items(),
            deliveries=[(delivery, in_words(delivery.outcome)) for delivery in latest],
            **kwargs,
        )

    def example(self) -> dict[str, object]:
        """The latest event that was told, or else one that anybody understands."""
        latest = self.source.deliveries.order_by("-received_at", "-pk").values_list("topic", flat=True).first()
        moment = timezone.localtime().replace(microsecond=0).isoformat()
        return {
            "event": latest or "appointment_booked",
            "phone": PHONE,
            "occurred_at": moment,
            "fields": {"service": "coupe"},
        }


class SecretView(SourceView):
    """The secret, once; it is never shown again."""

    roles = OWNERS
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        source: EventSource = get_object_or_404(EventSource.objects.all(), pk=pk)
        if "new" in request.POST:
            source = rotate_secret(source=source)
        self.secret = secret_to_show(source=source)
        if not self.secret:
            return redirect("event_sources:inspect", pk)
        return self.get(request, pk=pk)


class EventSourceViewSet(WorkspaceViewSet):
    model = EventSource
    name = "event_sources"
    url_namespace = "event_sources"
    url_prefix = "integrations/sources"
    icon = "code"
    menu_label = _("Sources of events")
    menu_name = "event-sources"
    menu_order = 330
    add_to_settings_menu = True
    base_form_class = SourceForm
    index_view_class = SourceIndexView
    add_view_class = SourceCreateView
    edit_view_class = SourceEditView
    delete_view_class = SourceDeleteView
    inspect_view_enabled = True
    list_display = [
        "name",
        StatusTagColumn(
            "is_enabled",
            label=_("State"),
            accessor=lambda source: _("on") if source.is_enabled else _("off"),
            primary=lambda source: source.is_enabled,
        ),
        DateColumn("last_call_at", label=_("Last call"), sort_key="last_call_at"),
        Column("refused_webhooks", label=_("Refused calls")),
    ]

    def get_form_class(self, for_update: bool = False) -> type[WorkspaceForm]:
        return SourceEditForm if for_update else SourceForm

    def get_urlpatterns(self) -> list[URLPattern]:
        given = [each for each in super().get_urlpatterns() if each.name != "inspect"]
        return [
            *given,
            path("inspect/<int:pk>/", SourceView.as_view(), name="inspect"),
            path("secret/<int:pk>/", SecretView.as_view(), name="secret"),
        ]
