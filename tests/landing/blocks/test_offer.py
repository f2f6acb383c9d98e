"""A ticket with each visitor's own code."""

import pytest
from django_scopes import scope

from landing.blocks.offer import promo_pools
from landing.visitors import Visitor
from messaging.models import PromoCode, PromoPool
from tests.factories import make_contact
from tests.landing.blocks.showing import refused, shown


def ticket(pool: PromoPool) -> dict[str, str]:
    return {"figure": "−40 %", "text": "on all", "pool": str(pool.pk)}


def test_each_visitor_reads_their_own_code_and_anyone_else_none(in_workspace):
    claire, paul = (make_contact(in_workspace, f"+3363998000{number}") for number in (1, 2))
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter")
    for contact, code in ((claire, "LISA-1"), (paul, "LISA-2")):
        PromoCode.objects.create(workspace=in_workspace, pool=pool, contact=contact, code=code)

    pages = [shown("offer", ticket(pool), visitor=Visitor("", contact.pk)) for contact in (claire, paul)]
    neutral = shown("offer", ticket(pool))

    assert [["LISA-1" in html, "LISA-2" in html] for html in pages] == [[True, False], [False, True]]
    assert ("LISA" in neutral, "Your code is in the SMS." in neutral) == (False, True)


def test_a_code_that_everybody_shares_is_shown_to_everybody(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter", shared_code="WINTER")

    assert 'data-copied="Copied">WINTER</code>' in shown("offer", ticket(pool))


def test_only_promo_codes_of_the_workspace_can_be_chosen_or_are_shown(workspace, other_workspace):
    with scope(workspace=workspace):
        PromoPool.objects.create(workspace=workspace, name="Ours")
    with scope(workspace=other_workspace):
        theirs = PromoPool.objects.create(workspace=other_workspace, name="Theirs", shared_code="THEIRS")

    with scope(workspace=workspace):
        assert [name for _pk, name in promo_pools()] == ["Ours"]
        assert "THEIRS" not in shown("offer", ticket(theirs))
        assert refused("offer", ticket(theirs))
    assert promo_pools() == []


@pytest.mark.django_db
def test_promo_codes_that_are_gone_leave_the_offer(in_workspace):
    html = shown("offer", {"figure": "−40 %", "text": "on all", "pool": "999999"})

    assert ("−40" in html, "code" in html) == (True, False)


@pytest.mark.parametrize("value", [{"text": "on all"}, {"figure": "−40 %"}, {"figure": "x" * 13, "text": "x"}])
def test_an_offer_says_how_much_and_on_what(value):
    assert refused("offer", value)
