"""What customers told a shop of offers by SMS, told on to the room that takes a yes and a no."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from integrations.models import ShopConnection
from integrations.services.inbox import announce
from integrations.shops.base import Answer
from integrations.signals import marketing_agreed, marketing_refused


@dataclass(frozen=True)
class ShopRefusal:
    """`phone` as E.164; `said_at` is None where the shop does not know."""

    phone: str
    said_at: datetime | None


@dataclass(frozen=True)
class ShopAgreement:
    """A yes with what proves it. `is_backfill`: it was given before anybody here could know of it."""

    phone: str
    said_at: datetime
    wording: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    is_backfill: bool = False


def tell_answer(*, shop: ShopConnection, phone: str, answer: Answer, is_backfill: bool) -> list[str]:
    """What the receivers made of it, in words. Raises ReceiverFailed."""
    if not answer.is_yes:
        refusals = [ShopRefusal(phone, answer.said_at)]
        return _words(announce(marketing_refused, shop=shop, refusals=refusals))
    wording = answer.wording or shop.consent_wording
    if not wording or answer.said_at is None:
        return ["agreement without its words" if answer.said_at else "agreement without a date"]
    agreement = ShopAgreement(phone, answer.said_at, wording, answer.evidence, is_backfill)
    return _words(announce(marketing_agreed, shop=shop, agreements=[agreement]))


def _words(answers: list[object]) -> list[str]:
    return [str(answer) for answer in answers if answer]
