from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils.translation import override

from accounts.figures import Rate
from accounts.templatetags import ch


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def render(source: str, **context: object) -> str:
    return Template("{% load ch %}" + source).render(Context(context))


def test_figures_follow_the_locale():
    with override("fr"):
        assert ch.whole(1204) == "1\u202f204"

    assert ch.whole(1204) == "1,204"


def test_nothing_is_a_dash_and_never_a_zero():
    assert [ch.whole(None), ch.percent(None), ch.money(None, "EUR"), ch.price(None, "EUR")] == ["–", "–", "–", "–"]


def test_percent_shows_one_decimal_of_a_share():
    assert [ch.percent(0.2040), ch.percent(0), ch.percent(1, 0)] == ["20.4%", "0.0%", "100%"]


def test_money_counts_in_the_smallest_unit_of_its_currency():
    assert [ch.money(5423, "EUR"), ch.money(500, "XPF"), ch.money(1234567, "CHF")] == [
        "€54.23",
        "XPF 500",
        "CHF 12,345.67",
    ]


def test_price_of_a_part_keeps_its_small_decimals():
    assert [ch.price(45_000, "EUR"), ch.price(50_000, "EUR"), ch.price(1_000_000, "EUR")] == [
        "€0.045",
        "€0.05",
        "€1.00",
    ]


def test_duration_is_said_in_its_largest_unit():
    said = [ch.lasting(timedelta(seconds=seconds)) for seconds in (0.4, 4, 119, 7200, 200_000)]

    assert said == ["0 s", "4 s", "1 min", "2 h", "2 d"]


def test_masked_number_says_its_last_digits_to_a_screen_reader():
    assert render("{{ number|masked }}", number="+33 6 •• •• •• 42") == (
        '<span class="ch-nowrap" aria-hidden="true">+33 6 •• •• •• 42</span>'
        '<span class="w-sr-only">number ending in 42</span>'
    )


def test_rate_says_value_count_and_interval():
    assert render("{% rate figure %}", figure=Rate(214, 1049)) == (
        '<b class="ch-strong">20.4%</b> <span class="ch-meta">214 of 1,049 · between 18.1 and 22.9%</span>'
    )


def test_rate_of_nothing_is_a_dash_with_its_reason():
    assert render('{% rate figure "nothing delivered yet" %}', figure=Rate(0, 0)) == (
        '<span class="ch-meta">– nothing delivered yet</span>'
    )


def test_bar_parts_are_lengths_of_a_thousand():
    assert render('{% bar 30 "human" 10 "mute" total=100 height=6 %}') == (
        '<svg class="ch-bar" viewBox="0 0 1000 6" height="6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="1000" height="6" class="f-track"/>'
        '<rect x="0.0" width="297.5" height="6" class="f-human"/>'
        '<rect x="300.0" width="100.0" height="6" class="f-mute"/></svg>'
    )


def test_bar_of_nothing_is_an_empty_track():
    assert "f-human" not in render('{% bar 0 "human" total=0 %}')


def test_charts_write_plain_decimals_in_every_language():
    with override("fr"):
        drawn = render("{% interval figure 0 0.3 threshold=0.15 tone='ok' %}", figure=Rate(214, 1049))

    assert '<circle cx="108.1" cy="8" r="3.6" class="f-ok"/>' in drawn
    assert '<line x1="80.0" x2="80.0" y1="1" y2="15" class="s-thr"/>' in drawn


def test_interval_of_nothing_draws_nothing():
    assert render("{% interval figure 0 1 %}", figure=Rate(0, 0)) == ""


def test_spark_needs_two_days():
    assert ch.spark([3]) == ""
    assert 'points="3.0,26.0 93.0,4.0"' in ch.spark([1, 2])


def test_spark_leaves_out_days_without_a_value():
    assert 'points="3.0,26.0 93.0,4.0"' in ch.spark([1, None, 2])
