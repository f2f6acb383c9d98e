"""What we ask of Shopify shops: orders that no call told, calls that are subscribed to, and our STOPs written back."""

import json
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django_scopes import scope, scopes_disabled

from audience.models import Consent, ConsentAct, Purpose
from integrations.gateways.base import WebhookCall
from integrations.models import ShopConnection, ShopCustomer
from integrations.queries import shop_webhook_url
from integrations.services import inbox
from integrations.shops.shopify import graphql
from integrations.shops.shopify.client import Client, ShopifyTrouble, Unauthorized, is_fresh, new_token

logger = logging.getLogger(__name__)

# Updates may be noted a little before they can be found.
OVERLAP, FIRST_LOOK_BACK = timedelta(minutes=10), timedelta(days=1)
CONSENTS_AT_ONCE = 200
# Longer than the HTTP client lets a call take.
RENEWED_WITHIN, LOOK_AGAIN_SECONDS = timedelta(seconds=60), 0.2


def client_of(shop: ShopConnection, now: datetime) -> Client:
    """A client whose token is renewed when it ends."""
    return Client(shop.shop_key, lambda: token_of(shop, now))


def token_of(shop: ShopConnection, now: datetime) -> str:
    """A token that counts. One process renews it, the others wait for that: a second use would void a refresh token.

    Nothing is locked while Shopify is asked: on SQLite that would hold up every other write of the site.
    Raises ShopifyTrouble, Unauthorized.
    """
    give_up_at = time.monotonic() + RENEWED_WITHIN.total_seconds()
    while not is_fresh(shop.credentials, now):
        if _may_renew(shop, now):
            _renew(shop, now)
        elif time.monotonic() > give_up_at:
            raise ShopifyTrouble("Shopify asks us to wait")
        else:
            time.sleep(LOOK_AGAIN_SECONDS)
            shop.credentials = ShopConnection.objects.get(pk=shop.pk).credentials
    return str(shop.credentials["access_token"])


def _may_renew(shop: ShopConnection, now: datetime) -> bool:
    """Whoever died over it is replaced."""
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    return bool(ShopConnection.objects.filter(free, pk=shop.pk).update(renewing_until=now + RENEWED_WITHIN))


def _renew(shop: ShopConnection, now: datetime) -> None:
    """With the credentials of this moment: another process may just have done it."""
    try:
        known = ShopConnection.objects.get(pk=shop.pk).credentials
        told = {} if is_fresh(known, now) else new_token(shop.shop_key, known, now)
        shop.credentials = _keep(shop, told)
    finally:
        ShopConnection.objects.filter(pk=shop.pk).update(renewing_until=None)


@transaction.atomic
def _keep(shop: ShopConnection, told: dict[str, str]) -> dict[str, Any]:
    """Beside whatever else was changed meanwhile, such as a new secret of the app."""
    locked = ShopConnection.objects.select_for_update().get(pk=shop.pk)
    locked.credentials = {**locked.credentials, **told}
    locked.save(update_fields=["credentials"])
    return locked.credentials


def for_each_shop(work: Callable[..., int], *, now: datetime) -> int:
    """Do it for every shop that lets us ask; one that can't be asked keeps no other from being asked."""
    with scopes_disabled():
        known = ShopConnection.objects.filter(platform="shopify", is_enabled=True).exclude(shop_key="")
        shops = list(known.select_related("workspace").order_by("pk"))
    return sum(_try(work, shop, now) for shop in shops if shop.credentials.get("client_id"))


def _try(work: Callable[..., int], shop: ShopConnection, now: datetime) -> int:
    """What went wrong stands on the shop's page until it goes well."""
    done, trouble = 0, ""
    with scope(workspace=shop.workspace):
        try:
            done = work(shop=shop, now=now)
        except ShopifyTrouble as error:
            trouble = str(error)
            if isinstance(error, Unauthorized):
                forget_token(shop)
        except Exception:
            logger.exception("Shop %s can't be asked.", shop.pk)
            trouble = "Shopify’s answer could not be understood"
        if trouble != shop.trouble:
            ShopConnection.objects.filter(pk=shop.pk).update(trouble=trouble)
    return done


