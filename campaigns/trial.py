"""What an automation would make of what has happened: asked as for a real event, and nothing is written."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet

from audience.models import Contact
from campaigns import decided
from campaigns.draft import SAMPLE_CODE
from campaigns.hours import first_hour
from campaigns.judging import why_not
from campaigns.models import Automation, Happening, Occasion
from campaigns.services.standing import NoWay, targets_of
from campaigns.triggers import Trigger, trigger_of
from integrations.gateways.encoding import Encoding, Measure, measure, split_parts
from integrations.models import Order, ShopEvent
from messaging.compose import MissingValue, Template
from messaging.merge_fields import merge_fields_of
from messaging.rules import limits_of
from messaging.services.stop_route import NoStopRoute, clause_of_text, needs_stop
from shortlinks.queries import NoShortDomain, default_domain


@dataclass(frozen=True)
class Trial(ABC):
    """Something that happened, as if it came at its own time and the automation were on."""

    automation: Automation

    @property
    @abstractmethod
    def happening(self) -> Happening:
        """It, or what it would look like."""

    @property
    def has_happened(self) -> bool:
        return True

    @property
    def values(self) -> Mapping[str, str]:
        """What it fills a text with."""
        return self.trigger.values(self.happening)

    @cached_property
    def trigger(self) -> Trigger:
        return trigger_of(self.automation.trigger)

    @property
    def due_at(self) -> datetime:
        return self.happening.occurred_at + timedelta(minutes=self.automation.delay_minutes)

    @cached_property
    def reason(self) -> str:
        """Why nothing would have left, as a sentence of the log; "" when something would."""
        if not self.has_happened:
            return decided.NO_EVENT
        switched_on = copy.copy(self.automation)
        switched_on.is_enabled = True
        return why_not(switched_on, self.happening, self.due_at) or self._text_and_reason[1]

    @property
    def text(self) -> str:
        """As the phone would show it; empty where it can't be written."""
        return self._text_and_reason[0]

    @cached_property
    def leaves_at(self) -> datetime | None:
        """After its delay, at the first hour at which their phone may ring; a code does not wait for that."""
        if self.trigger.is_immediate:
            return self.due_at
        limits = limits_of(self.automation.workspace, self.automation.sender.account)
        return first_hour(self.happening.contact, self.trigger.purpose, self.due_at, limits)

    @property
    def has_waited(self) -> bool:
        return self.leaves_at is not None and self.leaves_at > self.due_at

    @property
    def bubble(self) -> "Bubble":
        return Bubble(self.text)

    @cached_property
    def targets(self) -> dict[str, str]:
        """Where links of this recipient's own would lead."""
        try:
            return targets_of(self.automation, self.happening)
        except NoWay:
            return {}

    @cached_property
    def _text_and_reason(self) -> tuple[str, str]:
        try:
            targets_of(self.automation, self.happening)
            return self._render(), ""
        except NoWay:
            return self._render(), decided.NO_LINK
        except MissingValue:
            return "", decided.EMPTY_FIELD
        except (NoShortDomain, NoStopRoute):
            return "", decided.NOT_READY

    def _render(self) -> str:
        """Raises MissingValue, NoShortDomain, NoStopRoute."""
        return written_to(self.automation, self.happening.contact, self.values)


@dataclass(frozen=True)
class OrderTrial(Trial):
    """An order of the past."""

    order: Order

    @cached_property
    def known(self) -> ShopEvent | None:
        """What happened to the order, as the shop told it."""
        told = ShopEvent.objects.filter(order=self.order, kind=self.trigger.kind)
        return told.select_related("shop", "order__contact", "cart__contact").order_by("pk").last()

    @property
    def has_happened(self) -> bool:
        return self.known is not None

    @cached_property
    def happening(self) -> ShopEvent:
        return self.known or ShopEvent(
            workspace=self.order.workspace,
            shop=self.order.shop,
            order=self.order,
            kind=self.trigger.kind,
            event_key=f"{self.trigger.kind}:{next(reversed(self.order.refunds), '')}",
            occurred_at=self.order.placed_at,
        )


@dataclass(frozen=True)
class OccasionTrial(Trial):
    """A call or a form of the past, or one that never was."""

    occasion: Occasion

    @property
    def happening(self) -> Occasion:
        return self.occasion

    @property
    def values(self) -> Mapping[str, str]:
        """A code is kept nowhere: the text shows the example instead."""
        return {name: str(example) for name, example in self.trigger.fields.items()} | dict(super().values)


@dataclass(frozen=True)
class Bubble:
    """A text as a phone shows it."""

    text: str

    @cached_property
    def measured(self) -> Measure:
        return measure(self.text)

    @property
    def is_plain(self) -> bool:
        return self.measured.encoding == Encoding.GSM_7

    @property
    def parts(self) -> list[str]:
        return split_parts(self.text)


def written_to(automation: Automation, contact: Contact | None, values: Mapping[str, str]) -> str:
    """An automation's text for one contact, with a sample link. Raises MissingValue, NoShortDomain, NoStopRoute."""
    template = Template(automation.text)
    own = {field.name: field.read(contact) for field in merge_fields_of(template)} if contact else {}
    links = {}
    if template.needs_link:
        host = default_domain(workspace=automation.workspace).host
        links = dict.fromkeys(template.links or ("link",), f"{host}/{SAMPLE_CODE}")
    is_marketing = needs_stop(trigger_of(automation.trigger).purpose)
    clause = clause_of_text(template, automation.sender.account) if is_marketing else ""
    return template.render({**own, **values}, links, clause)


def occasions_like(automation: Automation) -> QuerySet[Occasion]:
    """What this automation would have answered, newest first."""
    trigger = trigger_of(automation.trigger)
    mine = Occasion.objects.filter(kind=trigger.kind).select_related("contact", "attribute", "page")
    if "event_name" in trigger.asks:
        mine = mine.filter(name=automation.event_name)
    if automation.form_page_id:
        mine = mine.filter(page=automation.form_page_id)
    return mine.order_by("-occurred_at", "-pk")


def example_of(automation: Automation, now: datetime) -> OccasionTrial:
    """Before anything has happened: to nobody known, and with nothing but what its text needs."""
    kind = trigger_of(automation.trigger).kind
    nothing = Occasion(workspace=automation.workspace, kind=kind, name=automation.event_name, occurred_at=now)
    return OccasionTrial(automation, nothing)
