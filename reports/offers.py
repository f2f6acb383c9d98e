"""The promo codes that went out with a campaign."""

from dataclasses import dataclass

from campaigns.models import Campaign
from messaging.compose import CODE_FIELD, Template
from messaging.models import PromoPool
from messaging.promo import with_stock


@dataclass(frozen=True)
class Offer:
    """A campaign's pool. A code of one's own is taken when a message is written, a shared one read when it is sent."""

    pool: PromoPool
    codes: int
    # Of the whole pool; None where one code serves all.
    left: int | None


def offer_of(campaign: Campaign, *, targeted: int, sent: int) -> Offer | None:
    """None for a text without a code."""
    batch = campaign.batch
    if batch is None or batch.promo_pool_id is None or CODE_FIELD not in Template(batch.text).fields:
        return None
    pool = with_stock(PromoPool.objects.filter(pk=batch.promo_pool_id)).get()
    return Offer(pool, sent, None) if pool.shared_code else Offer(pool, targeted, pool.left)  # type: ignore[attr-defined]
