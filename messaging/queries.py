"""Reads of messaging that other rooms share."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django_scopes import scope

from accounts.models import Workspace
from audience.models import Contact
from audience.queries import contact_of
from messaging.audience import explain_audience, writable_contacts, written_to_since
from messaging.forecast import finish_of
from messaging.health import standing_of
from messaging.models import Attempt, BatchLink, InboundMessage, Message
from shortlinks.models import Click, ShortLink, Verdict
from shortlinks.signals import Told
from shortlinks.visits import read_visit

__all__ = ["explain_audience", "finish_of", "standing_of", "writable_contacts", "written_to_since"]

# SQLite takes this many numbers in one question, with room to spare.
PIECE = 500


def message_at(*, link: ShortLink, position: int) -> Message | None:
    """Who a code belongs to."""
    with scope(workspace=link.workspace):
        messages = Message.objects.filter(batch__links__link=link, position=position)
        return messages.select_related("batch", "contact", "team_number").first()


def recipient_at(*, link: ShortLink, position: int) -> Contact | None:
    """The contact a code belongs to. Only what a page may greet them by is loaded: it is asked with every visit."""
    with scope(workspace=link.workspace):
        contacts = Contact.objects.filter(messages__batch__links__link=link, messages__position=position)
        # There is one at most; to ask for the first would tempt a planner to walk through all contacts in order.
        return next(iter(contacts.only("workspace", "first_name", "language")), None)


def delivery_times(link: ShortLink, positions: Sequence[int]) -> dict[int, datetime]:
    """When the messages at these positions reached their phones; those that have not are missing."""
    moments: dict[int, datetime] = {}
    for start in range(0, len(positions), PIECE):
        piece = positions[start : start + PIECE]
        rows = Message.objects.filter(batch__links__link=link, position__in=piece, state=Message.State.DELIVERED)
        moments |= {place: at for place, at in rows.values_list("position", "finished_at") if at is not None}
    return moments


@dataclass(frozen=True)
class Reader:
    """Who holds a link of ours: the number it was sent to (empty where nobody knows it any more), and whose it was."""

    phone: str
    contact: Contact | None
    # They have another number by now: the link may be in other hands, and may only make things stricter.
    is_former: bool = False

    @property
    def phones(self) -> set[str]:
        """The number of then, and that of today."""
        return {self.phone, self.contact.phone if self.contact else ""} - {""}


def reader_of(*, workspace: Workspace, token: str, now: datetime) -> Reader | None:
    """Who the message behind a visit token went to; None for a token that is old or made up."""
    visit = read_visit(workspace=workspace, token=token, now=now)
    message = message_at(link=visit.link, position=visit.position) if visit else None
    if message is None:
        return None
    if message.team_number:
        phone = message.team_number.phone
        return Reader(phone, contact_of(workspace=workspace, phone=phone))
    return _recipient_of(message) if message.contact else None


def _recipient_of(message: Message) -> Reader:
    """The number of the attempt counts: the contact may have another one since, or belong to a merged one."""
    contact = message.contact
    assert contact  # its caller has looked
    with scope(workspace=contact.workspace):
        arrived = message.attempts.exclude(outcome__in=[Attempt.Outcome.REJECTED, Attempt.Outcome.ABSENT])
        sent_to = {bytes(index) for index in arrived.values_list("phone_index", flat=True) if index}
        if sent_to <= {bytes(contact.phone_index)}:
            return Reader(contact.phone, contact)
        former = contact.former_numbers.filter(phone_index__in=list(sent_to)).order_by("-left_at").first()
    return Reader(former.phone if former else "", contact, is_former=True)


def clicks_of(contact: Contact, *, humans_only: bool = True) -> QuerySet[Click]:
    """What the contact opened, the latest first: clicks at the places of their messages in the batches' links."""
    places = defaultdict(list)
    held = contact.messages.filter(batch__links__isnull=False)
    for link, position in held.values_list("batch__links__link", "position"):
        places[link].append(position)
    theirs = Q(pk__in=())
    for link in places:
        theirs |= Q(link=link, position__in=places[link])
    clicks = Click.objects.filter(theirs).select_related("link").order_by("-clicked_at", "-pk")
    return clicks.filter(verdict=Verdict.HUMAN) if humans_only else clicks


def inbound_of(contact: Contact) -> QuerySet[InboundMessage]:
    """What the contact wrote, also before they were one; nothing is opened to find it."""
    as_stranger = Q(contact=None, phone_index=contact.phone_index)
    return InboundMessage.objects.filter(Q(contact=contact) | as_stranger)


def clickers(clicks: Iterable[Click | Told]) -> dict[int, datetime]:
    """Whose human clicks these are, and when each of them clicked last; a query for every 500 of a batch's link."""
    latest: dict[int, dict[int, datetime]] = defaultdict(dict)
    for click in clicks:
        if click.verdict == Verdict.HUMAN and click.position is not None:
            places, at = latest[click.link_id], click.clicked_at
            if click.position not in places or places[click.position] < at:
                places[click.position] = at
    moments: dict[int, datetime] = {}
    for link, batch in BatchLink.objects.filter(link__in=latest).values_list("link", "batch"):
        places = latest[link]
        for contact, position in _recipients(batch, list(places)):
            moments[contact] = max(moments.get(contact, places[position]), places[position])
    return moments


def _recipients(batch: int, positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(positions), PIECE):
        piece = positions[start : start + PIECE]
        messages = Message.objects.filter(batch=batch, position__in=piece, contact__isnull=False)
        yield from messages.values_list("contact", "position")
