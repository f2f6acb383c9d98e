"""A gateway that does what a test tells it, and counts what it took."""

from collections.abc import Sequence
from typing import ClassVar

from integrations.gateways.base import (
    Accepted,
    Capabilities,
    DeliveryReport,
    Gateway,
    IncomingMessage,
    Outgoing,
    Reconciliation,
    SendResult,
    StopHandling,
    Undecidable,
    WebhookCall,
)


class ScriptedGateway(Gateway):
    slug = "scripted"
    label = "Scripted"
    capabilities = Capabilities(max_batch=100, can_reconcile=True, stop=StopHandling.OURS, is_simulator=True)
    taken: ClassVar[list[Outgoing]] = []
    # By number: a result, an exception to raise, or what reconciliation answers.
    results: ClassVar[dict[str, SendResult | Exception]] = {}
    answers: ClassVar[dict[str, Reconciliation]] = {}

    @classmethod
    def reset(cls) -> None:
        cls.taken.clear()
        cls.results.clear()
        cls.answers.clear()

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        return [self._take(outgoing) for outgoing in batch]

    def _take(self, outgoing: Outgoing) -> SendResult:
        result = self.results.get(outgoing.to, Accepted((f"id-{outgoing.reference}",)))
        if isinstance(result, Exception):
            raise result
        if isinstance(result, Accepted):
            self.taken.append(outgoing)
        return result

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        return self.answers.get(to, Undecidable())

    def verify(self, kind: str, call: WebhookCall) -> bool:
        return False

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return ""

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        return []


class AppendingGateway(ScriptedGateway):
    """Writes its own STOP mention at the end of marketing."""

    slug = "appending"
    capabilities = Capabilities(stop=StopHandling.PROVIDER, appended_stop_clause=" STOP 36111")
