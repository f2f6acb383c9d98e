"""Places in a batch. The message at place p carries the code at position p of each of its links.

Whoever is not to be followed gets a place whose codes say nothing about them. Without a link there is nothing to say.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import TrackingMode
from messaging.models import Batch
from shortlinks.models import ShortLink
from shortlinks.services import reserve_range

ROLLING_SIZE = 1_024


class LinksDiverge(Exception):
    """The links of one batch were used apart before: give the batch fresh ones."""


@transaction.atomic
def reserve_places(*, batch: Batch, size: int, now: datetime, is_followed: bool = True) -> int:
    """The first of `size` consecutive places, with a code behind each. Raises LinksDiverge."""
    batch = locked(batch)
    first = _reserve(batch, size, now, is_followed)
    batch.next_position, batch.reserved_until = first + size, max(first + size, batch.reserved_until)
    batch.save(update_fields=["next_position", "reserved_until"])
    return first


def locked(batch: Batch) -> Batch:
    """The batch as it is now, until the transaction ends; what never changes of it is not read again."""
    fresh = Batch.objects.select_for_update().get(pk=batch.pk)
    fresh.workspace, fresh.account = batch.workspace, batch.account
    return fresh


def take_place(*, batch: Batch, now: datetime, is_followed: bool = True) -> int:
    """One place of a locked batch, from a window that is reserved 1,024 at a time. Raises LinksDiverge."""
    return _take(batch, now) if is_followed else _take_quiet(batch, now)


def _take(batch: Batch, now: datetime) -> int:
    if batch.next_position >= batch.reserved_until or batch.has_agreed != asks_first(batch):
        batch.next_position = _reserve(batch, ROLLING_SIZE, now, is_followed=True)
        batch.reserved_until, batch.has_agreed = batch.next_position + ROLLING_SIZE, asks_first(batch)
    place, batch.next_position = batch.next_position, batch.next_position + 1
    batch.save(update_fields=["next_position", "reserved_until", "has_agreed"])
    return place


def _take_quiet(batch: Batch, now: datetime) -> int:
    if batch.next_quiet_position >= batch.quiet_until:
        batch.next_quiet_position = _reserve(batch, ROLLING_SIZE, now, is_followed=False)
        batch.quiet_until = batch.next_quiet_position + ROLLING_SIZE
    place, batch.next_quiet_position = batch.next_quiet_position, batch.next_quiet_position + 1
    batch.save(update_fields=["next_quiet_position", "quiet_until"])
    return place


def _reserve(batch: Batch, size: int, now: datetime, is_followed: bool) -> int:
    firsts = {_first_position(batch, link, size, now, is_followed) for link in links_of(batch)}
    if len(firsts) > 1:
        raise LinksDiverge(str(batch))
    return firsts.pop() if firsts else batch.reserved_until


def _first_position(batch: Batch, link: ShortLink, size: int, now: datetime, is_followed: bool) -> int:
    has_agreed = asks_first(batch)
    return reserve_range(link=link, size=size, now=now, is_followed=is_followed, has_agreed=has_agreed).first_position


def links_of(batch: Batch) -> list[ShortLink]:
    return [row.link for row in batch.links.select_related("link__workspace").order_by("placeholder")]


def asks_first(batch: Batch) -> bool:
    """Whoever is followed now has agreed to it themselves."""
    return batch.workspace.tracking_mode == TrackingMode.WITH_CONSENT
