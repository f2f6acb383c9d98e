"""Items of the sidebar: the workspace switch for members of several, team and settings for owners."""

from django.urls import reverse
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import ActionMenuItem, SubMenuItem

from accounts.models import Role
from accounts.requests import SiteRequest


class WorkspaceSwitch(MenuItem):
    """Named after the workspace one stands in; each of its items posts."""

    def is_shown(self, request: SiteRequest) -> bool:
        return len(request.memberships) > 1

    def render_component(self, request: SiteRequest) -> SubMenuItem:
        items = [
            ActionMenuItem(
                f"workspace-{membership.workspace_id}",
                membership.workspace.name,
                reverse("accounts:switch", args=[membership.workspace_id]),
                icon_name="check" if membership.workspace == request.workspace else "site",
            )
            for membership in request.memberships
        ]
        return SubMenuItem(self.name, str(request.workspace), items, icon_name=self.icon_name)


class OwnersMenuItem(MenuItem):
    def is_shown(self, request: SiteRequest) -> bool:
        return request.role == Role.OWNER
