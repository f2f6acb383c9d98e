"""Products with their price."""

import pytest

from tests.landing.blocks.showing import ADDRESS, RUNNING, refused, shown


def test_a_struck_price_is_said_to_be_one():
    html = shown("products", {"products": [{"name": "Coat", "price": "1 €", "was": "2 €"}]})

    assert [part in html for part in ("Coat", "instead of", "<s>")] == [True] * 3


def test_a_card_with_an_address_leads_there_and_one_without_does_not():
    linked, plain = (shown("products", {"products": [{"name": "Coat", "link": link}]}) for link in (ADDRESS, ""))

    assert (f'href="{ADDRESS}"' in linked, "<a" in plain) == (True, False)


@pytest.mark.parametrize("products", [[], [{"name": ""}], [{"name": "x"}] * 7, [{"name": "x", "link": RUNNING[0]}]])
def test_one_to_six_with_a_name_and_nothing_that_runs(products):
    assert refused("products", {"products": products})
