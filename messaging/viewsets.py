"""Admin screens of messaging's settings: senders and team numbers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic.models import CreateView, IndexView

from accounts.admin import WorkspacePage, WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.requests import MemberRequest
from audience.phone import mask
from messaging.forms import CodeForm, SenderForm, TeamNumberForm
from messaging.models import Sender, TeamNumber
from messaging.services.batches import BadSender, BadText
from messaging.services.team import NoSender, TooManyTests, WrongCode, confirm, send_code

WRITERS = frozenset({Role.OWNER, Role.MARKETER})


class SenderIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Sender]:
        return super().get_base_queryset().select_related("account")


class SenderViewSet(WorkspaceViewSet):
    model = Sender
    name = "senders"
    url_namespace = "messaging_senders"
    url_prefix = "messaging/senders"
    icon = "tag"
    menu_label = gettext_lazy("Senders")
    menu_name = "senders"
    menu_order = 310
    add_to_settings_menu = True
    base_form_class = SenderForm
    index_view_class = SenderIndexView
    form_fields = ["name", "account"]
    list_display = ["name", Column("account", label=gettext_lazy("Gateway account"))]
    ordering = ["name"]


class TeamNumberCreateView(CreateView):
    def get_success_url(self) -> str:
        try_to_send_code(self.request, self.object)
        return reverse("messaging_team:confirm", args=[self.object.pk])


class TeamNumberViewSet(WorkspaceViewSet):
    model = TeamNumber
    name = "team_numbers"
    url_namespace = "messaging_team"
    url_prefix = "messaging/team"
    icon = "mobile-alt"
    menu_label = gettext_lazy("Team numbers")
    menu_name = "team-numbers"
    menu_order = 320
    add_to_settings_menu = True
    base_form_class = TeamNumberForm
    form_fields = ["name"]
    add_view_class = TeamNumberCreateView
    edit_template_name = "messaging/teamnumber/edit.html"
    list_display = [
        "name",
        Column("phone", label=gettext_lazy("Mobile number"), accessor=lambda number: mask(number.phone)),
        BooleanColumn(
            "confirmed_at", label=gettext_lazy("Confirmed"), accessor=lambda number: bool(number.confirmed_at)
        ),
    ]
    ordering = ["name"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("confirm/<int:pk>/", ConfirmView.as_view(), name="confirm"),
            path("code/<int:pk>/", SendCodeView.as_view(), name="code"),
        ]


class ConfirmView(WorkspacePage, FormView):
    """The owner of the number reads the code to whoever adds it."""

    roles = WRITERS
    form_class = CodeForm
    template_name = "messaging/teamnumber/confirm.html"
    page_title = gettext_lazy("Confirm a team number")
    header_icon = "mobile-alt"

    @cached_property
    def team_number(self) -> TeamNumber:
        return get_object_or_404(TeamNumber, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        phone = mask(self.team_number.phone)
        return super().get_context_data(team_number=self.team_number, phone=phone, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            confirm(team_number=self.team_number, code=form.cleaned_data["code"], now=timezone.now())
        except WrongCode as error:
            form.add_error("code", str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("%(name)s is confirmed: tests may go there.") % {"name": self.team_number})
        return redirect("messaging_team:index")


class SendCodeView(WorkspaceViewMixin, View):
    """Another code."""

    roles = WRITERS
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        try_to_send_code(request, get_object_or_404(TeamNumber, pk=pk))
        return redirect("messaging_team:confirm", pk)


def try_to_send_code(request: Any, team_number: TeamNumber) -> None:
    try:
        send_code(team_number=team_number, now=timezone.now())
        messages.info(request, _("A code is on its way to %(phone)s.") % {"phone": mask(team_number.phone)})
    except (NoSender, TooManyTests, BadSender, BadText) as error:
        messages.error(request, str(error))
