"""Shopify's Admin API: GraphQL over our own HTTP client, with tokens that end.

https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from integrations import http

API_VERSION = "2026-10"
DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,80}\.myshopify\.com")
TRIES = 5
# A token is renewed while it still counts for so long.
SPARE = timedelta(minutes=5)
LONGEST_WAIT_SECONDS = 30.0
PAGE = 25


class ShopifyTrouble(Exception):
    """What was asked was not done; the message says why, in words a merchant reads."""


class Unauthorized(ShopifyTrouble):
    """The token is no longer, or was never, good."""


def root_of(domain: str) -> str:
    """The shop's address. Raises ShopifyTrouble for anything but a shop of Shopify's: we follow no typed address."""
    if not DOMAIN.fullmatch(domain):
        raise ShopifyTrouble("not the address of a Shopify shop")
    return f"https://{domain}"


def is_fresh(credentials: Mapping[str, Any], now: datetime) -> bool:
    """Whether there is a token that will count for a while."""
    ends_at = credentials.get("token_expires_at")
    return bool(credentials.get("access_token") and ends_at and datetime.fromisoformat(ends_at) > now + SPARE)


def new_token(domain: str, credentials: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """Credentials with a new token. Raises ShopifyTrouble, Unauthorized.

    An app of the Dev Dashboard in its own organisation proves itself by its client id and secret; one that was granted
    access by OAuth has a refresh token, which is another with each use.
    """
    who = {"client_id": credentials.get("client_id", ""), "client_secret": credentials.get("client_secret", "")}
    if refresh := credentials.get("refresh_token"):
        grant = {"grant_type": "refresh_token", "refresh_token": refresh}
    else:
        grant = {"grant_type": "client_credentials"}
    answer = _post(f"{root_of(domain)}/admin/oauth/access_token", json={**who, **grant})
    if answer.status_code != HTTPStatus.OK:
        raise Unauthorized("Shopify refuses the app’s client id and secret")
    told = _json(answer)
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not isinstance(seconds, int):
        raise ShopifyTrouble("Shopify’s answer could not be understood")
    renewed = {"access_token": token, "token_expires_at": (now + timedelta(seconds=seconds)).isoformat()}
    return renewed | ({"refresh_token": told["refresh_token"]} if told.get("refresh_token") else {})


@dataclass(frozen=True)
class Client:
    """Asks one shop. `token` is not shown where the client is."""

    domain: str
    token: Callable[[], str]
    sleep: Callable[[float], None] = time.sleep

    def ask(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's data. Waits where the shop's budget is used up. Raises ShopifyTrouble, Unauthorized."""
        for _ in range(TRIES):
            answer = _post(
                f"{root_of(self.domain)}/admin/api/{API_VERSION}/graphql.json",
                json={"query": query, "variables": variables},
                headers={"X-Shopify-Access-Token": self.token()},
            )
            if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                raise Unauthorized("Shopify refuses our token")
            wait = _wait_of(answer)
            if wait is None:
                return _data(_json(answer))
            self.sleep(min(wait, LONGEST_WAIT_SECONDS))
        raise ShopifyTrouble("Shopify asks us to wait")

    def change(self, mutation: str, variables: Mapping[str, Any], name: str) -> dict[str, Any]:
        """A mutation's payload. Raises ShopifyTrouble with what Shopify has against it."""
        payload = self.ask(mutation, variables).get(name) or {}
        if errors := payload.get("userErrors"):
            raise ShopifyTrouble("; ".join(str(error.get("message", "")) for error in errors)[:200])
        return payload

    def page(
        self, query: str, variables: Mapping[str, Any], name: str, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The nodes of a connection behind a cursor, and the cursor of what follows; None where nothing does."""
        found = self.ask(query, {**variables, "first": PAGE, "after": after}).get(name) or {}
        info = found.get("pageInfo") or {}
        is_last = not info.get("hasNextPage") or info.get("endCursor") in {None, after}
        return list(found.get("nodes") or ()), None if is_last else str(info["endCursor"])

    def pages(self, query: str, variables: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
        """Every node of a connection, page by page."""
        after: str | None = None
        while True:
            nodes, after = self.page(query, variables, name, after)
            yield from nodes
            if after is None:
                return


def _post(url: str, **options: Any) -> httpx.Response:
    try:
        return http.request("POST", url, **options)
    except http.CallFailed as error:
        raise ShopifyTrouble("Shopify can’t be reached") from error


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ShopifyTrouble("Shopify’s answer could not be understood")
    return told


def _wait_of(answer: httpx.Response) -> float | None:
    """Seconds until the same question may be asked again; None when it was answered."""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        after = answer.headers.get("retry-after", "")
        return float(after) if re.fullmatch(r"\d{1,4}(\.\d+)?", after) else 2.0
    told = _json(answer)
    errors = [error for error in told.get("errors") or () if isinstance(error, dict)]
    if not any((error.get("extensions") or {}).get("code") == "THROTTLED" for error in errors):
        return None
    cost = (told.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    lacking = cost.get("requestedQueryCost", 0) - status.get("currentlyAvailable", 0)
    return max(0.5, lacking / (status.get("restoreRate") or 50))


def _data(told: dict[str, Any]) -> dict[str, Any]:
    data = told.get("data")
    if told.get("errors") or not isinstance(data, dict):
        raise ShopifyTrouble("Shopify could not answer: a scope of the app may be missing")
    return data
