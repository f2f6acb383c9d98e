"""How the simulated operator tells us what happened: signed calls to the real webhook, many reports in one."""

import json
import logging
from collections.abc import Callable, Sequence

from django.utils import timezone
from django_scopes import scopes_disabled
from standardwebhooks.webhooks import Webhook

from integrations import http
from integrations.addresses import webhook_url
from integrations.models import GatewayAccount
from integrations.simulator import bulk
from integrations.simulator.operator import moment

logger = logging.getLogger(__name__)

KIND = "events"
# Posts a body to an address and returns the status code of the answer.
Post = Callable[[str, bytes, dict[str, str]], int]


def post_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    return http.request("POST", url, content=body, headers=headers, deadline_seconds=10).status_code


def tell(*, limit: int = 500, post: Post = post_over_http) -> int:
    """Post the news that is due; how much of it arrived. What did not arrive comes again."""
    arrived = 0
    for (account_id, call_id), rows in bulk.claim_news(bulk.clock(), limit).items():
        with scopes_disabled():
            account = GatewayAccount.objects.filter(public_id=account_id).first()
        if account is None:  # Its workspace is gone: nobody is left to tell.
            bulk.confirm_news(call_id, bulk.clock())
        elif _post(account, call_id, rows, post):
            bulk.confirm_news(call_id, bulk.clock())
            arrived += len(rows)
    return arrived


def _post(account: GatewayAccount, call_id: str, rows: Sequence[bulk.News], post: Post) -> bool:
    body = json.dumps(news_body(rows), ensure_ascii=False)
    headers = sign(account.webhook_secret, call_id, body)
    try:
        status = post(webhook_url(account, KIND), body.encode(), headers)
    except http.CallFailed as error:
        logger.warning("The simulated operator could not reach our webhook: %s", error)
        return False
    if not 200 <= status < 300:
        logger.warning("Our webhook answered the simulated operator with %s", status)
    return 200 <= status < 300


def sign(secret: str, call_id: str, body: str) -> dict[str, str]:
    """Headers of a valid call."""
    now = timezone.now()
    return {
        "content-type": "application/json",
        "webhook-id": call_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret.encode()).sign(call_id, now, body),
    }


def news_body(news: Sequence[bulk.News]) -> dict[str, list[dict[str, str]]]:
    return {
        "reports": [_report(each) for each in news if not each.message.is_inbound],
        "messages": [_message(each) for each in news if each.message.is_inbound],
    }


def _report(news: bulk.News) -> dict[str, str]:
    return {
        "id": news.message.provider_id,
        "reference": news.message.reference,
        "status": news.status,
        "code": news.code,
        "at": moment(news.happens_at).isoformat(),
    }


def _message(news: bulk.News) -> dict[str, str]:
    return {
        "id": news.message.provider_id,
        "from": news.message.phone,
        "text": news.message.text,
        "at": moment(news.happens_at).isoformat(),
    }
