"""Click ids: what a shop keeps of a visit that a short link led to it, and tells us with the order.

A token like that of a visit, under a key of its own: it greets nobody on a page of ours, and says for as long as an
order may be credited which code was opened, and when.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from django_scopes import scope

from accounts.models import Workspace
from shortlinks.models import QuietNumber, ShortDomain, ShortLink
from shortlinks.visits import VisitCipher, cipher_for, visit_at

# The parameter of an address, the cookie's and the cart's field: our modules know it by this name.
CLICK_ID = "smsc"


@dataclass(frozen=True, slots=True)
class KeptClick:
    """Whose code was opened, to the second."""

    link: ShortLink
    position: int
    clicked_at: datetime


def click_cipher_for(key: bytes) -> VisitCipher:
    return cipher_for(hmac.digest(key, b"click id", "sha256"))


def make_click_id(*, domain: ShortDomain, number: int, now: datetime) -> str:
    return click_cipher_for(domain.key).seal(number, int(now.timestamp()))


def click_id_of(*, workspace: Workspace, token: str) -> str:
    """What a page of ours hands on to a shop of the visit whose token it got; "" for what we did not make."""
    with scope(workspace=workspace):
        for domain in ShortDomain.objects.filter(workspace=workspace):
            if opened := cipher_for(domain.key).open(token):
                return click_cipher_for(domain.key).seal(*opened)
    return ""


def read_click_id(*, workspace: Workspace, text: str) -> KeptClick | None:
    """None for what we did not make, and for recipients who are not followed."""
    with scope(workspace=workspace):
        for domain in ShortDomain.objects.filter(workspace=workspace):
            if opened := click_cipher_for(domain.key).open(text):
                return _click_of(workspace, domain, *opened)
    return None


def _click_of(workspace: Workspace, domain: ShortDomain, number: int, seconds: int) -> KeptClick | None:
    visit = visit_at(workspace, domain, number)
    if visit is None or not visit.is_followed or QuietNumber.objects.filter(link=visit.link, number=number).exists():
        return None
    return KeptClick(visit.link, visit.position, datetime.fromtimestamp(seconds, UTC))