@transaction.atomic
def forget_token(shop: ShopConnection) -> None:
    """The next question is asked with another."""
    locked = ShopConnection.objects.select_for_update().get(pk=shop.pk)
    locked.credentials = {name: value for name, value in locked.credentials.items() if name != "access_token"}
    locked.save(update_fields=["credentials"])


def fetch_orders(*, shop: ShopConnection, now: datetime) -> int:
    """Orders updated since the last look go through the inbox as if they had been told; how many were news to it."""
    since = shop.reconciled_at - OVERLAP if shop.reconciled_at else now - FIRST_LOOK_BACK
    asked = {"query": f"updated_at:>='{since.isoformat()}'"}
    stored = sum(_store(shop, each, now) for each in client_of(shop, now).pages(graphql.ORDERS, asked, "orders"))
    ShopConnection.objects.filter(pk=shop.pk).update(reconciled_at=now)
    return stored


def _store(shop: ShopConnection, order: dict[str, str], now: datetime) -> bool:
    body = json.dumps(graphql.as_webhook(order), ensure_ascii=False).encode()
    return inbox.store_call(
        origin=shop,
        topic="orders/updated",
        dedup_key=f"fetched:{order['legacyResourceId']}:{order['updatedAt']}",
        call=WebhookCall(method="POST", query={}, headers={}, body=body),
        now=now,
    )


def subscribe(*, shop: ShopConnection, now: datetime) -> int:
    """Shopify drops subscriptions after failures, and tells nobody here: ask for those that are missing; how many."""
    client, address = client_of(shop, now), shop_webhook_url(shop)
    nodes = client.pages(graphql.SUBSCRIPTIONS, {}, "webhookSubscriptions")
    there = {each["topic"] for each in nodes if each.get("uri") == address}
    missing = [topic for topic in map(graphql.enum_of, graphql.TOPICS) if topic not in there]
    for topic in missing:
        client.change(graphql.SUBSCRIBE, {"topic": topic, "uri": address}, "webhookSubscriptionCreate")
    return len(missing)


def push_refusals(*, shop: ShopConnection, now: datetime) -> int:
    """Our STOPs, in the order of the ledger, to the customers of this shop; how many were told.

    Rows are read once they are sealed: then none with a smaller number can still appear.
    """
    said = Consent.objects.filter(purpose=Purpose.MARKETING, act=ConsentAct.WITHDRAWN, pk__gt=shop.consent_cursor)
    rows = list(said.exclude(seal=None).order_by("pk")[:CONSENTS_AT_ONCE])
    client, told = client_of(shop, now), 0
    for row in rows:
        for customer in ShopCustomer.objects.filter(shop=shop, contact=row.contact_id, contact__isnull=False):
            told += _push(client, customer, row)
        ShopConnection.objects.filter(pk=shop.pk).update(consent_cursor=row.pk)
    return told


def _push(client: Client, customer: ShopCustomer, row: Consent) -> int:
    """Not what the shop said itself, nor what is older than what it says now."""
    if customer.said == ShopCustomer.Said.NO or (customer.said_at and customer.said_at > row.occurred_at):
        return 0
    consent = {
        "marketingState": "UNSUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "consentUpdatedAt": row.occurred_at.isoformat(),
    }
    asked = {"customerId": f"gid://shopify/Customer/{customer.external_id}", "smsMarketingConsent": consent}
    client.change(graphql.SET_CONSENT, {"input": asked}, "customerSmsMarketingConsentUpdate")
    customer.said, customer.said_at = ShopCustomer.Said.NO, row.occurred_at
    customer.save(update_fields=["said", "said_at"])
    return 1
