"""Whom a reminder will write to in the days to come, and what they will read. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet

from audience.attributes import show_value
from audience.models import Contact, ContactDate
from audience.registry import Explanation
from campaigns.hours import first_hour
from campaigns.models import Automation
from campaigns.notice import Notice, notice_of
from campaigns.services.reminders import words_of
from campaigns.trial import Bubble, written_to
from campaigns.triggers import trigger_of
from messaging.audience import explain_audience
from messaging.compose import MissingValue
from messaging.rules import limits_of
from messaging.services.stop_route import NoStopRoute
from shortlinks.queries import NoShortDomain

DAYS, SHOWN = timedelta(days=7), 30


@dataclass(frozen=True)
class Next:
    """One of them: whose date, and when they are written to (None: never)."""

    contact: Contact
    value: str
    date: str
    leaves_at: datetime | None


@dataclass(frozen=True)
class Upcoming:
    """As if the automation were on; `clock` is the workspace's."""

    automation: Automation
    clock: datetime

    @cached_property
    def notice(self) -> Notice:
        return notice_of(self.automation)

    @cached_property
    def dates(self) -> QuerySet[ContactDate]:
        """All of them, in their order."""
        past, until = self.notice.past(self.clock), self.notice.reached(self.clock + DAYS)
        mine = ContactDate.objects.filter(attribute=self.automation.date_attribute, value__gt=past, value__lte=until)
        return mine.order_by("value", "pk")

    @cached_property
    def first(self) -> list[Next]:
        return list(self._first())

    def _first(self) -> Iterator[Next]:
        attribute, purpose = self.automation.date_attribute, trigger_of(self.automation.trigger).purpose
        assert attribute is not None
        limits = limits_of(self.automation.workspace, self.automation.sender.account)
        for row in self.dates.select_related("contact")[:SHOWN]:
            due_at = max(self.notice.leaves_at(row.value), self.clock)
            leaves_at = first_hour(row.contact, purpose, due_at, limits)
            is_late = leaves_at is None or leaves_at > self.notice.expires_at(row.value)
            yield Next(row.contact, row.value, show_value(attribute, row.value), None if is_late else leaves_at)

    @cached_property
    def explanation(self) -> Explanation:
        """How many there are, how many may be written to today, and why not the others."""
        people = Contact.objects.filter(pk__in=self.dates.order_by().values("contact"))
        return explain_audience(people, now=self.clock, purpose=trigger_of(self.automation.trigger).purpose)

    @cached_property
    def bubble(self) -> Bubble | None:
        """What the first of them reads who gets it; None where it can't be written."""
        if not self.first:
            return None
        reader = next((one for one in self.first if one.leaves_at), self.first[0])
        try:
            return Bubble(
                written_to(self.automation, reader.contact, words_of(reader.value, self.automation.workspace))
            )
        except (MissingValue, NoShortDomain, NoStopRoute):
            return None
