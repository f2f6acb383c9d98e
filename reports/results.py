"""Campaigns side by side: what each of them came to."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.figures import smallest_units
from accounts.queries import current_workspace
from campaigns.models import Campaign
from messaging.models import Batch
from reports.figures import Figure, figures_of
from reports.queries import Counts, counts_of


@dataclass(frozen=True)
class Result:
    """A campaign and its figures."""

    campaign: Campaign
    counts: Counts
    # In the smallest unit.
    cost: int
    currency: str
    delivered: Figure
    clicked: Figure
    converted: Figure
    opted_out: Figure


def results_of(campaigns: Iterable[Campaign]) -> list[Result]:
    """In the given order; four queries for all of them."""
    chosen = list(campaigns)
    counts = counts_of(Batch.objects.filter(pk__in=[campaign.batch_id for campaign in chosen if campaign.batch_id]))
    return [_result(campaign, counts.get(campaign.batch_id or 0, Counts())) for campaign in chosen]


def _result(campaign: Campaign, counts: Counts) -> Result:
    currency = current_workspace().currency
    cost = smallest_units(counts.charged_micros, currency)
    return Result(campaign, counts, cost, currency, **{figure.measure.key: figure for figure in figures_of(counts)})
