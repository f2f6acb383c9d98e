"""Reads of landing pages that other rooms share."""

from django.conf import settings
from wagtail.models import Page

from accounts.models import Workspace
from integrations.models import GatewayAccount


def workspace_of(page: Page) -> Workspace | None:
    """Pages take their workspace from the root they stand under."""
    return Workspace.objects.filter(root_page__in=page.get_ancestors(inclusive=True)).first()


def public_url(page: Page) -> str:
    """Where visitors open the page: on the workspace's own host, or on the installation's."""
    site_id, root_url, path = page.get_url_parts()
    has_own_host = Workspace.objects.filter(site=site_id).exists()
    return f"{root_url if has_own_host else settings.BASE_URL}{path}"


def stop_number_of(workspace: Workspace) -> str:
    """Where the workspace's recipients send STOP; empty where its accounts have none, or not the same one."""
    accounts = GatewayAccount.objects.filter(workspace=workspace, is_enabled=True)
    numbers = set(accounts.values_list("stop_number", flat=True))
    return numbers.pop() if len(numbers) == 1 else ""
