from datetime import timedelta

import pytest
from django.db.models.functions import TruncHour, TruncMinute
from django.utils.timezone import make_naive
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from shortlinks.models import Click, Verdict
from shortlinks.traffic import DAY, HOUR, MINUTES, Hits, Rect, Visits, draw, hits_of, visits_of, width_of
from tests import factories
from tests.factories import TUESDAY, make_link


@pytest.fixture
def link(workspace):
    return make_link(workspace)


def make_click(link, seconds, verdict=Verdict.HUMAN):
    factories.make_click(link, clicked_at=TUESDAY + timedelta(seconds=seconds), verdict=verdict)


def seen(link) -> Visits | None:
    with scope(workspace=link.workspace):
        return visits_of(Click.objects.filter(link=link))


def hits(hours: int, humans: int) -> Hits:
    return Hits(TUESDAY + timedelta(hours=hours), humans, 0, 0)


def test_link_that_nobody_visited_has_no_chart(link):
    assert seen(link) is None


def test_visits_of_the_first_hours_stand_in_bars_of_five_minutes(link):
    make_click(link, 10, verdict=Verdict.BOT)
    make_click(link, 299)
    make_click(link, 300, verdict=Verdict.UNSURE)
    start = make_naive(TUESDAY)

    visits = seen(link)

    assert visits.step == MINUTES
    assert visits.bars[:2] == [Hits(start, 1, 0, 1), Hits(start + MINUTES, 0, 1, 0)]
    assert (len(visits.bars), visits.human, visits.unsure, visits.bot) == (12, 1, 1, 1)


@pytest.mark.parametrize(
    ("last", "step"),
    [(0, MINUTES), (5, HOUR), (47, HOUR), (48, 6 * HOUR), (13 * 24, DAY), (100 * 24, 7 * DAY)],
)
def test_bars_are_as_fine_as_the_visits_fit_into_the_chart(last, step):
    assert width_of([hits(0, 10), hits(last, 10)]) == step


def test_stragglers_do_not_widen_the_bars_and_are_counted_as_later(link):
    for second in range(40):
        make_click(link, second)
    make_click(link, 30 * 24 * 3600)

    visits = seen(link)

    assert (visits.step, visits.later, visits.total) == (MINUTES, 1, 41)


def test_visits_take_two_queries(link, django_assert_num_queries):
    make_click(link, 0)

    with scope(workspace=link.workspace), django_assert_num_queries(2):
        visits_of(Click.objects.filter(link=link))


def test_neighbours_visits_are_not_drawn(link, other_workspace):
    make_click(make_link(other_workspace), 0)

    assert seen(link) is None


def test_hits_are_counted_by_verdict_and_stretch(link):
    make_click(link, 10, verdict=Verdict.BOT)
    make_click(link, 70)
    make_click(link, 80, verdict=Verdict.UNSURE)
    make_click(link, 3600)
    hour = TUESDAY.replace(minute=0)

    with scope(workspace=link.workspace):
        by_hour = hits_of(Click.objects.all(), TruncHour("clicked_at"))
        by_minute = hits_of(Click.objects.all(), TruncMinute("clicked_at"))

    assert by_hour == [Hits(hour, 1, 1, 1, 0, 1), Hits(hour + timedelta(hours=1), 1, 0, 0)]
    assert by_minute[:2] == [Hits(TUESDAY, 0, 0, 1), Hits(TUESDAY + timedelta(minutes=1), 1, 1, 0, 0, 1)]


def test_unsure_visits_of_a_page_of_ours_are_not_beyond_confirming(workspace):
    ours, theirs = make_link(workspace, carries_visit=True), make_link(workspace)
    for link in (ours, theirs, theirs):
        make_click(link, 10, verdict=Verdict.UNSURE)

    with scope(workspace=workspace):
        visits = visits_of(Click.objects.filter(workspace=workspace))

    assert (visits.unsure, visits.unconfirmable, visits.unsure_share) == (3, 2, 1.0)


def test_bars_stack_from_the_axis_up():
    visits = Visits(HOUR, [Hits(make_naive(TUESDAY), 3, 2, 1)] * 12, 36, 24, 12)

    first_three = draw(visits, now=None).rects[:3]

    assert first_three == [
        Rect("38.0", "91.0", "47.0", "81.0", "human"),
        Rect("38.0", "37.0", "47.0", "53.2", "hatch"),
        Rect("38.0", "10.0", "47.0", "26.2", "bot"),
    ]


def test_now_is_marked_only_inside_the_chart():
    visits = Visits(HOUR, [Hits(make_naive(TUESDAY), 1, 0, 0)] * 12, 12, 0, 0)

    assert draw(visits, now=TUESDAY).now == "38.0"
    assert draw(visits, now=TUESDAY).now_is_early
    assert draw(visits, now=TUESDAY + timedelta(days=2)).now is None
    assert draw(visits, now=None).now is None


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 9000)), min_size=1, max_size=48))
def test_nothing_is_drawn_outside_the_box(amounts):
    bars = [Hits(make_naive(TUESDAY) + place * HOUR, human, 0, bot) for place, (human, bot) in enumerate(amounts)]
    if not any(bar.total for bar in bars):
        return

    drawing = draw(Visits(HOUR, bars, 1, 0, 0), now=None)

    assert all(float(rect.y) >= 9.9 and float(rect.y) + float(rect.height) <= 173 for rect in drawing.rects)
    assert all(float(rect.x) >= 34 and float(rect.x) + float(rect.width) <= 640 for rect in drawing.rects)


def test_visits_of_people_who_are_not_followed_are_counted_as_nobody_s(in_workspace, other_workspace):
    link = make_link(in_workspace)
    factories.make_click(link, 1)
    factories.make_click(link, None, visitor=b"v" * 16)
    factories.make_click(link, None)
    factories.make_click(link, None, verdict=Verdict.BOT)
    factories.make_click(make_link(other_workspace), None)

    visits = visits_of(link.clicks.all())

    assert (visits.human, visits.bot, visits.nobodys) == (3, 1, 1)
