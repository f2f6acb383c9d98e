"""The past of a Shopify shop: pages of its GraphQL, each one call in the inbox."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.gateways.base import WebhookCall
from integrations.models import Backfill, ShopConnection
from integrations.services import inbox
from integrations.services.past_pages import CannotAsk, Page
from integrations.services.shopify import client_of, forget_token
from integrations.shops.shopify import graphql
from integrations.shops.shopify.adapter import PAST
from integrations.shops.shopify.client import Client, ShopifyTrouble, Unauthorized

QUESTIONS = {
    "customers": (graphql.CUSTOMERS, graphql.customer_as_webhook),
    "orders": (graphql.PAST, graphql.as_webhook),
}


def next_page(backfill: Backfill, shop: ShopConnection, now: datetime) -> Page:
    """Ask for the page behind the cursor, and store it. Raises CannotAsk."""
    question, as_webhook = QUESTIONS[backfill.stage]
    client = client_of(shop, now)
    try:
        total = None if backfill.cursor else _count(client, backfill.stage)
        nodes, after = client.page(question, {}, backfill.stage, backfill.cursor or None)
    except ShopifyTrouble as error:
        if isinstance(error, Unauthorized):
            forget_token(shop)
        raise CannotAsk(str(error)) from error
    if nodes:
        _store(backfill, shop, {"nodes": [as_webhook(node) for node in nodes]}, now)
    return Page(told=len(nodes), cursor=after or "", is_last=after is None, total=total)


def _count(client: Client, stage: str) -> int | None:
    told = client.ask(graphql.COUNTS[stage], {}).get("counted") or {}
    count = told.get("count")
    return count if isinstance(count, int) and count >= 0 else None


def _store(backfill: Backfill, shop: ShopConnection, page: Mapping[str, Any], now: datetime) -> None:
    """Once, however often it is asked for."""
    place = hashlib.sha256(backfill.cursor.encode()).hexdigest()
    body = json.dumps(page, ensure_ascii=False).encode()
    inbox.store_call(
        origin=shop,
        topic=f"{PAST}{backfill.stage}",
        dedup_key=f"{PAST}{backfill.pk}:{backfill.stage}:{place}",
        call=WebhookCall(method="POST", query={}, headers={}, body=body),
        now=now,
    )
