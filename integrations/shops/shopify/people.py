"""Customers, what they said of offers, their carts, and what the law asks for them.

https://shopify.dev/docs/api/admin-rest/latest/resources/customer
"""

from collections.abc import Iterator

from integrations.shops.base import (
    Answer,
    BadShopPayload,
    CartSnapshot,
    CustomerSnapshot,
    Farewell,
    PhoneCandidate,
    PrivacyRequest,
)
from integrations.shops.reading import Fields, milliseconds
from integrations.shops.shopify.orders import phones_of

# https://shopify.dev/docs/api/admin-graphql/latest/enums/CustomerSmsMarketingState
# Every other state says nothing: never asked, asked, or taken away.
STATES = {"subscribed": True, "unsubscribed": False}
FEW = 3


def read_customer(customer: Fields) -> CustomerSnapshot:
    """A customer body. Raises BadShopPayload."""
    return CustomerSnapshot(
        external_id=customer.identifier("id"),
        version=milliseconds(customer.needed_moment("updated_at")),
        first_name=customer.text("first_name", 80),
        phones=tuple(_phones(customer)),
        language=customer.language("locale"),
        answer=_answer(customer),
    )


def read_consent(customer: Fields) -> CustomerSnapshot:
    """The body of customers_marketing_consent/update: id, phone and what they said. Raises BadShopPayload."""
    said_at = customer.part("sms_marketing_consent").moment("consent_updated_at")
    return CustomerSnapshot(
        external_id=customer.identifier("id"),
        version=milliseconds(said_at) if said_at else 0,
        phones=tuple(_phones(customer)),
        answer=_answer(customer),
    )


def _answer(customer: Fields) -> Answer | None:
    consent = customer.part("sms_marketing_consent")
    is_yes = STATES.get(consent.text("state", 40).lower())
    if is_yes is None:
        return None
    collected = {
        name: written
        for name in ("opt_in_level", "consent_collected_from")
        if (written := consent.text(name, 80).lower())
    }
    return Answer(is_yes, consent.moment("consent_updated_at"), evidence=collected)


def _phones(customer: Fields) -> Iterator[PhoneCandidate]:
    """What they said of offers they said of their own number, and of none that an address has."""
    home = customer.part("default_address")
    for fields in (customer,) if _answer(customer) else (customer, home):
        if number := fields.text("phone", 40):
            yield PhoneCandidate(number, home.country("country_code"))


def read_checkout(checkout: Fields) -> CartSnapshot:
    """A checkout that may yet become an order. Raises BadShopPayload."""
    currency, updated_at = checkout.currency("currency"), checkout.needed_moment("updated_at")
    shipping, customer, billing = (checkout.part(name) for name in ("shipping_address", "customer", "billing_address"))
    return CartSnapshot(
        external_id=checkout.identifier("token"),
        version=milliseconds(updated_at),
        changed_at=updated_at,
        ordered_at=checkout.moment("completed_at"),
        currency=currency,
        total=checkout.money("total_price", currency),
        first_name=next((name for each in (shipping, customer, billing) if (name := each.text("first_name", 80))), ""),
        phones=tuple(phones_of(checkout, shipping, customer, billing)),
        language=checkout.language("customer_locale"),
        items=tuple(line.text("title", 200) for line in checkout.parts("line_items")[:FEW]),
        recovery_url=checkout.address("abandoned_checkout_url"),
    )


def read_privacy(body: Fields, *, erases: bool) -> PrivacyRequest:
    """customers/data_request and customers/redact. Raises BadShopPayload."""
    customer = body.part("customer")
    orders = body.items("orders_to_redact" if erases else "orders_requested")
    return PrivacyRequest(
        erases=erases,
        customer_id=customer.identifier("id"),
        order_ids=tuple(Fields({"id": order}).identifier("id") for order in orders),
        phones=tuple(_phones(customer)),
    )


def read_shop_redact(body: Fields) -> PrivacyRequest:
    """Topics are not signed: another body under this one is not a wish to erase a shop. Raises BadShopPayload."""
    if not body.has("shop_domain") or body.has("customer"):
        raise BadShopPayload("This does not name a shop.")
    return PrivacyRequest(erases=True)


def read_uninstalled(body: Fields) -> Farewell:
    """The body is the shop. Raises BadShopPayload."""
    if "myshopify_domain" not in body.value:
        raise BadShopPayload("This does not describe a shop.")
    return Farewell()
