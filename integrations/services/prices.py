"""Price lists of gateway accounts."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.models import GatewayAccount, PriceTier
from integrations.prices import Step


class BadTiers(Exception):
    """These steps are no price list; the text says why."""


@transaction.atomic
def save_tiers(*, account: GatewayAccount, country: str, valid_from: date, steps: Sequence[Step]) -> None:
    """What parts to a country cost from that day on; what was kept for that day is replaced. Raises BadTiers.

    `country` is a territory's code, or empty for all that have no tiers of their own.
    """
    _check(steps)
    PriceTier.objects.filter(account=account, country=country, valid_from=valid_from).delete()
    PriceTier.objects.bulk_create(
        PriceTier(
            workspace_id=account.workspace_id,
            account=account,
            country=country,
            valid_from=valid_from,
            from_part=step.from_part,
            price_micros=step.price_micros,
        )
        for step in steps
    )


def _check(steps: Sequence[Step]) -> None:
    if not steps or steps[0].from_part != 1:
        raise BadTiers(_("The first price counts from part 1 on."))
    if any(later.from_part <= step.from_part for step, later in pairwise(steps)):
        raise BadTiers(_("Each line begins after the one before it."))


def remove_tiers(*, account: GatewayAccount, country: str, valid_from: date) -> None:
    """The list before it counts again; what has been charged stays as it is."""
    PriceTier.objects.filter(account=account, country=country, valid_from=valid_from).delete()
