"""Other rooms are told of clicks from the rows themselves, by a worker: landing waits for nobody's receivers.

What a receiver writes and how far we have told move in one transaction. Whoever fails, or is killed before its end, has
done neither, and the same is told again: a receiver that writes to the database alone has its effect exactly once.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial

from django.db import transaction
from django.db.models import F
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from shortlinks.models import Click, JournalSegment, Verdict, VerdictChange
from shortlinks.signals import Told, link_clicked

logger = logging.getLogger(__name__)

# Clicks in one transaction, and of one segment in one pass.
TOLD = Told._fields
CHUNK, MOST_AT_ONCE = 1_000, 20_000
MOST_SEGMENTS = 50


class AnotherTeller(Exception):
    """The segment has been told further since we looked: what we did is undone."""


def tell_news() -> int:
    """One bounded pass over what has not been told; how many clicks were. May run at any time, beside another one."""
    with scopes_disabled():
        untold = JournalSegment.objects.filter(told_offset__lt=F("landed_offset")).order_by("updated_at")
        names = list(untold.values_list("pk", flat=True)[:MOST_SEGMENTS])
        return sum(map(_tell_segment, names)) + _attempt(_tell_found)


def _tell_segment(name: str) -> int:
    told = 0
    while told < MOST_AT_ONCE:
        told += (count := _attempt(partial(_tell_landed, name)))
        if count < CHUNK:
            break
    return told


def _attempt(tell: Callable[[], int]) -> int:
    """All of it, or nothing and another try at the next pass. One segment's trouble holds up no other."""
    try:
        with transaction.atomic():
            return tell()
    except AnotherTeller:
        return 0
    except Exception:
        logger.exception("Clicks could not be told of; they will be told again.")
        return 0


def _tell_landed(name: str) -> int:
    segment = JournalSegment.objects.get(pk=name)
    span = {"offset__gt": segment.told_offset, "offset__lte": segment.landed_offset}
    rows = list(Click.objects.filter(segment=name, **span).order_by("offset").values_list("offset", *TOLD)[:CHUNK])
    _tell([Told(*told) for _, *told in rows])
    end = rows[-1][0] if len(rows) == CHUNK else segment.landed_offset
    # Last, so that the drainer never waits for a receiver.
    same = JournalSegment.objects.filter(pk=name, told_offset=segment.told_offset)
    if not same.update(told_offset=end):
        raise AnotherTeller(name)
    return len(rows)


def _tell_found() -> int:
    """Of those who became human after they landed."""
    untold = VerdictChange.objects.filter(after=Verdict.HUMAN, is_told=False)
    changes = list(untold.select_for_update(skip_locked=True).order_by("pk")[:CHUNK])
    clicks = Click.objects.filter(pk__in=[change.click_id for change in changes])
    _tell([Told(*told) for told in clicks.values_list(*TOLD)])
    VerdictChange.objects.filter(pk__in=[change.pk for change in changes]).update(is_told=True)
    return len(changes)


def _tell(clicks: Iterable[Told]) -> None:
    by_workspace: dict[int, list[Told]] = defaultdict(list)
    for click in clicks:
        by_workspace[click.workspace_id].append(click)
    for workspace in Workspace.objects.filter(pk__in=by_workspace):
        with scope(workspace=workspace):
            link_clicked.send(sender=Click, clicks=by_workspace[workspace.pk])
