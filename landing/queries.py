"""Reads of landing pages that other rooms share."""

from django.conf import settings
from wagtail.models import Page

from accounts.models import Workspace


def workspace_of(page: Page) -> Workspace | None:
    """Pages take their workspace from the root they stand under."""
    return Workspace.objects.filter(root_page__in=page.get_ancestors(inclusive=True)).first()


def public_url(page: Page) -> str:
    """Where visitors open the page: on the workspace's own host, or on the installation's."""
    site_id, root_url, path = page.get_url_parts()
    has_own_host = Workspace.objects.filter(site=site_id).exists()
    return f"{root_url if has_own_host else settings.BASE_URL}{path}"
