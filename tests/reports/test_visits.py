from datetime import timedelta

import pytest
from django.utils.timezone import make_naive
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from reports.queries import Hits
from reports.visits import DAY, HOUR, MINUTES, Rect, Visits, draw, visits_of, width_of
from shortlinks.models import Verdict
from tests.factories import TUESDAY
from tests.reports.rows import make_campaign, make_click


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


def seen(campaign) -> Visits | None:
    with scope(workspace=campaign.workspace):
        return visits_of(campaign)


def hits(hours: int, humans: int) -> Hits:
    return Hits(TUESDAY + timedelta(hours=hours), humans, 0, 0)


def test_campaign_that_nobody_visited_has_no_chart(campaign):
    assert seen(campaign) is None


def test_visits_of_the_first_hours_stand_in_bars_of_five_minutes(campaign):
    make_click(campaign, 0, seconds=10, verdict=Verdict.BOT)
    make_click(campaign, 0, seconds=299)
    make_click(campaign, 0, seconds=300, verdict=Verdict.UNSURE)
    start = make_naive(TUESDAY)

    visits = seen(campaign)

    assert visits.step == MINUTES
    assert visits.bars[:2] == [Hits(start, 1, 0, 1), Hits(start + MINUTES, 0, 1, 0)]
    assert (len(visits.bars), visits.human, visits.unsure, visits.bot) == (12, 1, 1, 1)


@pytest.mark.parametrize(
    ("last", "step"),
    [(0, MINUTES), (5, HOUR), (47, HOUR), (48, 6 * HOUR), (13 * 24, DAY), (100 * 24, 7 * DAY)],
)
def test_bars_are_as_fine_as_the_visits_fit_into_the_chart(last, step):
    assert width_of([hits(0, 10), hits(last, 10)]) == step


def test_stragglers_do_not_widen_the_bars_and_are_counted_as_later(campaign):
    for second in range(40):
        make_click(campaign, second, seconds=second)
    make_click(campaign, 0, seconds=30 * 24 * 3600)

    visits = seen(campaign)

    assert (visits.step, visits.later, visits.total) == (MINUTES, 1, 41)


def test_visits_take_two_queries(campaign, django_assert_num_queries):
    make_click(campaign, 0)

    with scope(workspace=campaign.workspace), django_assert_num_queries(2):
        visits_of(campaign)


def test_neighbours_visits_are_not_drawn(campaign, other_workspace):
    make_click(make_campaign(other_workspace), 0)

    assert seen(campaign) is None


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
