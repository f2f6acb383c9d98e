from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.shops.money import BadAmount, smallest_unit


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("54.90", "EUR", 5490),
        ("54.9", "EUR", 5490),
        ("54", "EUR", 5400),
        ("10.005", "EUR", 1001),
        ("1200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("2500", "XPF", 2500),
        ("1.234", "TND", 1234),
        ("0.00", "EUR", 0),
        ("199.65", "USD", 19965),
    ],
)
def test_amount_is_counted_in_the_smallest_unit_of_its_currency(amount, currency, expected):
    assert smallest_unit(amount, currency) == expected


@pytest.mark.parametrize("amount", ["", "x", "-1", "NaN", "Infinity", "1e999999999", "1,50", "10000000000000"])
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(BadAmount):
        smallest_unit(amount, "EUR")


@given(st.text(max_size=40), st.sampled_from(["EUR", "JPY", "TND"]))
def test_any_text_is_an_amount_or_refused(text, currency):
    with suppress(BadAmount):
        assert 0 <= smallest_unit(text, currency) <= 10**15
