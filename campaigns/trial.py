"""What an automation would make of a past order: asked as for a real event, and nothing is written."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from audience.models import Contact
from campaigns import decided
from campaigns.draft import SAMPLE_CODE
from campaigns.hours import first_hour
from campaigns.judging import why_not
from campaigns.models import Automation
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
class Trial:
    """One order, as if its event came at its own time and the automation were on."""

    automation: Automation
    order: Order

    @cached_property
    def trigger(self) -> Trigger:
        return trigger_of(self.automation.trigger)

    @cached_property
    def known(self) -> ShopEvent | None:
        """What happened to the order, as the shop told it."""
        told = ShopEvent.objects.filter(order=self.order, kind=self.trigger.kind)
        return told.select_related("shop", "order__contact", "cart__contact").order_by("pk").last()

    @cached_property
    def event(self) -> ShopEvent:
        """That, or what it would look like."""
        return self.known or ShopEvent(
            workspace=self.order.workspace,
            shop=self.order.shop,
            order=self.order,
            kind=self.trigger.kind,
            event_key=f"{self.trigger.kind}:{next(reversed(self.order.refunds), '')}",
            occurred_at=self.order.placed_at,
        )

    @property
    def due_at(self) -> datetime:
        return self.event.occurred_at + timedelta(minutes=self.automation.delay_minutes)

    @cached_property
    def reason(self) -> str:
        """Why nothing would have left, as a sentence of the log; "" when something would."""
        if self.known is None:
            return decided.NO_EVENT
        switched_on = copy.copy(self.automation)
        switched_on.is_enabled = True
        return why_not(switched_on, self.known, self.due_at) or self._text_and_reason[1]

    @property
    def text(self) -> str:
        """As the phone would show it; empty where it can't be written."""
        return self._text_and_reason[0]

    @cached_property
    def leaves_at(self) -> datetime | None:
        """After its delay, at the first hour at which their phone may ring."""
        limits = limits_of(self.automation.workspace, self.automation.sender.account)
        return first_hour(self.order.contact, self.trigger.purpose, self.due_at, limits)

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
            return targets_of(self.automation, self.event)
        except NoWay:
            return {}

    @cached_property
    def _text_and_reason(self) -> tuple[str, str]:
        try:
            targets_of(self.automation, self.event)
            return self._render(), ""
        except NoWay:
            return self._render(), decided.NO_LINK
        except MissingValue:
            return "", decided.EMPTY_FIELD
        except (NoShortDomain, NoStopRoute):
            return "", decided.NOT_READY

    def _render(self) -> str:
        """Raises MissingValue, NoShortDomain, NoStopRoute."""
        return written_to(self.automation, self.order.contact, self.trigger.values(self.event))


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
