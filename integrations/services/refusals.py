"""Who told a shop that they want no offers by SMS: a mobile number, or nobody we could know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from audience.phone import NotAMobile, parse_mobile
from integrations.models import ShopConnection
from integrations.services.inbox import announce
from integrations.shops.base import Refusal
from integrations.signals import marketing_refused


@dataclass(frozen=True)
class ShopRefusal:
    """`phone` as E.164; `said_at` is None where the shop does not know."""

    phone: str
    said_at: datetime | None


def tell_refusals(*, shop: ShopConnection, refusals: Iterable[Refusal]) -> list[str]:
    """What the receivers made of them, in words. Raises ReceiverFailed."""
    known, outcomes = [], []
    for refusal in refusals:
        try:
            mobile = parse_mobile(refusal.phone.number, refusal.phone.country or shop.country)
        except NotAMobile:
            outcomes.append("refusal without a mobile number")
        else:
            known.append(ShopRefusal(mobile.e164, refusal.said_at))
    if known:
        outcomes += [str(answer) for answer in announce(marketing_refused, shop=shop, refusals=known) if answer]
    return outcomes
