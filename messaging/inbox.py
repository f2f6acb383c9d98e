"""The inbox: what people wrote to us, what was understood, and what somebody makes of it."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.models import IndexView, InspectView

from accounts.admin import WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.queries import members
from accounts.requests import MemberRequest
from audience.models import Contact
from audience.phone import mask
from audience.queries import former_holders
from messaging.models import InboundMessage
from messaging.services import inbox
from messaging.services.batches import BadSender, BadText
from messaging.services.inbound import confirm_stop, release_hold

WRITERS = frozenset({Role.OWNER, Role.MARKETER})
WHICH = [("open", gettext_lazy("To do")), ("unread", gettext_lazy("Unread")), ("held", gettext_lazy("To decide"))]


class InboxFilterSet(WagtailFilterSet):
    which = django_filters.ChoiceFilter(
        label=gettext_lazy("Which"), choices=WHICH, method="filter_which", widget=forms.RadioSelect
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Meaning"), choices=InboundMessage.Kind.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = InboundMessage
        fields = ["kind"]

    def filter_which(self, rows: QuerySet[InboundMessage], name: str, value: str) -> QuerySet[InboundMessage]:
        wanted: dict[str, dict[str, Any]] = {
            "open": {"kind": InboundMessage.Kind.REPLY, "done_at": None},
            "unread": {"kind": InboundMessage.Kind.REPLY, "read_at": None},
            "held": {"holds_marketing": True},
        }
        return rows.filter(**wanted[value])


class InboxIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[InboundMessage]:
        rows = super().get_base_queryset().select_related("contact", "assigned_to")
        return rows.order_by("-received_at", "-pk")


class InboxInspectView(InspectView):
    page_title = gettext_lazy("Message from")

    def get_page_subtitle(self) -> str:
        return writer_of(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            phone=mask(self.object.phone),
            may_act=self.request.role in WRITERS,
            colleagues=[membership.user for membership in members()],
            has_details=bool(self.object.workspace.contact_details),
            understood=standing_of(self.object),
            former_holders=self.former_holders(),
            **kwargs,
        )

    def former_holders(self) -> list[Contact]:
        """Nobody's, once what was written is erased."""
        if not self.object.phone:
            return []
        return list(former_holders(workspace=self.object.workspace, phone=self.object.phone))


def writer_of(inbound: InboundMessage) -> str:
    return str(inbound.contact) if inbound.contact else mask(inbound.phone)


def url_of(inbound: InboundMessage) -> str:
    return reverse("messaging_inbox:inspect", args=[inbound.pk])


def standing_of(inbound: InboundMessage) -> str:
    """What was understood, in words."""
    return _("to be read: “stop”?") if inbound.holds_marketing else inbound.get_kind_display()


def state_of(inbound: InboundMessage) -> str:
    """How far somebody is with it; what is obeyed by itself needs nobody."""
    if not inbound.holds_marketing and (inbound.kind != InboundMessage.Kind.REPLY or inbound.done_at):
        return _("done")
    if inbound.assigned_to:
        return str(inbound.assigned_to)
    return _("read") if inbound.read_at else _("unread")


class InboxViewSet(WorkspaceViewSet):
    """What people wrote to us: read, never edited."""

    model = InboundMessage
    name = "inbox"
    url_namespace = "messaging_inbox"
    url_prefix = "messaging/inbox"
    icon = "mail"
    menu_label = gettext_lazy("Inbox")
    menu_order = 700
    add_to_admin_menu = True
    index_view_class = InboxIndexView
    inspect_view_class = InboxInspectView
    inspect_view_enabled = True
    inspect_template_name = "messaging/inboundmessage/inspect.html"
    index_results_template_name = "messaging/inboundmessage/index_results.html"
    form_fields = ["kind"]
    filterset_class = InboxFilterSet
    list_display = [
        TitleColumn("writer", label=gettext_lazy("From"), accessor=writer_of, get_url=url_of),
        Column("text", label=gettext_lazy("Message"), accessor=lambda inbound: Truncator(inbound.text).chars(90)),
        StatusTagColumn(
            "standing",
            label=gettext_lazy("Meaning"),
            accessor=standing_of,
            primary=lambda inbound: inbound.holds_marketing,
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor=state_of,
            primary=lambda inbound: inbound.is_waiting,
            classname="ch-hide-s",
        ),
        DateColumn("received_at", label=gettext_lazy("Received"), classname="ch-hide-s"),
    ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = ("add_url_name", "edit_url_name", "delete_url_name", "history_url_name", "usage_url_name")
        return super().get_common_view_kwargs(**dict.fromkeys(absent), **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = {"index", "index_results", "inspect"}
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name in kept]
        return [
            *patterns,
            path("decide/<int:pk>/", DecideView.as_view(), name="decide"),
            path("act/<int:pk>/", ActView.as_view(), name="act"),
        ]


class DecideView(WorkspaceViewMixin, View):
    """Somebody has read it: a wish to stop, or none."""

    roles = WRITERS
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        asks = Q(kind=InboundMessage.Kind.REPLY) | Q(holds_marketing=True)
        inbound = get_object_or_404(InboundMessage, asks, pk=pk)
        decide = confirm_stop if "stop" in request.POST else release_hold
        decide(inbound=inbound, now=timezone.now(), by=request.user)
        messages.success(request, _("Noted."))
        return redirect("messaging_inbox:index")


class ActView(WorkspaceViewMixin, View):
    """Read, done, whose it is, and the answer that the law allows."""

    roles = WRITERS
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        inbound, now = get_object_or_404(InboundMessage, pk=pk), timezone.now()
        match request.POST.get("act"):
            case "read" | "unread" as act:
                inbox.mark(inbound=inbound, is_read=act == "read", now=now)
            case "done" | "open" as act:
                inbox.finish(inbound=inbound, is_done=act == "done", now=now)
            case "assign":
                chosen = request.POST.get("to", "")
                colleague = members().filter(user=int(chosen)).first() if chosen.isdecimal() else None
                inbox.assign(inbound=inbound, to=colleague.user if colleague else None)
            case "details":
                self.send_details(inbound)
        return redirect("messaging_inbox:inspect", pk)

    def send_details(self, inbound: InboundMessage) -> None:
        try:
            inbox.send_details(inbound=inbound, now=timezone.now())
            messages.success(self.request, _("Your contact details are on their way."))
        except (inbox.NoAnswer, BadSender, BadText) as error:
            messages.error(self.request, str(error))
