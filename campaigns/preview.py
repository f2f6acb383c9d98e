"""What a draft looks like on the phones of real recipients."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audience.models import Contact
from campaigns.review import Review
from integrations.gateways.encoding import split_parts

SHOWN = 8


@dataclass(frozen=True)
class Screen:
    """One recipient's phone: the text as the operator cuts it."""

    title: str
    note: str
    parts: list[str]
    is_worst: bool = False


def screens(review: Review) -> list[Screen]:
    """The first recipients, and the one who gets the most parts; a made-up one where there is nobody."""
    if not review.campaign.text.strip():
        return []
    people = list(_people(review))
    if not people:
        return [Screen(_("Example"), _("nobody in particular"), split_parts(review.render(None)))]
    return [_screen(review, contact, place) for place, contact in enumerate(people)]


def _people(review: Review) -> Iterator[Contact]:
    """The worst case last."""
    if review.campaign.audience is None:
        return
    first = list(review.readers.defer("phone").order_by("pk")[:SHOWN])
    yield from (contact for contact in first if contact != review.worst)
    if review.worst:
        yield review.worst


def _screen(review: Review, contact: Contact, place: int) -> Screen:
    facts = [contact.city, contact.phone_hint]
    return Screen(
        title=contact.full_name or contact.phone_hint,
        note=" · ".join(fact for fact in facts if fact),
        parts=split_parts(review.render(contact)),
        is_worst=contact == review.worst,
    )
