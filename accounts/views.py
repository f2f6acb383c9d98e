"""Screens of the workspace itself: which one, who is in it, how it is set up."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView
from wagtail.admin import messages

from accounts.admin import SettingsView, WorkspacePage, WorkspaceViewMixin
from accounts.forms import InvitationForm, RoleForm, WorkspaceSettingsForm
from accounts.mail import MailNotSent
from accounts.middleware import SESSION_KEY
from accounts.models import OWNER_ONLY, Membership, Role, Workspace
from accounts.queries import members
from accounts.requests import MemberRequest
from accounts.services import LastOwner, add_member, invite_member, remove_member, update_workspace


class SwitchView(WorkspaceViewMixin, View):
    """Stand in another of one's workspaces."""

    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        if pk not in {membership.workspace_id for membership in request.memberships}:
            raise Http404
        request.session[SESSION_KEY] = pk
        return redirect("wagtailadmin_home")


class TeamView(WorkspacePage, FormView):
    """Who is in the workspace; the form adds one more."""

    roles = OWNER_ONLY
    request: MemberRequest
    form_class = InvitationForm
    template_name = "accounts/team.html"
    success_url = reverse_lazy("accounts:team")
    page_title = gettext_lazy("Team")
    header_icon = "group"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(members=members(), roles=Role.choices, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        email = form.cleaned_data["email"]
        try:
            invite_member(workspace=self.request.workspace, **form.cleaned_data)
            messages.success(self.request, _("%(email)s is in the team. We have written to them.") % {"email": email})
        except LastOwner:
            messages.error(self.request, last_owner())
        except MailNotSent:
            messages.warning(self.request, mail_not_sent(email))
        return super().form_valid(form)


class RoleView(WorkspaceViewMixin, View):
    """Give a member another role."""

    roles = OWNER_ONLY
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        membership = get_object_or_404(Membership, pk=pk)
        form = RoleForm(request.POST)
        if form.is_valid():
            self.change(request, membership, form.cleaned_data["role"])
        return redirect("accounts:team")

    def change(self, request: MemberRequest, membership: Membership, role: str) -> None:
        try:
            membership = add_member(workspace=request.workspace, user=membership.user, role=role)
            messages.success(request, str(membership))
        except LastOwner:
            messages.error(request, last_owner())


class RemoveView(WorkspaceViewMixin, View):
    """End a membership."""

    roles = OWNER_ONLY
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        membership = get_object_or_404(Membership, pk=pk)
        try:
            remove_member(membership=membership)
            messages.success(request, _("%(user)s has left the team.") % {"user": membership.user})
        except LastOwner:
            messages.error(request, last_owner())
        return redirect("accounts:team" if membership.user_id != request.user.pk else "wagtailadmin_home")


class WorkspaceSettingsView(SettingsView):
    form_class = WorkspaceSettingsForm
    template_name = "accounts/workspace_settings.html"
    success_url = reverse_lazy("accounts:settings")
    page_title = gettext_lazy("Workspace")
    header_icon = "cog"

    def get_instance(self) -> Workspace:
        """A copy: a refused form must not rename the workspace in the sidebar."""
        return Workspace.objects.get(pk=self.request.workspace.pk)

    def save(self, form: forms.Form) -> None:
        update_workspace(workspace=self.request.workspace, **form.cleaned_data)


def last_owner() -> str:
    return _("A workspace keeps at least one owner: make somebody else an owner first.")


def mail_not_sent(email: str) -> str:
    return _(
        "%(email)s is in the team, but our mail server did not take the invitation. Tell them to use “Forgotten"
        " password?” on the sign-in page, and have the mail settings checked."
    ) % {"email": email}
