"""Other rooms hear of every click that landed, with its effect once, whatever dies or fails in between."""

import pytest
from django.db.models import F
from django_scopes import scope, scopes_disabled

from accounts.queries import current_workspace
from shortlinks.models import Click, JournalSegment, ShortLink, Verdict, VerdictChange
from shortlinks.services import news
from shortlinks.services.news import tell_news
from shortlinks.signals import link_clicked
from tests.factories import TUESDAY, make_click, make_link


@pytest.fixture
def listening():
    """Connects receivers for the length of a test."""
    connected = []

    def listen(receiver):
        link_clicked.connect(receiver, weak=False)
        connected.append(receiver)

    yield listen
    for receiver in connected:
        link_clicked.disconnect(receiver)


@pytest.fixture
def heard(listening):
    """Who heard of which positions, call by call."""
    calls = []
    listening(lambda clicks, **_: calls.append((current_workspace().slug, [click.position for click in clicks])))
    return calls


def land(name, *clicks):
    """Clicks (link, position) as the drainer leaves them: offsets 1, 2, 3…"""
    segment, _ = JournalSegment.objects.get_or_create(pk=name)
    for link, position in clicks:
        segment.landed_offset += 1
        make_click(link, position, segment=name, offset=segment.landed_offset)
    segment.save()


def visits(link):
    """What `count` made of the clicks that it heard of."""
    with scopes_disabled():
        return ShortLink.objects.get(pk=link.pk).max_visits


def count(clicks, **_):
    """A receiver that is not idempotent by itself."""
    ShortLink.objects.filter(pk=clicks[0].link_id).update(max_visits=F("max_visits") + len(clicks))


def fail(clicks, is_failing, **_):
    if is_failing:
        raise RuntimeError("a receiver that fails")


def test_each_workspace_hears_of_its_own_clicks_in_its_own_scope_and_once(workspace, other_workspace, heard):
    ours, theirs = make_link(workspace), make_link(other_workspace)
    land("one", (ours, 0), (theirs, 1), (ours, 2))
    land("two", (theirs, 3))

    told = [tell_news(), tell_news()]

    assert told == [4, 0]
    assert sorted(heard) == [("breton", [1]), ("breton", [3]), ("lambert", [0, 2])]


def test_what_lands_later_is_told_later(workspace, heard):
    link = make_link(workspace)
    land("one", (link, 0))
    tell_news()
    land("one", (link, 1), (link, None))
    tell_news()

    assert heard == [("lambert", [0]), ("lambert", [1, None])]


def test_much_is_told_piece_by_piece(workspace, heard, monkeypatch):
    monkeypatch.setattr(news, "CHUNK", 2)
    link = make_link(workspace)
    land("one", *((link, position) for position in range(5)))

    assert tell_news() == 5
    assert [positions for _, positions in heard] == [[0, 1], [2, 3], [4]]


def test_who_fails_is_told_again_and_what_others_made_of_it_counts_once(workspace, listening):
    link, troubled = make_link(workspace, max_visits=0), []
    land("one", (link, 0), (link, 1))
    listening(count)
    listening(lambda clicks, **_: fail(clicks, is_failing=not troubled))

    told = [tell_news(), visits(link)]
    troubled.append("is over")
    told += [tell_news(), visits(link), tell_news(), visits(link)]

    assert told == [0, 0, 2, 2, 0, 2]


def test_one_segment_s_trouble_holds_up_no_other(workspace, listening, heard):
    good, bad = make_link(workspace), make_link(workspace)
    land("one", (bad, 0))
    land("two", (good, 1))
    listening(lambda clicks, **_: fail(clicks, is_failing=clicks[0].link_id == bad.pk))

    assert tell_news() == 1
    assert list(JournalSegment.objects.order_by("pk").values_list("told_offset", flat=True)) == [0, 1]


def test_whoever_finds_a_segment_told_further_undoes_what_they_did(workspace, listening):
    link, others = make_link(workspace, max_visits=0), []

    def another(**_):
        if not others:
            others.append("has told it too")
            tell_news()

    land("one", (link, 0))
    listening(another)
    listening(count)

    # The other one runs inside our transaction here: it is undone with us (and really beside us in test_news_killed).
    told = [tell_news(), visits(link), tell_news(), visits(link)]

    assert told == [0, 0, 1, 1]


def test_clicks_of_links_that_are_gone_are_passed_over(workspace, heard):
    link, gone = make_link(workspace), make_link(workspace)
    land("one", (link, 0), (gone, 1))
    with scope(workspace=workspace):
        Click.objects.filter(link=gone).delete()

    assert [tell_news(), tell_news(), heard] == [1, 0, [("lambert", [0])]]


def test_who_turned_out_to_be_human_is_told_of_once_and_who_fell_into_doubt_is_not(workspace, other_workspace, heard):
    for one, after in ((workspace, Verdict.HUMAN), (workspace, Verdict.UNSURE), (other_workspace, Verdict.HUMAN)):
        with scope(workspace=one):
            click = make_click(make_link(one), 7, verdict=after)
            known = {"before": "unsure", "reason_before": "raw", "reason": "page-shown", "changed_at": TUESDAY}
            VerdictChange.objects.create(workspace=one, click=click, after=after, **known)

    told = [tell_news(), tell_news()]

    assert told == [2, 0]
    assert sorted(heard) == [("breton", [7]), ("lambert", [7])]
