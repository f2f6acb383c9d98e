import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.figures import Rate, smallest_units, wilson


def test_wilson_interval_has_the_published_bounds():
    assert [round(bound, 4) for bound in wilson(1049, 1087)] == [0.9524, 0.9744]
    assert [round(bound, 4) for bound in wilson(0, 10)] == [0.0, 0.2775]
    assert [round(bound, 4) for bound in wilson(10, 10)] == [0.7225, 1.0]


@given(total=st.integers(1, 10_000_000), part=st.floats(0, 1))
def test_wilson_interval_holds_the_share_and_stays_between_nothing_and_all(total, part):
    count = int(total * part)

    low, high = wilson(count, total)

    assert 0 <= low <= count / total + 1e-9
    assert count / total - 1e-9 <= high <= 1


def test_rate_of_nothing_has_no_share_and_no_interval():
    nothing = Rate(0, 0)

    assert (nothing.share, nothing.low, nothing.high) == (None, None, None)


def test_rate_of_something_has_a_share():
    assert Rate(1, 4).share == pytest.approx(0.25)


def test_millionths_are_rounded_half_up_to_the_smallest_unit():
    assert [smallest_units(45_000, "EUR"), smallest_units(44_999, "EUR"), smallest_units(1_500_000, "XPF")] == [5, 4, 2]
