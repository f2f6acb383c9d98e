"""How often links with a maximum were visited, as far as clicks have landed.

A maximum is approximate. One redirect process lets in no visitor too many. Of several, each learns of the others'
visits when they have landed and were polled: the maximum may be passed by what the others answer in some two seconds,
and while the database is away by all that they answer meanwhile.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Max

from shortlinks.models import Click, Verdict


class LandedVisits:
    """Counts on from where it was: a poll costs what has landed since the last one."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._last_id = 0

    def read(self, link_ids: Collection[int]) -> dict[int, int]:
        """Visits by link, machines left out. Without any limited link it asks nothing."""
        if not link_ids:
            self._counts = {}
            return {}
        last_id = Click.objects.aggregate(last=Max("pk"))["last"] or 0
        known = {link_id: count for link_id, count in self._counts.items() if link_id in link_ids}
        fresh = {link_id: 0 for link_id in link_ids if link_id not in known}
        _add(known, pk__gt=self._last_id, pk__lte=last_id)
        _add(fresh, pk__lte=last_id)
        self._counts, self._last_id = known | fresh, last_id
        return self._counts


def _add(counts: dict[int, int], **clicks: Any) -> None:
    if counts:
        visits = Click.objects.filter(link__in=counts, **clicks).exclude(verdict=Verdict.BOT)
        for link_id, count in visits.values_list("link").annotate(Count("pk")):
            counts[link_id] += count
