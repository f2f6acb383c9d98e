"""Reminders: dates of contacts that come near, each answered once, and taken back when the date moves.

docs/decisions/0020-dates-that-reminders-find.md says how dates are found.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from audience.models import Attribute, ContactDate
from campaigns import decided
from campaigns.models import Automation, Decision, Occasion
from campaigns.notice import Notice, day_of, notice_of
from campaigns.services.decisions import decide, take_back
from campaigns.triggers import Reminder
from messaging.clock import workspace_now
from messaging.merge_fields import SPACES

log = logging.getLogger(__name__)
# In one transaction; and how many of them in one go of the sweep: what is left is next.
SLICE, MOST_SLICES = 100, 20
NEWS = 1_000
# An occasion for which somebody is still to be written to.
WAITS = Q(decisions__due_at__isnull=False) | Q(decisions__message__state__in=decided.NOT_YET)
# Behind any row of one date.
LAST = 2**63 - 1


def remind(*, now: datetime) -> int:
    """What is due of all workspaces, a slice a transaction; how many dates were looked at."""
    return _look_at_news(now) + sum(_go_on(automation, now) for automation in _reminders())


def _reminders() -> list[Automation]:
    with scopes_disabled():
        on = Automation.objects.filter(trigger=Reminder.slug, is_enabled=True, date_attribute__isnull=False)
        return list(on.select_related("workspace").order_by("pk"))


def _go_on(automation: Automation, now: datetime) -> int:
    """Through the dates that became due since last time, in their order."""
    looked = 0
    with scope(workspace=automation.workspace):
        for _slice in range(MOST_SLICES):
            found = _next_slice(automation, now)
            looked += found
            if found < SLICE:
                break
    return looked


@transaction.atomic
def _next_slice(automation: Automation, now: datetime) -> int:
    """Under the automation's lock, so that no date is passed while somebody looks whether it was."""
    fresh = _locked(pk=automation.pk)[0]
    if fresh.date_attribute is None or not fresh.is_enabled:
        return 0
    notice, clock = notice_of(fresh), workspace_now(fresh.workspace, now)
    mark, until = _mark(fresh, notice, clock), notice.reached(clock)
    rows = dates_after(fresh.date_attribute, mark, until, SLICE)
    for row in rows:
        _remind_of(row, fresh, notice, now)
    mark = (rows[-1].value, rows[-1].pk) if len(rows) == SLICE else max(mark, (until, LAST))
    Automation.objects.filter(pk=fresh.pk).update(swept_value=mark[0], swept_id=mark[1])
    return len(rows)


def _locked(**which: object) -> list[Automation]:
    mine = Automation.objects.filter(**which).select_related("workspace", "date_attribute").order_by("pk")
    return list(mine.select_for_update(of=("self",)))


def _mark(automation: Automation, notice: Notice, clock: datetime) -> tuple[str, int]:
    """Up to there nobody is to be reminded any more."""
    return max((automation.swept_value, automation.swept_id), (notice.past(clock), LAST))


def dates_after(attribute: Attribute, mark: tuple[str, int], until: str, limit: int) -> list[ContactDate]:
    """The next dates behind the mark. Two queries, each a walk along the index: no statistics mislead it."""
    dates = ContactDate.objects.filter(attribute=attribute).select_related("contact").order_by("value", "pk")
    rest = list(dates.filter(value=mark[0], pk__gt=mark[1])[:limit]) if mark[1] < LAST else []
    later = dates.filter(value__gt=mark[0], value__lte=until)
    return rest + list(later[: limit - len(rest)])


def _remind_of(row: ContactDate, automation: Automation, notice: Notice, now: datetime) -> None:
    """One that fails is looked at again later, and holds nobody up."""
    try:
        with transaction.atomic():
            occasion = _occasion_of(row, notice)
            waits = notice.leaves_at(row.value) - workspace_now(automation.workspace, now)
            decide(automation=automation, happening=occasion, now=now, leaves_at=now + waits)
    except Exception as error:
        log.error("Reminder %s of date %s failed: %s", automation.pk, row.pk, type(error).__name__)
        ContactDate.objects.filter(pk=row.pk).update(news_at=now)


def _occasion_of(row: ContactDate, notice: Notice) -> Occasion:
    """The same for all reminders of this date."""
    occasion, _is_new = Occasion.objects.get_or_create(
        workspace=row.contact.workspace,
        key=Occasion.key_of_date(row.attribute_id, row.contact_id, row.value),
        defaults={
            "kind": Occasion.Kind.DATE,
            "contact": row.contact,
            "attribute_id": row.attribute_id,
            "name": row.value,
            "occurred_at": notice.starts_at(row.value),
            "values": words_of(row.value, row.contact.workspace),
        },
    )
    return occasion


def words_of(value: str, workspace: Workspace) -> dict[str, str]:
    """A date as a text has it."""
    with translation.override(workspace.language):
        words = {"date": date_format(day_of(value), "SHORT_DATE_FORMAT"), "time": value[11:]}
    return {name: word.translate(SPACES) for name, word in words.items()}


def _look_at_news(now: datetime) -> int:
    """Dates that came or changed since anybody looked."""
    with scopes_disabled():
        news = ContactDate.objects.filter(news_at__isnull=False).order_by("news_at")[:NEWS]
        rows = list(news.values_list("workspace", "pk"))
        workspaces = Workspace.objects.in_bulk({workspace for workspace, _pk in rows})
    for pk, workspace in workspaces.items():
        with scope(workspace=workspace):
            _hear([row for whose, row in rows if whose == pk], now)
    return len(rows)


@transaction.atomic
def _hear(keys: Collection[int], now: datetime) -> None:
    """What was promised for another date is taken back; what the sweeps have passed already is answered now."""
    dates = ContactDate.objects.filter(pk__among=keys).order_by("pk").select_related("contact__workspace")
    rows = list(dates.select_for_update(of=("self",)))
    reminders = _locked(trigger=Reminder.slug, is_enabled=True, date_attribute__in={row.attribute_id for row in rows})
    _take_back_moved(rows, now)
    ContactDate.objects.filter(pk__among=keys).update(news_at=None)
    for automation in reminders:
        _catch_up(automation, [row for row in rows if row.attribute_id == automation.date_attribute_id], now)
    ContactDate.objects.filter(pk__among=keys, value="", news_at=None).delete()


def _catch_up(automation: Automation, rows: Iterable[ContactDate], now: datetime) -> None:
    notice, clock = notice_of(automation), workspace_now(automation.workspace, now)
    for row in rows:
        if notice.past(clock) < row.value <= automation.swept_value:
            _remind_of(row, automation, notice, now)


def _take_back_moved(rows: Collection[ContactDate], now: datetime) -> None:
    """Nobody is reminded of an hour that is another one by now."""
    present: dict[tuple[int | None, int | None], str] = {(row.contact_id, row.attribute_id): row.value for row in rows}
    promised = Occasion.objects.filter(
        kind=Occasion.Kind.DATE,
        contact__among={row.contact_id for row in rows},
        attribute__in={row.attribute_id for row in rows},
    )
    promised = promised.filter(WAITS).distinct()
    for occasion in promised.only("contact_id", "attribute_id", "name", "workspace_id"):
        if present.get((occasion.contact_id, occasion.attribute_id), occasion.name) != occasion.name:
            take_back(Decision.objects.filter(occasion=occasion), decided.MOVED, now)
