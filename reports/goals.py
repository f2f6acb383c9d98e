"""What recipients of a campaign did on its page, by goal."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise

from campaigns.models import Campaign
from landing.models import Conversion


@dataclass(frozen=True)
class Goal:
    """How many recipients reached it."""

    label: str | Promise
    people: int


def goals_of(campaign: Campaign) -> list[Goal]:
    """The goals that somebody has reached, in the order of `Conversion.Goal`, orders apart (revenue.py); one query."""
    if campaign.batch_id is None:
        return []
    reached = Conversion.objects.filter(link__batch_links__batch=campaign.batch_id, position__isnull=False)
    goals = reached.exclude(goal=Conversion.Goal.ORDER).order_by().values("goal")
    people = dict(goals.annotate(people=Count("position", distinct=True)).values_list("goal", "people"))
    return [Goal(goal.label, people[goal]) for goal in Conversion.Goal if goal in people]
