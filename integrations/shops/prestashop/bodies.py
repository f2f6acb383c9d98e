"""What our module tells, event by event: docs/schemas/prestashop-events.schema.json."""

from collections.abc import Callable

from integrations.shops.base import (
    Answer,
    CartSnapshot,
    CustomerSnapshot,
    Farewell,
    Greeting,
    News,
    OrderSnapshot,
    PhoneCandidate,
    PrivacyRequest,
    ReachedState,
    Refund,
    StateOfShop,
)
from integrations.shops.reading import Fields

PROOF = ("page", "ip", "form", "wording_version")


def read_order(event: Fields) -> OrderSnapshot:
    """The snapshot in an `order.changed` event. Raises BadShopPayload."""
    order, currency = event.part("order"), event.part("order").currency("currency")
    customer = order.part("customer")
    return OrderSnapshot(
        external_id=order.identifier("id"),
        number=order.identifier("number"),
        version=order.whole("version"),
        placed_at=order.needed_moment("placed_at"),
        paid_at=order.moment("paid_at"),
        shipped_at=order.moment("shipped_at"),
        delayed_at=order.moment("delayed_at"),
        out_for_delivery_at=order.moment("out_for_delivery_at"),
        ready_at=order.moment("ready_at"),
        delivered_at=order.moment("delivered_at"),
        cancelled_at=order.moment("cancelled_at"),
        currency=currency,
        total=order.money("total", currency),
        first_name=customer.text("first_name", 80),
        phones=_phones(customer),
        country=order.country("country"),
        language=order.language("language"),
        discount_codes=tuple(Fields({"code": code}).text("code", 80) for code in order.items("discount_codes")[:20]),
        items=tuple(Fields({"title": title}).text("title", 200) for title in order.items("items")[:3]),
        tracking=tuple(_tracking(parcel) for parcel in order.parts("tracking")[:20]),
        refunds=tuple(_refund(refund, currency) for refund in order.parts("refunds")[:50]),
        states=tuple(_reached(state) for state in order.parts("states")[:20]),
        status_url=order.address("status_url"),
        click_id=order.code("click_id"),
        is_test=order.flag("is_test"),
        is_backfill=event.flag("is_backfill"),
    )


def read_customer(event: Fields) -> CustomerSnapshot:
    """The snapshot in a `customer.changed` event. Raises BadShopPayload."""
    customer = event.part("customer")
    return CustomerSnapshot(
        external_id=customer.identifier("id"),
        version=customer.whole("version"),
        first_name=customer.text("first_name", 80),
        phones=_phones(customer),
        language=customer.language("language"),
        answer=_answer(customer.part("sms_consent")) if customer.has("sms_consent") else None,
        is_backfill=event.flag("is_backfill"),
    )


def _answer(consent: Fields) -> Answer | None:
    """`unknown` is none, and so is a word of a newer module."""
    state = consent.text("state", 20)
    if state not in {"yes", "no"}:
        return None
    evidence = {name: written for name in PROOF if (written := consent.text(name, 300))}
    return Answer(state == "yes", consent.needed_moment("said_at"), consent.text("wording", 2000), evidence)


def read_cart(event: Fields) -> CartSnapshot:
    """The snapshot in a `cart.changed` event. Raises BadShopPayload."""
    cart, currency = event.part("cart"), event.part("cart").currency("currency")
    customer = cart.part("customer")
    return CartSnapshot(
        external_id=cart.identifier("id"),
        version=cart.whole("version"),
        changed_at=cart.needed_moment("changed_at"),
        ordered_at=cart.moment("ordered_at"),
        currency=currency,
        total=cart.money("total", currency),
        first_name=customer.text("first_name", 80),
        phones=_phones(customer),
        language=cart.language("language"),
        items=tuple(Fields({"title": title}).text("title", 200) for title in cart.items("items")[:3]),
        recovery_url=cart.address("recovery_url"),
        is_backfill=event.flag("is_backfill"),
    )


def read_erasure(event: Fields) -> PrivacyRequest:
    """Raises BadShopPayload."""
    customer = event.part("customer")
    return PrivacyRequest(erases=True, customer_id=customer.identifier("id"), phones=_phones(customer))


def read_hello(event: Fields) -> Greeting:
    """Raises BadShopPayload. The envelope says which shop it is (`shop_key_of`)."""
    hello = event.part("hello")
    first = {name: Fields({name: next(iter(hello.items(name)), None)}) for name in ("languages", "currencies")}
    currency = first["currencies"]
    return Greeting(
        shop_key="",
        country=hello.country("country"),
        language=first["languages"].language("languages"),
        currency=currency.currency("currencies") if currency.has("currencies") else "",
        wake_url=hello.address("wake_url"),
        states=tuple(_state(state) for state in hello.parts("states")[:100]),
    )


def shop_key_of(body: Fields) -> str:
    """Installation and shop id of the envelope. Raises BadShopPayload."""
    shop = body.part("shop")
    return f"{shop.identifier('installation', 60)}/{shop.identifier('id', 20)}" if shop.has("installation") else ""


READERS: dict[str, Callable[[Fields], News]] = {
    "order.changed": read_order,
    "customer.changed": read_customer,
    "cart.changed": read_cart,
    "customer.erased": read_erasure,
    "shop.hello": read_hello,
    "shop.goodbye": lambda event: Farewell(),
}


def _phones(customer: Fields) -> tuple[PhoneCandidate, ...]:
    return tuple(
        PhoneCandidate(phone.text("number", 40), phone.country("country"))
        for phone in customer.parts("phones")[:6]
        if phone.has("number")
    )


def _reached(state: Fields) -> ReachedState:
    return ReachedState(state.identifier("id"), state.text("name", 80), state.needed_moment("reached_at"))


def _state(state: Fields) -> StateOfShop:
    facts = tuple(Fields({"fact": fact}).text("fact", 20) for fact in state.items("facts")[:8])
    return StateOfShop(state.identifier("id"), state.text("name", 80), facts)


def _tracking(parcel: Fields) -> dict[str, str]:
    return {
        "number": parcel.text("number", 80),
        "url": parcel.address("url"),
        "carrier": parcel.text("carrier", 80),
    }


def _refund(refund: Fields, currency: str) -> Refund:
    return Refund(refund.identifier("id", 40), refund.money("amount", currency), refund.needed_moment("refunded_at"))
