"""Whether the web addresses of a page answer."""

from datetime import datetime

from django_scopes import scope
from httpx import Response

from integrations.http import Call, CallFailed, NotSent, PrivateHost, request_all
from landing.contents import addresses_of
from landing.models import LandingPage, LinkTrial
from landing.placeholders import is_sample

MOST, SECONDS = 40, 10.0
NO_SUCH_HOST, PRIVATE, NO_ANSWER = "no such host", "private", "no answer"
# A shop may refuse whoever is no browser: that says nothing of its page.
DEAD = frozenset({404, 410})


def try_links(*, page: LandingPage, now: datetime) -> LinkTrial:
    """Ask for all web addresses of the latest version of the page, side by side, and keep what came of it."""
    latest = page.get_latest_revision_as_object() if page.latest_revision_id else page
    with scope(workspace=page.workspace):
        # An example leads nowhere anyway, and has a check of its own.
        wanted = [each for each in addresses_of(latest) if not is_sample(each)][:MOST]
        answers = request_all([Call("HEAD", each, only_public=True) for each in wanted], deadline_seconds=SECONDS)
        found = {each: trouble_of(answer) for each, answer in zip(wanted, answers, strict=True)}
        troubles = {address: trouble for address, trouble in found.items() if trouble}
        trial, _created = LinkTrial.objects.update_or_create(
            workspace=page.workspace, page=page, defaults={"tried_at": now, "troubles": troubles}
        )
    return trial


def trouble_of(answer: Response | CallFailed) -> str:
    if isinstance(answer, PrivateHost):
        return PRIVATE
    if isinstance(answer, NotSent):
        return NO_SUCH_HOST
    if isinstance(answer, CallFailed):
        return NO_ANSWER
    return str(answer.status_code) if answer.status_code in DEAD or answer.status_code >= 500 else ""
