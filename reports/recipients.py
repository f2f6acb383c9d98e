"""The per-recipient table: who, in what state, when they clicked, on what; as rows of a page and as a file."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.paginator import WagtailPaginator

from audience.cells import harmless
from campaigns.models import Campaign
from messaging.models import Message
from reports.queries import RECIPIENT_FILTERS, Counts, Visitor, recipients, visitors_of
from reports.reasons import explain
from shortlinks.models import Device

PER_PAGE = 25
# SQLite takes this many numbers in one question, with room to spare.
PIECE = 500
State = Message.State
TONES = {
    State.DELIVERED: "ok",
    State.UNDELIVERED: "stop",
    State.EXPIRED: "stop",
    State.REJECTED: "stop",
    State.UNKNOWN: "warn",
    State.HELD: "warn",
    State.SUPPRESSED: "mute",
    State.CANCELLED: "mute",
}
COLUMNS = ("contact", "number", "state", "reason", "sent", "delivered", "first human click", "device", "visits")


@dataclass(frozen=True)
class Recipient:
    """One row."""

    name: str
    number: str
    is_erased: bool
    state: str | Promise
    tone: str
    reason: str
    sent_at: datetime | None
    delivered_after: timedelta | None
    first_click_at: datetime | None
    device: str | Promise
    human_visits: int
    bot_visits: int
    phone: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter with how many it finds."""

    key: str
    name: str | Promise
    messages: int
    is_chosen: bool


def page_of(campaign: Campaign, *, only: str, number: int | str) -> tuple[Page, list[Recipient]]:
    """One page of recipients: three queries, however many there are."""
    page = WagtailPaginator(recipients(campaign, only=only), PER_PAGE).get_page(number)
    return page, rows_of(campaign, list(page.object_list))


def rows_of(campaign: Campaign, messages: Sequence[Message], *, in_clear: bool = False) -> list[Recipient]:
    """Rows with their visits, of which there is one query for all."""
    visitors = visitors_of(campaign, [message.position for message in messages])
    return [recipient_of(message, visitors[message.position], in_clear=in_clear) for message in messages]


def recipient_of(message: Message, visitor: Visitor, *, in_clear: bool) -> Recipient:
    contact = message.contact
    return Recipient(
        name=contact.full_name if contact else "",
        number=contact.phone_hint if contact else "",
        is_erased=contact is None,
        state=message.get_state_display(),
        tone=TONES.get(State(message.state), "info"),
        reason=explain(message.state, message.reason)[0] if message.reason else "",
        sent_at=message.submitted_at,
        delivered_after=_delivered_after(message),
        first_click_at=visitor.first_click_at,
        device=Device(visitor.device).label if visitor.device else "",
        human_visits=visitor.human,
        bot_visits=visitor.bot,
        phone=contact.phone if contact and in_clear else "",
    )


def _delivered_after(message: Message) -> timedelta | None:
    if message.state != State.DELIVERED or message.finished_at is None or message.submitted_at is None:
        return None
    return message.finished_at - message.submitted_at


def chips_of(counts: Counts, chosen: str) -> list[Chip]:
    """Filters that find somebody, and always the one that is chosen."""
    found: list[tuple[str, str | Promise, int]] = [
        ("all", _("All"), counts.targeted),
        ("clicked", _("Clicked"), counts.clicked),
        ("converted", _("Converted"), counts.converted),
        ("undelivered", pgettext_lazy("messages", "Not delivered"), counts.failed),
        ("unknown", _("To be verified"), counts.unknown),
        ("opted_out", pgettext_lazy("recipients", "Opted out"), counts.opted_out),
        ("not_sent", pgettext_lazy("messages", "Not sent"), counts.not_sent),
    ]
    return [
        Chip(key, name, messages, key == chosen) for key, name, messages in found if messages or key in {"all", chosen}
    ]


def known_filter(raw: str | None) -> str:
    return raw if raw in RECIPIENT_FILTERS else "all"


class Echo:
    """A file that gives back what is written to it: rows leave as they are made."""

    def write(self, value: str) -> str:
        return value


def csv_lines(campaign: Campaign, *, only: str, in_clear: bool) -> Iterator[str]:
    """The table as CSV, line by line; numbers are masked unless `in_clear`. Memory does not grow with the audience."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for piece in _pieces(recipients(campaign, only=only)):
        for row in rows_of(campaign, piece, in_clear=in_clear):
            yield writer.writerow(_cells(row))


def _pieces(messages: QuerySet[Message]) -> Iterator[list[Message]]:
    """By position, so that the last piece is found as fast as the first."""
    piece = list(messages[:PIECE])
    while piece:
        yield piece
        piece = list(messages.filter(position__gt=piece[-1].position)[:PIECE])


def _cells(row: Recipient) -> Iterable[str | float]:
    seconds = row.delivered_after.total_seconds() if row.delivered_after else None
    return (
        harmless(row.name),
        harmless(row.phone or row.number),
        str(row.state),
        row.reason,
        _stamp(row.sent_at),
        "" if seconds is None else round(seconds, 1),
        _stamp(row.first_click_at),
        str(row.device),
        row.human_visits,
    )


def _stamp(at: datetime | None) -> str:
    return localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""
