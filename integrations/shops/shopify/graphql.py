"""What we ask Shopify, and orders of its GraphQL turned into the bodies that its webhooks have."""

from collections.abc import Mapping
from typing import Any

ADDRESS = "{ phone firstName countryCodeV2 }"
ORDER = f"""legacyResourceId name createdAt updatedAt cancelledAt test currencyCode customerLocale phone
      displayFinancialStatus discountCodes statusPageUrl
      customAttributes {{ key value }}
      totalPriceSet {{ shopMoney {{ amount }} }}
      shippingAddress {ADDRESS}
      billingAddress {ADDRESS}
      customer {{ firstName defaultPhoneNumber {{ phoneNumber }} }}
      customerJourneySummary {{ lastVisit {{ landingPage }} }}
      fulfillments(first: 10) {{ status displayStatus createdAt updatedAt trackingInfo {{ number url company }} }}
      refunds(first: 20) {{
        legacyResourceId createdAt
        transactions(first: 10) {{ nodes {{ kind status amountSet {{ shopMoney {{ amount }} }} }} }}
      }}"""
ORDERS = f"""
query Orders($query: String!, $first: Int!, $after: String) {{
  orders(query: $query, first: $first, after: $after, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {ORDER} }}
  }}
}}
"""
# All that the app may see: of sixty days, or more where it has read_all_orders.
PAST = f"""
query Past($first: Int!, $after: String) {{
  orders(first: $first, after: $after, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {ORDER} }}
  }}
}}
"""
# https://shopify.dev/docs/api/admin-graphql/latest/objects/CustomerPhoneNumber
CUSTOMERS = f"""
query Customers($first: Int!, $after: String) {{
  customers(first: $first, after: $after, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      legacyResourceId updatedAt firstName locale
      defaultPhoneNumber {{ phoneNumber marketingState marketingOptInLevel marketingUpdatedAt marketingCollectedFrom }}
      defaultAddress {ADDRESS}
    }}
  }}
}}
"""
COUNTS = {
    "customers": "query { counted: customersCount(limit: null) { count } }",
    "orders": "query { counted: ordersCount(limit: null) { count } }",
}
SUBSCRIPTIONS = """
query Subscriptions($first: Int!, $after: String) {
  webhookSubscriptions(first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes { topic uri } }
}
"""
SUBSCRIBE = """
mutation Subscribe($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri, format: JSON}) {
    userErrors { message }
  }
}
"""
SET_CONSENT = """
mutation SetConsent($input: CustomerSmsMarketingConsentUpdateInput!) {
  customerSmsMarketingConsentUpdate(input: $input) { userErrors { message } }
}
"""
# What can be asked for one by one; the compliance topics belong to the app's own configuration.
TOPICS = (
    *(f"orders/{change}" for change in ("create", "paid", "updated", "cancelled")),
    *("fulfillments/create", "fulfillments/update", "fulfillment_events/create", "refunds/create"),
    *("checkouts/create", "checkouts/update", "customers/create", "customers/update"),
    *("customers_marketing_consent/update", "app/uninstalled"),
)


def enum_of(topic: str) -> str:
    """`orders/create` is ORDERS_CREATE."""
    return topic.upper().replace("/", "_")


def as_webhook(order: Mapping[str, Any]) -> dict[str, Any]:
    """The order as orders/updated would tell it: one reader reads both."""
    customer = order.get("customer") or {}
    visit = (order.get("customerJourneySummary") or {}).get("lastVisit") or {}
    return {
        "id": int(order["legacyResourceId"]),
        "name": order["name"],
        "created_at": order["createdAt"],
        "updated_at": order["updatedAt"],
        "cancelled_at": order.get("cancelledAt"),
        "test": order.get("test"),
        "currency": order["currencyCode"],
        "total_price": _amount(order["totalPriceSet"]),
        "customer_locale": order.get("customerLocale"),
        "phone": order.get("phone"),
        "financial_status": (order.get("displayFinancialStatus") or "").lower(),
        "discount_codes": [{"code": code} for code in order.get("discountCodes") or ()],
        "order_status_url": order.get("statusPageUrl"),
        "note_attributes": [
            {"name": each["key"], "value": each.get("value")} for each in order.get("customAttributes") or ()
        ],
        "landing_site": visit.get("landingPage"),
        "shipping_address": _address(order.get("shippingAddress")),
        "billing_address": _address(order.get("billingAddress")),
        "customer": {
            "first_name": customer.get("firstName"),
            "phone": (customer.get("defaultPhoneNumber") or {}).get("phoneNumber"),
        },
        "fulfillments": [_fulfillment(each) for each in order.get("fulfillments") or ()],
        "refunds": [_refund(each) for each in order.get("refunds") or ()],
    }


def customer_as_webhook(customer: Mapping[str, Any]) -> dict[str, Any]:
    """The customer as customers/update would tell it. Nothing is read of e-mails: they agree to no SMS."""
    phone = customer.get("defaultPhoneNumber") or {}
    return {
        "id": int(customer["legacyResourceId"]),
        "updated_at": customer["updatedAt"],
        "first_name": customer.get("firstName"),
        "locale": customer.get("locale"),
        "phone": phone.get("phoneNumber"),
        "default_address": _address(customer.get("defaultAddress")),
        "sms_marketing_consent": {
            "state": (phone.get("marketingState") or "").lower(),
            "opt_in_level": phone.get("marketingOptInLevel"),
            "consent_updated_at": phone.get("marketingUpdatedAt"),
            "consent_collected_from": phone.get("marketingCollectedFrom"),
        },
    }


def _amount(money: Mapping[str, Any]) -> str:
    return str(money["shopMoney"]["amount"])


def _address(address: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {
        "phone": address.get("phone"),
        "first_name": address.get("firstName"),
        "country_code": address.get("countryCodeV2"),
    }


def _fulfillment(parcel: Mapping[str, Any]) -> dict[str, Any]:
    tracking: Mapping[str, Any] = next(iter(parcel.get("trackingInfo") or ()), {})
    return {
        "status": (parcel.get("status") or "").lower(),
        "shipment_status": (parcel.get("displayStatus") or "").lower(),
        "created_at": parcel["createdAt"],
        "updated_at": parcel["updatedAt"],
        "tracking_number": tracking.get("number"),
        "tracking_url": tracking.get("url"),
        "tracking_company": tracking.get("company"),
    }


def _refund(refund: Mapping[str, Any]) -> dict[str, Any]:
    nodes = (refund.get("transactions") or {}).get("nodes") or ()
    return {
        "id": int(refund["legacyResourceId"]),
        "created_at": refund["createdAt"],
        "transactions": [
            {"kind": each["kind"].lower(), "status": each["status"].lower(), "amount": _amount(each["amountSet"])}
            for each in nodes
        ],
    }
