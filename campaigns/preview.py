"""What a draft looks like on the phones of real recipients."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audience.models import Contact
from campaigns.review import Review
from integrations.gateways.encoding import Encoding, measure, split_parts

SHOWN = 8


@dataclass(frozen=True)
class Screen:
    """One recipient's phone: the text as the operator cuts it. No number but the masked one."""

    title: str
    note: str
    parts: list[str]
    is_plain: bool = True
    is_worst: bool = False


def screens(review: Review) -> list[Screen]:
    """The one who gets the most parts, then the first recipients; a made-up one where there is nobody."""
    if not review.campaign.text.strip():
        return []
    people = list(_people(review))
    if not people:
        return [_screen(review.render(None), _("Example"), _("nobody in particular"))]
    return [_screen_of(review, contact) for contact in people]


def _people(review: Review) -> Iterator[Contact]:
    """The worst case first."""
    if review.campaign.audience is None:
        return
    if review.worst:
        yield review.worst
    first = list(review.readers.defer("phone").order_by("pk")[:SHOWN])
    yield from (contact for contact in first if contact != review.worst)


def _screen_of(review: Review, contact: Contact) -> Screen:
    facts = [contact.city, contact.phone_hint if contact.full_name else ""]
    note = " · ".join(fact for fact in facts if fact)
    text, is_worst = review.render(contact), contact == review.worst
    return _screen(text, contact.full_name or contact.phone_hint, note, is_worst=is_worst)


def _screen(text: str, title: str, note: str, *, is_worst: bool = False) -> Screen:
    return Screen(title, note, split_parts(text), measure(text).encoding == Encoding.GSM_7, is_worst)
