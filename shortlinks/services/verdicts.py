"""The second judgement, from what surrounds a click. The first, from its request alone, is kept in VerdictChange.

- A page of ours that was shown lifts an *unsure* click to human; a bot stays a bot. It must be the same network
  (truncated, of the same day) and the same user agent, within half an hour of the click.
- A *human* click becomes unsure, never a bot, where context speaks against it and no page was shown: one network opened
  many codes of a link within a minute under one name; or a code was opened within seconds of its delivery, where a page
  of ours would have told us if anybody had looked. Real people read fast: neither is a proof.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django_scopes import scope, scopes_disabled

from accounts.addresses import network_of
from accounts.keys import dated_address_hash
from accounts.models import Workspace
from shortlinks.models import Click, Confirmation, ShortLink, Verdict, VerdictChange
from shortlinks.registry import delivered_at
from shortlinks.visits import VALID_FOR, read_visit

# A page has this long to show itself before its silence counts.
PAGE_PATIENCE = timedelta(minutes=2)
# What was clicked longer ago than this is judged for good.
LOOKS_BACK = timedelta(minutes=40)
KEPT = timedelta(days=1)
TOO_SOON = timedelta(seconds=5)
# Phones of one operator share networks and names; they don't all tap within a minute.
MANY_CODES, AT_ONCE = 20, timedelta(minutes=1)
BATCH = 2_000
PER_RECIPIENT = 5


def confirm_visit(*, workspace: Workspace, token: str, address: str, user_agent: str, now: datetime) -> bool:
    """Note that a page was shown to the visitor of `token` at `address`; whether the token was worth anything.

    Replays and forgeries change nothing: a token is valid for half an hour, and confirms only the viewer who clicked.
    """
    visit = read_visit(workspace=workspace, token=token, now=now)
    if visit is None:
        return False
    here = {"workspace": workspace, "link": visit.link, "position": visit.position}
    with scope(workspace=workspace):
        if Confirmation.objects.filter(**here).count() < PER_RECIPIENT:
            # Around midnight the click was yesterday's.
            for day in {_day_of(now), _day_of(now - VALID_FOR)}:
                viewer = {"visitor": dated_address_hash(network_of(address), day), "user_agent": user_agent[:400]}
                Confirmation.objects.get_or_create(**here, **viewer, defaults={"seen_at": now})
    return True


def _day_of(moment: datetime) -> str:
    """As the redirect names days."""
    return str(int(moment.timestamp()) // 86_400)


def judge_again(*, now: datetime) -> int:
    """One bounded pass over the clicks of the last while; how many verdicts changed. May run at any time, and twice."""
    changed = 0
    with scopes_disabled():
        Confirmation.objects.filter(seen_at__lt=now - KEPT).delete()
        recent = Click.objects.filter(clicked_at__gte=now - LOOKS_BACK, position__isnull=False)
        workspaces = set(recent.exclude(verdict=Verdict.BOT).values_list("workspace", flat=True).order_by())
    for workspace in Workspace.objects.filter(pk__in=workspaces):
        with scope(workspace=workspace):
            changed += _lift(workspace, now) + _doubt(workspace, now)
    return changed


def _lift(workspace: Workspace, now: datetime) -> int:
    seen = Confirmation.objects.filter(workspace=workspace, seen_at__gte=now - LOOKS_BACK).order_by("pk")[:BATCH]
    lifted = [click for confirmation in seen for click in _clicks_behind(confirmation)]
    return _change(workspace, lifted, Verdict.UNSURE, Verdict.HUMAN, "page-shown", now)


def _clicks_behind(confirmation: Confirmation) -> QuerySet[Click]:
    return Click.objects.filter(
        link=confirmation.link_id,
        position=confirmation.position,
        visitor=bytes(confirmation.visitor),
        user_agent=confirmation.user_agent,
        verdict=Verdict.UNSURE,
        clicked_at__range=(confirmation.seen_at - VALID_FOR, confirmation.seen_at),
    )


def _doubt(workspace: Workspace, now: datetime) -> int:
    """Human clicks that no page has confirmed, and that context speaks against."""
    window = (now - LOOKS_BACK, now - PAGE_PATIENCE)
    humans = Click.objects.filter(workspace=workspace, verdict=Verdict.HUMAN, clicked_at__range=window)
    clicks = list(humans.filter(position__isnull=False).order_by("-clicked_at", "-pk")[:BATCH])
    settled = _settled(clicks)
    open_questions = [click for click in clicks if click.pk not in settled]
    crowded = _crowded(open_questions)
    changed = _change(workspace, crowded, Verdict.HUMAN, Verdict.UNSURE, "one-network-many-codes", now)
    hasty = _hasty(click for click in open_questions if click not in crowded)
    return changed + _change(workspace, hasty, Verdict.HUMAN, Verdict.UNSURE, "too-soon-and-no-page", now)


def _settled(clicks: list[Click]) -> set[int]:
    """Those whose page was shown, and those that have been judged a second time already."""
    links = {click.link_id for click in clicks}
    shown = {
        (row.link_id, row.position, bytes(row.visitor), row.user_agent)
        for row in Confirmation.objects.filter(link__in=links)
    }
    judged = set(VerdictChange.objects.filter(click__in=clicks).values_list("click", flat=True))
    return judged | {click.pk for click in clicks if _viewer(click) in shown}


def _viewer(click: Click) -> tuple[int, int | None, bytes, str]:
    return click.link_id, click.position, bytes(click.visitor or b""), click.user_agent


def _crowded(clicks: list[Click]) -> list[Click]:
    groups: dict[tuple[int, bytes, str], list[Click]] = defaultdict(list)
    for click in sorted(clicks, key=lambda click: click.clicked_at):
        if click.visitor:
            groups[click.link_id, bytes(click.visitor), click.user_agent].append(click)
    found = {click.pk for group in groups.values() for click in _at_once(group)}
    return [click for click in clicks if click.pk in found]


def _at_once(group: list[Click]) -> Iterator[Click]:
    """Clicks that stand within a minute of many others on other codes."""
    start = 0
    for end, click in enumerate(group):
        while click.clicked_at - group[start].clicked_at > AT_ONCE:
            start += 1
        if len({each.position for each in group[start : end + 1]}) >= MANY_CODES:
            yield from group[start : end + 1]


def _hasty(clicks: Iterable[Click]) -> list[Click]:
    """Opened as soon as delivered, on links whose pages would have confirmed a person."""
    by_link: dict[int, list[Click]] = defaultdict(list)
    for click in clicks:
        by_link[click.link_id].append(click)
    found = []
    for link in ShortLink.objects.filter(pk__in=by_link, carries_visit=True):
        own = by_link[link.pk]
        moments = delivered_at(link, sorted({click.position for click in own if click.position is not None}))
        found += [click for click in own if click.position in moments and _is_hasty(click, moments[click.position])]
    return found


def _is_hasty(click: Click, delivered: datetime) -> bool:
    return click.clicked_at - delivered < TOO_SOON


def _change(
    workspace: Workspace, clicks: list[Click], before: Verdict, after: Verdict, reason: str, now: datetime
) -> int:
    """Write new verdicts and what they were."""
    return sum(_change_one(workspace, click, before, after, reason, now) for click in clicks)


@transaction.atomic
def _change_one(
    workspace: Workspace, click: Click, before: Verdict, after: Verdict, reason: str, now: datetime
) -> bool:
    raw = click.reason
    # Whoever comes second, or sees an old row, changes nothing.
    if not Click.objects.filter(pk=click.pk, verdict=before).update(verdict=after, reason=reason):
        return False
    VerdictChange.objects.get_or_create(
        workspace=workspace,
        click=click,
        reason=reason,
        defaults={"before": before, "reason_before": raw, "after": after, "changed_at": now},
    )
    click.verdict, click.reason = after, reason
    return True
