"""Orders as Shopify's REST resources write them, whole and in parts.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from integrations.shops.base import OrderPart, OrderSnapshot, PhoneCandidate, Refund
from integrations.shops.reading import Fields, milliseconds
from shortlinks.click_ids import CLICK_ID

PAID = frozenset({"paid", "partially_refunded", "refunded"})
# What a parcel's status says of its order: https://shopify.dev/docs/api/admin-graphql/latest/enums/FulfillmentEventStatus
PARCEL_FACTS = {
    "delayed": "delayed_at",
    "out_for_delivery": "out_for_delivery_at",
    "ready_for_pickup": "ready_at",
    "delivered": "delivered_at",
    "picked_up": "delivered_at",
}
# Set by hand-over from a short link (docs/short-links.md) in the cart's attributes or the landing address.


def read_order(order: Fields) -> OrderSnapshot:
    """A snapshot of an order body. Raises BadShopPayload."""
    currency = order.currency("currency")
    updated_at = order.needed_moment("updated_at")
    shipping, customer, billing = (order.part(name) for name in ("shipping_address", "customer", "billing_address"))
    shipments = [each for each in order.parts("fulfillments") if each.text("status", 20) == "success"]
    return OrderSnapshot(
        external_id=order.identifier("id"),
        number=order.identifier("name"),
        version=milliseconds(updated_at),
        placed_at=order.needed_moment("created_at"),
        # No time of payment in the body: paid when it first says so.
        paid_at=updated_at if order.text("financial_status", 40) in PAID else None,
        shipped_at=min((each.needed_moment("created_at") for each in shipments), default=None),
        delivered_at=_delivered_at(shipments),
        delayed_at=_since(shipments, "delayed_at"),
        out_for_delivery_at=_since(shipments, "out_for_delivery_at"),
        ready_at=_since(shipments, "ready_at"),
        cancelled_at=order.moment("cancelled_at"),
        currency=currency,
        total=order.money("total_price", currency),
        first_name=next((name for each in (shipping, customer, billing) if (name := each.text("first_name", 80))), ""),
        phones=tuple(phones_of(order, shipping, customer, billing)),
        country=shipping.country("country_code") or billing.country("country_code"),
        language=order.language("customer_locale"),
        discount_codes=tuple(each.text("code", 80) for each in order.parts("discount_codes")[:20]),
        items=tuple(line.text("title", 200) for line in order.parts("line_items")[:20]),
        tracking=tuple(_tracking(shipments))[:20],
        refunds=tuple(_refund(each, currency) for each in order.parts("refunds")),
        status_url=order.address("order_status_url"),
        click_id=_click_id(order),
        is_test=order.flag("test"),
    )


def phones_of(order: Fields, shipping: Fields, customer: Fields, billing: Fields) -> Iterator[PhoneCandidate]:
    """Whoever waits for the parcel first. A number without an address is read as of the parcel's country."""
    home = shipping.country("country_code") or billing.country("country_code")
    for fields in (shipping, order, customer, billing):
        number = fields.text("phone", 40)
        if number:
            yield PhoneCandidate(number, fields.country("country_code") or home)


def _fact_of(parcel: Fields, name: str = "shipment_status") -> str | None:
    return PARCEL_FACTS.get(parcel.text(name, 40).lower())


def _since(shipments: list[Fields], field: str) -> datetime | None:
    """No time of its own in the body: a parcel has a status since it first says so."""
    return min((each.needed_moment("updated_at") for each in shipments if _fact_of(each) == field), default=None)


def _delivered_at(shipments: list[Fields]) -> datetime | None:
    """When the last parcel arrived. Best effort: only carriers that Shopify follows say so."""
    if not shipments or any(_fact_of(each) != "delivered_at" for each in shipments):
        return None
    return max(each.needed_moment("updated_at") for each in shipments)


def _tracking(shipments: list[Fields]) -> Iterator[dict[str, str]]:
    for shipment in shipments:
        number, url = shipment.text("tracking_number", 80), shipment.address("tracking_url")
        if number or url:
            yield {"number": number, "url": url, "carrier": shipment.text("tracking_company", 80)}


def read_fulfillment(parcel: Fields) -> OrderPart:
    """A parcel: that it left, what its carrier says, its tracking. Raises BadShopPayload."""
    has_left = parcel.text("status", 20) == "success"
    facts = {"shipped_at": parcel.needed_moment("created_at")} if has_left else {}
    if has_left and (field := _fact_of(parcel)):
        facts[field] = parcel.needed_moment("updated_at")
    tracking = tuple(_tracking([parcel])) if has_left else ()
    return OrderPart(parcel.identifier("order_id"), facts=facts, tracking=tracking)


def read_fulfillment_event(event: Fields) -> OrderPart:
    """What a carrier says of a parcel. Raises BadShopPayload."""
    field = _fact_of(event, "status")
    facts = {field: event.needed_moment("happened_at")} if field else {}
    return OrderPart(event.identifier("order_id"), facts=facts)


def read_refund(refund: Fields) -> OrderPart:
    """Money given back, in the currency of the shop. Raises BadShopPayload."""
    paid = refund.parts("transactions")
    refunds = (_refund(refund, paid[0].currency("currency")),) if paid else ()
    return OrderPart(refund.identifier("order_id"), refunds=refunds)


def _refund(refund: Fields, currency: str) -> Refund:
    """What was really paid back: other transactions are attempts, voids and exchanges."""
    paid_back = [
        each.money("amount", currency)
        for each in refund.parts("transactions")
        if each.text("kind", 20) == "refund" and each.text("status", 20) == "success"
    ]
    return Refund(refund.identifier("id", 40), sum(paid_back), refund.needed_moment("created_at"))


def _click_id(order: Fields) -> str:
    for attribute in order.parts("note_attributes"):
        if attribute.value.get("name") == CLICK_ID:
            return attribute.code("value")
    try:
        query = parse_qs(urlsplit(order.text("landing_site", 2000)).query, max_num_fields=50)
    except ValueError:
        return ""
    return Fields({"value": query.get(CLICK_ID, [""])[0]}).code("value")
