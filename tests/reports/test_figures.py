import pytest
from django.utils.translation import override

from accounts.figures import Rate
from reports.figures import Cost, Stage, cost_of, figures_of, funnel_of, with_visits
from reports.queries import Counts
from shortlinks.traffic import HOUR, Visits


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def figure(key: str, **counts: int):
    return next(figure for figure in figures_of(Counts(**counts)) if figure.measure.key == key)


@pytest.mark.parametrize(("delivered", "light"), [(950, "ok"), (949, "warn"), (500, "warn")])
def test_delivery_is_good_from_95_percent_on(delivered, light):
    assert figure("delivered", accepted=1000, delivered=delivered).light == light


@pytest.mark.parametrize(("clicked", "light"), [(16, "ok"), (15, "ok"), (14, "warn")])
def test_human_clicks_are_good_from_15_percent_on(clicked, light):
    assert figure("clicked", delivered=100, clicked=clicked).light == light


@pytest.mark.parametrize(("opted_out", "light"), [(0, "ok"), (9, "ok"), (10, "warn"), (20, "warn"), (21, "stop")])
def test_opt_outs_are_good_below_one_percent_and_alarm_above_two(opted_out, light):
    assert figure("opted_out", delivered=1000, opted_out=opted_out).light == light


def test_conversions_have_no_known_threshold_and_no_light():
    conversions = figure("converted", delivered=1000, converted=31)

    assert (conversions.light, str(conversions.verdict), conversions.tick) == ("", "no known threshold", None)


def test_fewer_than_thirty_delivered_keep_their_figures_and_lose_their_lights():
    few, enough = figure("clicked", delivered=29, clicked=29), figure("clicked", delivered=30, clicked=30)

    assert (few.rate, few.light, str(few.verdict)) == (Rate(29, 29), "", "too few to judge")
    assert enough.light == "ok"


def test_light_whose_interval_crosses_the_threshold_is_uncertain():
    assert figure("clicked", delivered=100, clicked=16).is_uncertain
    assert not figure("clicked", delivered=10_000, clicked=3_000).is_uncertain


def test_raw_visits_stand_beside_the_people_who_clicked_and_in_no_rate():
    visits = Visits(HOUR, [], human=1200, unsure=12, bot=300)
    clicked, delivered = figure("clicked", delivered=100, clicked=16), figure("delivered", accepted=100, delivered=99)

    beside = [
        with_visits(figure, came, unfollowed=quiet)
        for figure, came, quiet in [
            (clicked, visits, 1_000),
            (clicked, visits, 0),
            (clicked, None, 0),
            (delivered, visits, 9),
        ]
    ]

    raw = "human visits: 1,200, unsure: 12"
    assert [[str(words) for words in each.asides] for each in beside] == [
        [raw, "at least: 1,000 of them are not followed"],
        [raw],
        [],
        [],
    ]
    assert beside[0].rate == clicked.rate


def test_nothing_to_divide_has_no_light():
    assert [(figure.rate.share, figure.light) for figure in figures_of(Counts())] == [(None, "")] * 4


def test_ground_of_the_glyph_widens_for_unusual_values():
    usual, low = (figure("delivered", accepted=1000, delivered=count) for count in (970, 500))

    assert (usual.ground_from, usual.ground_to) == (0.9, 1.0)
    assert low.ground_from < 0.47


def test_cost_is_what_was_written_down_and_the_old_price_for_what_came_before():
    counts = Counts(billed_parts=1161, charged_micros=1_000 * 40_000, unpriced_parts=161, converted=31)

    assert cost_of(counts, old_price_micros=45_000, currency="EUR") == Cost(4725, 1161, 40_700, "EUR", 152)


def test_cost_without_a_conversion_is_divided_by_nothing():
    assert cost_of(Counts(billed_parts=1), old_price_micros=45_000, currency="EUR").per_conversion is None


def test_funnel_stages_are_shares_of_the_line_before():
    counts = Counts(targeted=100, sent=80, accepted=80, delivered=40, clicked=10, converted=0)

    assert funnel_of(counts) == [
        Stage("Targeted", 100, None, "mute"),
        Stage("Sent", 80, 0.8),
        Stage("Accepted", 80, 1.0),
        Stage("Delivered", 40, 0.5),
        Stage("Human clicks", 10, 0.25),
        Stage("Conversions", 0, 0.0),
    ]
