"""Any provider that takes a message by one HTTP request: the operator tells how (docs/gateways.md)."""

import base64
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from django.utils.translation import gettext_lazy as _

from integrations import http
from integrations.gateways import templates
from integrations.gateways.answers import (
    fields_of,
    first_of,
    international,
    moment_of,
    object_of,
    refusal_by_status,
)
from integrations.gateways.base import (
    HIDDEN,
    Accepted,
    BadWebhook,
    Balance,
    Capabilities,
    Check,
    Connected,
    DeliveryReport,
    ErrorClass,
    Gateway,
    IncomingMessage,
    Outgoing,
    Rejected,
    ReportStatus,
    SendResult,
    StopHandling,
    Unknown,
    WebhookCall,
    is_signed_reference,
    sign_reference,
)
from integrations.gateways.encoding import Encoding, measure
from integrations.gateways.generic_form import GenericHttpForm

logger = logging.getLogger(__name__)

CONTENT_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
# Parameters of our own in the address of a message's reports.
REFERENCE, PROOF = "chappe_reference", "chappe_proof"
TIMES = ("date", "datetime", "timestamp", "time", "received_at")


class GenericHttpGateway(Gateway):
    slug = "generic_http"
    label = _("Another provider (HTTP)")
    capabilities = Capabilities(max_batch=20)
    config_form = GenericHttpForm
    steps = (
        _("Look up in your provider's documentation how one message is sent by HTTP, and write it down here."),
        _("Paste the addresses below at your provider, or put {report_url} into the template."),
        _("Send a test to a team number before you send to anybody else."),
    )
    webhook_kinds = ("dlr", "mo", "stop")
    spoken_kinds = frozenset({"mo", "stop"})
    pasted_kinds = {"dlr": _("Delivery reports"), "mo": _("Answers from people"), "stop": _("STOP")}

    def __init__(self, credentials: Mapping[str, Any], **options: Any) -> None:
        super().__init__(credentials, **options)
        # "STOP 36180" is written behind a space, as ours is.
        clause = str(credentials.get("appended_stop_clause") or "").strip()
        self.capabilities = replace(
            type(self).capabilities,
            stop=StopHandling(credentials.get("stop") or StopHandling.NONE),
            appended_stop_clause=f" {clause}" if clause else "",
        )

    @property
    def identity(self) -> str:
        """The same host and secret are the same account; without a secret, the same request is."""
        host = (urlsplit(self.credentials["url"]).hostname or "").lower()
        rest = [self._said(name) for name in ("url", "headers", "template")]
        return f"http {host} {self._said('api_key') or rest}"

    def _said(self, name: str) -> str:
        return str(self.credentials.get(name) or "")

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        answers = http.request_all([self._call(each) for each in batch])
        return [self._result(answer, each) for answer, each in zip(answers, batch, strict=True)]

    def _call(self, message: Outgoing) -> http.Call:
        values, kind = self._values(message), self._said("body") or "json"
        options: dict[str, Any] = {"headers": self._headers(values)}
        if kind != "none":
            fill = templates.fill_json if kind == "json" else templates.fill_form
            options["content"] = fill(self._said("template"), values)
            options["headers"].setdefault("content-type", CONTENT_TYPES[kind])
        url = templates.fill_url(self._said("url"), values)
        return http.Call(self._said("method") or "POST", url, options, only_public=True)

    def _headers(self, values: Mapping[str, templates.Value]) -> dict[str, str]:
        found = templates.pairs(self._said("headers"))
        return {name.lower(): templates.fill_line(value, values) for name, value in found}

    def _values(self, message: Outgoing) -> dict[str, templates.Value]:
        return self._secrets | {
            "to": message.to,
            "to_digits": message.to.removeprefix("+"),
            "sender": message.sender,
            "text": message.text,
            "reference": message.reference,
            "report_url": self._report_url(message.reference),
            "is_marketing": message.is_marketing,
            "is_unicode": measure(message.text).encoding == Encoding.UCS_2,
        }

    @property
    def _secrets(self) -> dict[str, templates.Value]:
        key = self._said("api_key")
        return {"key": key, "key_base64": base64.b64encode(key.encode()).decode(), "reference": ""}

    def redact(self, text: str) -> str:
        encoded = str(self._secrets["key_base64"])
        return super().redact(text.replace(encoded, HIDDEN) if encoded else text)

    def _report_url(self, reference: str) -> str:
        proof = sign_reference(self.webhook_secret, reference)
        return f"{self.address_of('dlr')}?{urlencode({REFERENCE: reference, PROOF: proof})}"

    def _result(self, answer: httpx.Response | http.CallFailed, message: Outgoing) -> SendResult:
        if isinstance(answer, http.CallFailed):
            return answer.outcome
        said = object_of(answer)
        if self._is_success(answer, said):
            return self._accepted(said, message)
        return self._refusal(answer, said)

    def _refusal(self, answer: httpx.Response, said: dict[str, Any] | None) -> Rejected | Unknown:
        code = templates.at_path(said, self._said("error_path")) if self._said("error_path") else ""
        if error := dict(templates.pairs(self._said("errors_map"))).get(code):
            return Rejected(ErrorClass(error), self.redact(code)[:40])
        if answer.status_code in self._statuses("success_statuses"):
            return Unknown(f"{answer.status_code} without the sign of success")
        if refusal := refusal_by_status(answer):
            return refusal
        if answer.status_code in self._statuses("refusal_statuses"):
            return Rejected(ErrorClass.CONTENT, str(answer.status_code), self.redact(code)[:40])
        return Unknown(f"HTTP {answer.status_code}")

    def _is_success(self, answer: httpx.Response, said: dict[str, Any] | None) -> bool:
        if answer.status_code not in self._statuses("success_statuses"):
            return False
        path = self._said("success_path")
        return not path or templates.at_path(said, path) == self._said("success_value")

    def _statuses(self, name: str) -> set[int]:
        return {int(status) for status in self._said(name).split(",") if status.strip()}

    def _accepted(self, said: dict[str, Any] | None, message: Outgoing) -> SendResult:
        """A provider that gives no id of its own is asked by ours; one that should and does not, proves nothing."""
        path = self._said("id_path")
        provider_id = templates.at_path(said, path) if path else message.reference
        return Accepted((provider_id,)) if provider_id else Unknown("accepted without an id")

    def check(self) -> Check:
        """The balance where it can be asked for; otherwise only whether there is such a machine."""
        try:
            answer = self._ask()
        except http.CallFailed as error:
            return error.outcome
        if not self._said("balance_url"):
            return Connected(
                advice=(_("The machine answers. Only a test message shows whether the request is right."),)
            )
        if answer.status_code != 200:
            return refusal_by_status(answer) or Unknown(f"HTTP {answer.status_code}")
        try:
            return Connected(Balance(Decimal(templates.at_path(object_of(answer), self._said("balance_path")))))
        except InvalidOperation:
            return Connected(advice=(_("The answer holds no balance at the place that you gave."),))

    def _ask(self) -> httpx.Response:
        if url := self._said("balance_url"):
            url = templates.fill_url(url, self._secrets)
            return http.request("GET", url, headers=self._headers(self._secrets), only_public=True)
        parts = urlsplit(self._said("url"))
        return http.request("HEAD", f"{parts.scheme}://{parts.netloc}/", only_public=True)

    def verify(self, kind: str, call: WebhookCall) -> bool:
        """An address that was made for one message speaks of that message only."""
        if PROOF not in call.query and REFERENCE not in call.query:
            return True
        return is_signed_reference(call, call.query.get(REFERENCE, ""), call.query.get(PROOF, ""))

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return call.digest

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        fields = fields_of(call)
        return self._reports(fields, call) if kind == "dlr" else [self._incoming(kind, fields, call)]

    def _reports(self, fields: dict[str, str], call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        code = fields.get(self._said("report_status"), "")
        reference = fields.get(REFERENCE) or fields.get(self._said("report_reference"), "")
        provider_id = fields.get(self._said("report_id"), "")
        if not code or not (reference or provider_id):
            raise BadWebhook("a report without status, or without id and reference")
        status = dict(templates.pairs(self._said("statuses_map"))).get(code)
        if status is None:
            logger.warning("A provider reported a status that is in no table of its account: nothing changes.")
            return []
        moment = moment_of(first_of(fields, *TIMES), call.received_at)
        return [DeliveryReport(ReportStatus(status), moment, provider_id, reference, code[:40])]

    def _incoming(self, kind: str, fields: dict[str, str], call: WebhookCall) -> IncomingMessage:
        sender = first_of(fields, self._said("answer_sender"), "from", "sender", "msisdn", "number", "phone")
        text = first_of(fields, self._said("answer_text"), "text", "message", "content")
        if not sender or not (text or kind == "stop"):
            raise BadWebhook("an answer without number or text")
        return IncomingMessage(
            sender=international(sender),
            text="STOP" if kind == "stop" else text,
            received_at=moment_of(first_of(fields, *TIMES), call.received_at),
            provider_id=f"{kind}:{fields.get('id') or call.digest}",
        )
