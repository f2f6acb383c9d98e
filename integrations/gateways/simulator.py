"""The simulator: a provider without an account, whose phones are a page of the admin. The reference implementation."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from integrations.gateways.base import (
    BadWebhook,
    Capabilities,
    DeliveryReport,
    Gateway,
    IncomingMessage,
    Outgoing,
    Reconciliation,
    ReportStatus,
    SendResult,
    StopHandling,
    WebhookCall,
)
from integrations.simulator import operator


class SimulatorGateway(Gateway):
    slug = "simulator"
    label = _("Simulator")
    capabilities = Capabilities(max_batch=100, can_reconcile=True, stop=StopHandling.OURS, is_simulator=True)

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        return operator.take(self.account_id, batch)

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        return operator.look_up(self.account_id, reference)

    def verify(self, kind: str, call: WebhookCall) -> bool:
        return any(_is_signed(call, secret) for secret in call.secrets)

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return call.headers["webhook-id"][:200]

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        try:
            news = json.loads(call.body)
            return [_report(each) for each in news["reports"]] + [_message(each) for each in news["messages"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadWebhook(f"unreadable news: {type(error).__name__}") from None


def _is_signed(call: WebhookCall, secret: str) -> bool:
    try:
        Webhook(secret.encode()).verify(call.body, dict(call.headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # A malformed signature is a ValueError.
        return False
    return True


def _report(news: dict[str, Any]) -> DeliveryReport:
    return DeliveryReport(
        status=ReportStatus(news["status"]),
        occurred_at=datetime.fromisoformat(news["at"]),
        provider_id=news["id"],
        reference=news["reference"],
        code=news["code"],
    )


def _message(news: dict[str, Any]) -> IncomingMessage:
    return IncomingMessage(
        sender=news["from"],
        text=news["text"],
        received_at=datetime.fromisoformat(news["at"]),
        provider_id=news["id"],
    )
