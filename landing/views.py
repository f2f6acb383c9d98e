from django.http import HttpRequest, HttpResponse
from django_scopes import scopes_disabled
from wagtail.models import Page

from accounts.models import Workspace
from landing.models import Theme
from landing.rendering import page_response


def quiet_page(request: HttpRequest, page: Page) -> HttpResponse:
    """A plain page (the root of a workspace, the home of the site): who we are, and nothing else."""
    workspace = Workspace.objects.filter(root_page=page).first()
    with scopes_disabled():
        theme = Theme.of(workspace) if workspace else Theme()
    return page_response(
        "landing/quiet.html",
        {"workspace": workspace},
        choices=theme.choices,
        language=workspace.language if workspace else request.LANGUAGE_CODE,
        is_private=False,
    )
