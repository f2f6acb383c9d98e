"""From a report to the rule builder: who clicked, who did not, whom it never reached."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from accounts.models import TrackingMode
from campaigns.models import Campaign

GROUPS: dict[str, str | Promise] = {
    "clicked": pgettext_lazy("segment of a campaign", "clicked"),
    "not_clicked": pgettext_lazy("segment of a campaign", "did not click"),
    "failed": pgettext_lazy("segment of a campaign", "not delivered"),
}


@dataclass(frozen=True)
class Proposal:
    """A segment that does not exist yet: the builder opens with its rules, and nothing is kept before it is saved."""

    label: str | Promise
    url: str


def proposals(campaign: Campaign) -> Iterator[Proposal]:
    """Where people are only counted, nobody is said to have clicked."""
    is_counted_only = campaign.workspace.tracking_mode == TrackingMode.AGGREGATE
    for asked, label in GROUPS.items():
        if campaign.batch_id and not (is_counted_only and "clicked" in asked):
            rule = {"about": "campaign", "is": asked, "campaign": str(campaign.pk)}
            rules = json.dumps({"match": "all", "rules": [rule]})
            query = urlencode({"name": f"{campaign.name} · {label}", "rules": rules})
            yield Proposal(label, f"{reverse('audience_segments:add')}?{query}")
