from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Role
from integrations.models import InboundDelivery, Order, OrderState
from integrations.services import inbox
from integrations.services.order_states import MOST_STATES, give_meanings, learn_states, with_meanings
from integrations.services.shops import receive_shop_call, work_again
from integrations.shops.base import OrderSnapshot, ReachedState, Refund, StateOfShop
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_member, make_shop
from tests.integrations.shop_calls import payload, signed_call

REACHED = datetime(2026, 11, 24, 10, 4, tzinfo=UTC)


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


def snapshot(*states: ReachedState, **fields: object) -> OrderSnapshot:
    return OrderSnapshot("7", "A", 1_000, TUESDAY, "EUR", 5490, states=states, **fields)


def tell(shop, name: str) -> InboundDelivery:
    call = signed_call(shop_of(shop), payload("prestashop", name))
    receive_shop_call(public_id=shop.public_id, call=call, now=TUESDAY)
    delivery = InboundDelivery.objects.latest("pk")
    inbox.work(delivery_id=delivery.pk, now=TUESDAY)
    return delivery


def mean(shop, meaning: str, external_id: str = "14") -> None:
    state, _ = OrderState.objects.get_or_create(workspace=shop.workspace, shop=shop, external_id=external_id)
    give_meanings(shop=shop, meanings={state.pk: meaning})


def test_hello_tells_the_states_and_what_was_said_of_them_here_stays(shop):
    tell(shop, "hello")
    mean(shop, "shipped")

    learn_states(
        shop=shop, states=[StateOfShop("14", "Chez le transporteur"), StateOfShop("15", "Perdu", ("nothing",))]
    )

    rows = OrderState.objects.order_by("pk").values_list("external_id", "name", "facts", "meaning")
    assert list(rows)[1:] == [
        ("2", "Paiement accepté", ["paid"], ""),
        ("4", "Expédié", ["paid", "shipped"], ""),
        ("14", "Chez le transporteur", [], "shipped"),
        ("15", "Perdu", ["nothing"], ""),
    ]


def test_state_without_a_meaning_tells_nothing_until_it_has_one_and_the_call_is_read_again(shop):
    delivery = tell(shop, "order_own_state")
    before = list(delivery.events.order_by("pk").values_list("kind", flat=True))
    mean(shop, "shipped")

    work_again(delivery=delivery, now=TUESDAY)

    assert before == ["order.placed", "order.paid"]
    assert list(delivery.events.order_by("pk").values_list("kind", flat=True)) == [*before, "order.shipped"]
    assert Order.objects.get().shipped_at == REACHED
    assert OrderState.objects.get().name == "Remis au transporteur"


def test_earliest_of_several_states_counts_and_what_the_shop_itself_says_wins(shop):
    for external_id, meaning in (("14", "shipped"), ("15", "shipped"), ("16", "paid")):
        mean(shop, meaning, external_id)
    later = REACHED + timedelta(hours=1)

    read = with_meanings(
        shop=shop,
        snapshot=snapshot(
            ReachedState("15", "b", later),
            ReachedState("14", "a", REACHED),
            ReachedState("16", "c", later),
            paid_at=TUESDAY,
        ),
    )

    assert (read.shipped_at, read.paid_at) == (REACHED, TUESDAY)


@pytest.mark.parametrize(
    ("told", "expected"),
    [((), (Refund("order-7", 5490, REACHED),)), ((Refund("3", 100, TUESDAY),), (Refund("3", 100, TUESDAY),))],
    ids=["without a slip", "slips tell it"],
)
def test_state_that_means_refunded_gives_everything_back_where_no_slip_says_how_much(shop, told, expected):
    mean(shop, "refunded")

    read = with_meanings(shop=shop, snapshot=snapshot(ReachedState("14", "", REACHED), refunds=told))

    assert read.refunds == expected


def test_state_that_means_nothing_is_nothing(shop):
    mean(shop, "nothing")

    order = snapshot(ReachedState("14", "", REACHED))

    assert with_meanings(shop=shop, snapshot=order) == order


def test_names_without_end_are_not_noted(shop):
    learn_states(shop=shop, states=[StateOfShop(str(number), "x") for number in range(MOST_STATES)])

    with_meanings(shop=shop, snapshot=snapshot(ReachedState("more", "x", REACHED)))

    assert OrderState.objects.count() == MOST_STATES


def test_owner_says_what_a_state_means_and_nobody_else_does(owner_client, workspace, other_workspace):
    with scope(workspace=workspace):
        shop = make_shop(workspace, last_delivery_at=TUESDAY)
        tell(shop, "hello")
        state = OrderState.objects.get(external_id="14")
    with scope(workspace=other_workspace):
        foreign = OrderState.objects.create(
            workspace=other_workspace, shop=make_shop(other_workspace), external_id="14"
        )
    marketer = Client()
    marketer.force_login(make_member(workspace, Role.MARKETER))
    address, typed = f"/admin/integrations/shops/states/{shop.pk}/", {f"state-{state.pk}": "ready", "state-x": "paid"}

    marketer.post(address, typed)
    untouched = reread(state)
    page = owner_client.post(address, {**typed, f"state-{foreign.pk}": "paid"}, follow=True)

    assert (untouched, reread(state), reread(foreign)) == ("", "ready", "")
    assert '<option value="ready" selected>' in page.text
    assert "paid, shipped" in page.text


def reread(state: OrderState) -> str:
    with scope(workspace=state.workspace):
        return OrderState.objects.get(pk=state.pk).meaning
