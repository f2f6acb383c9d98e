"""What the states of a shop mean that are its own: the merchant says it once, here, and orders are read by it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from integrations.models import OrderState, ShopConnection
from integrations.shops.base import OrderSnapshot, ReachedState, Refund, StateOfShop

Meaning = OrderState.Meaning
# What an order then has the time of. A refund is not a time: it has an amount.
TIMES = {
    Meaning.PAID: "paid_at",
    Meaning.SHIPPED: "shipped_at",
    Meaning.DELAYED: "delayed_at",
    Meaning.OUT_FOR_DELIVERY: "out_for_delivery_at",
    Meaning.READY: "ready_at",
    Meaning.DELIVERED: "delivered_at",
    Meaning.CANCELLED: "cancelled_at",
}
# No shop has so many: names that grow without end are not noted.
MOST_STATES = 200


def with_meanings(*, shop: ShopConnection, snapshot: OrderSnapshot) -> OrderSnapshot:
    """The snapshot, and what its own states were said to mean; in the shop's workspace. Unknown ones are noted."""
    if not snapshot.states:
        return snapshot
    known = _noted(shop, snapshot.states)
    since: dict[str, datetime] = {}
    for state in sorted(snapshot.states, key=lambda each: each.reached_at):
        since.setdefault(known.get(state.external_id, ""), state.reached_at)
    facts: dict[str, Any] = {
        field: since[meaning]
        for meaning, field in TIMES.items()
        if meaning in since and getattr(snapshot, field) is None
    }
    if Meaning.REFUNDED in since and not snapshot.refunds:
        facts["refunds"] = (Refund(f"order-{snapshot.external_id}"[:40], snapshot.total, since[Meaning.REFUNDED]),)
    return replace(snapshot, **facts)


def _noted(shop: ShopConnection, states: Iterable[ReachedState]) -> dict[str, str]:
    """Meanings by the shop's own ids."""
    told = {state.external_id: StateOfShop(state.external_id, state.name) for state in states}
    mine = OrderState.objects.filter(shop=shop, external_id__in=told)
    known = dict(mine.values_list("external_id", "meaning"))
    _note(shop, [state for name, state in told.items() if name not in known])
    return known


def _note(shop: ShopConnection, states: list[StateOfShop]) -> None:
    if states and OrderState.objects.filter(shop=shop).count() + len(states) <= MOST_STATES:
        rows = [
            OrderState(
                workspace_id=shop.workspace_id,
                shop=shop,
                external_id=state.external_id,
                name=state.name,
                facts=list(state.facts),
            )
            for state in states
        ]
        OrderState.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def learn_states(*, shop: ShopConnection, states: Iterable[StateOfShop]) -> None:
    """All that the shop tells of its states; what was said of them here stays. In the shop's workspace."""
    known = {state.external_id: state for state in OrderState.objects.filter(shop=shop)}
    told = list({state.external_id: state for state in states}.values())
    for state in told:
        if row := known.get(state.external_id):
            row.name, row.facts = state.name, list(state.facts)
    OrderState.objects.bulk_update(known.values(), ["name", "facts"])
    _note(shop, [state for state in told if state.external_id not in known])


@transaction.atomic
def give_meanings(*, shop: ShopConnection, meanings: Mapping[int, str]) -> None:
    """By the rows' keys; words that are no meaning take it back. It counts for whatever is read from now on."""
    for state in OrderState.objects.filter(shop=shop, pk__in=meanings):
        meaning = meanings[state.pk]
        state.meaning = meaning if meaning in Meaning.values else ""
        state.save(update_fields=["meaning"])
