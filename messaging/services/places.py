"""Places in a batch. The message at place p carries the code at position p of each of its links."""

from datetime import datetime

from django.db import transaction

from messaging.models import Batch
from shortlinks.services import reserve_range

ROLLING_SIZE = 1_024


class LinksDiverge(Exception):
    """The links of one batch were used apart before: give the batch fresh ones."""


@transaction.atomic
def reserve_places(*, batch: Batch, size: int, now: datetime) -> int:
    """The first of `size` consecutive places, with a code behind each. Raises LinksDiverge."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    first = _reserve(batch, size, now)
    _store(batch, following=first + size)
    return first


@transaction.atomic
def take_place(*, batch: Batch, now: datetime) -> int:
    """One place, from a window that is reserved 1,024 at a time. Raises LinksDiverge."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.next_position >= batch.reserved_until:
        batch.next_position = _reserve(batch, ROLLING_SIZE, now)
        batch.reserved_until = batch.next_position + ROLLING_SIZE
    place = batch.next_position
    _store(batch, following=place + 1)
    return place


def _reserve(batch: Batch, size: int, now: datetime) -> int:
    links = [row.link for row in batch.links.select_related("link__workspace").order_by("placeholder")]
    firsts = {reserve_range(link=link, size=size, now=now).first_position for link in links}
    if len(firsts) > 1:
        raise LinksDiverge(str(batch))
    return firsts.pop() if firsts else batch.reserved_until


def _store(batch: Batch, *, following: int) -> None:
    batch.next_position, batch.reserved_until = following, max(following, batch.reserved_until)
    batch.save(update_fields=["next_position", "reserved_until"])
