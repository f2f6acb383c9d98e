"""Whatever comes first, and however often: the same facts end in the same credit and the same conversion."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Credit
from campaigns.services import credit_late, credit_order, note_late_clicks
from integrations.models import Order
from integrations.services.orders import UnknownOrder, apply_part, apply_snapshot
from integrations.shops.base import OrderPart, OrderSnapshot, PhoneCandidate, Refund
from landing.models import Conversion
from shortlinks.models import Verdict
from tests.campaigns.test_attribution import BOUGHT, NOW, Mailing, told
from tests.factories import TUESDAY
from tests.reports.rows import make_campaign, make_click, make_message

PHONES = {"theirs": "06 39 98 12 34", "another": "06 39 98 55 55"}
Click = tuple[int, int, str]
Fact = OrderSnapshot | Refund | Click


class House(Mailing):
    """Two campaigns that the customer got, and an own code of the first."""

    def __init__(self, workspace) -> None:
        super().__init__(workspace)
        self.hand("HELLO-7F3")
        self.campaigns = [self.campaign, make_campaign(workspace, "Spring")]
        make_message(self.campaigns[1], 7, contact=self.contact)

    def learn(self, fact: Fact) -> bool:
        """What the rooms do when it is told; False where it must be told again later."""
        if isinstance(fact, tuple):
            note_late_clicks(clicks=[told(self._land(*fact))])
            return True
        try:
            self._take(fact)
        except UnknownOrder:
            return False
        credit_order(order=Order.objects.select_related("workspace").get(), now=NOW, is_retold=True)
        return True

    def _take(self, fact: OrderSnapshot | Refund) -> None:
        """Raises UnknownOrder."""
        if isinstance(fact, OrderSnapshot):
            apply_snapshot(shop=self.shop, snapshot=fact)
        else:
            apply_part(shop=self.shop, part=OrderPart(BOUGHT.external_id, refunds=(fact,)))

    def _land(self, campaign: int, seconds: int, verdict: str):
        """A click lands once; its news may be told again."""
        place = self.campaigns[campaign]
        at = TUESDAY + timedelta(seconds=seconds)
        known = place.link.clicks.filter(clicked_at=at, verdict=verdict).first()
        return known or make_click(place, 7, seconds=seconds, verdict=verdict)


@pytest.fixture
def house(in_workspace):
    return House(in_workspace)


refunds = st.sampled_from([Refund("1", 1_250, NOW), Refund("2", 9, NOW), Refund("3", 9_000, NOW)])
clicks = st.tuples(
    st.sampled_from([0, 1]),
    st.sampled_from([60, 3_600, 86_400 * 2, 86_400 * 2 + 1]),
    st.sampled_from([Verdict.HUMAN, Verdict.UNSURE, Verdict.BOT]),
)


@st.composite
def snapshots(draw, house: House) -> OrderSnapshot:
    phone = PHONES[draw(st.sampled_from(["theirs", "theirs", "another"]))]
    return replace(
        BOUGHT,
        version=draw(st.integers(1, 5)),
        total=draw(st.sampled_from([10_000, 7_777, 0])),
        phones=(PhoneCandidate(phone, "FR"),) if draw(st.booleans()) else (),
        discount_codes=draw(st.sampled_from([(), ("SUMMER",), ("hello -7f3",)])),
        click_id=draw(st.sampled_from(["", house.click_id(90), house.click_id(7_200)])),
        refunds=tuple(draw(st.lists(refunds, max_size=2))),
        cancelled_at=draw(st.sampled_from([None, None, NOW])),
    )


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_order_of_arrival_ends_in_the_same_credit(house, data):
    facts: list[Fact] = [
        *data.draw(st.lists(snapshots(house), min_size=1, max_size=3)),
        *data.draw(st.lists(refunds, max_size=2)),
        *data.draw(st.lists(clicks, max_size=3)),
    ]
    again = data.draw(st.lists(st.sampled_from(facts), max_size=3))
    shuffled = data.draw(st.permutations([*facts, *again]))

    assert outcome(house, facts) == outcome(house, shuffled)


def outcome(house: House, arriving: list[Fact]) -> tuple:
    with undone():
        parked = [fact for fact in arriving if not house.learn(fact)]
        assert all(house.learn(fact) for fact in parked)
        credit_late(now=NOW)
        owed = list(Credit.objects.values_list("reason", "message__batch__name", "happened_at", "code"))
        earned = list(Conversion.objects.values_list("message__batch__name", "contact", "value", "currency"))
        assert len(owed) == 1 >= len(earned)
        return owed, earned


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_of_two_clicks_in_the_same_moment_it_matters_not_which_landed_first(house):
    order = replace(BOUGHT, phones=(PhoneCandidate(PHONES["theirs"], "FR"),))
    sale, spring = (0, 60, Verdict.HUMAN), (1, 60, Verdict.HUMAN)

    assert outcome(house, [order, sale, spring]) == outcome(house, [order, spring, sale])
