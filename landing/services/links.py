"""Links follow the pages they lead to."""

from django.db import transaction
from django_scopes import scope
from wagtail.models import Page

from landing.models import LandingPage
from landing.queries import public_url, workspace_of
from shortlinks.models import ShortLink
from shortlinks.services import publish_link


def follow_page(*, page: Page, before: Page) -> int:
    """Links to the page, and to pages below it, lead to where it stands now."""
    return _retarget(page, public_url(before), public_url(page))


def lead_links_home(*, page: LandingPage) -> int:
    """The page went offline: its links lead to the brand's neutral page, and remember where they led.

    Links to a page that has expired stay: it says so itself.
    """
    if page.expired:
        return 0
    return _retarget(page, public_url(page), _home_of(page))


def bring_links_back(*, page: LandingPage) -> int:
    """The page is online: links that had to leave it lead to it again."""
    return _retarget(page, _home_of(page), public_url(page))


def _home_of(page: LandingPage) -> str:
    """The neutral page, with a mark behind it that is the page's own and survives a change of address."""
    return f"{public_url(page.workspace.root_page)}#page-{page.pk}-"


@transaction.atomic
def _retarget(page: Page, old_url: str, new_url: str) -> int:
    """Rewrite the beginning of the workspace's link targets; the number of links."""
    workspace = workspace_of(page)
    if workspace is None or old_url == new_url:
        return 0
    with scope(workspace=workspace):
        links = list(ShortLink.objects.filter(workspace=workspace, target_url__startswith=old_url))
        for link in links:
            link.target_url = new_url + link.target_url[len(old_url) :]
            publish_link(link=link)
    return len(links)
