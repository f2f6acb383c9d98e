"""Brevo SMS. Facts and their sources: docs/gateways.md; calls by its documentation: tests/payloads/brevo/.

https://developers.brevo.com/reference/send-async-transactional-sms and /docs/transactional-webhooks.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations import http
from integrations.gateways.answers import (
    REFUSALS,
    first_of,
    international,
    moment_of,
    object_of,
    read_object,
    refusal_by_status,
)
from integrations.gateways.base import (
    PARIS,
    Accepted,
    BadWebhook,
    Balance,
    Capabilities,
    Check,
    Connected,
    DeliveryReport,
    ErrorClass,
    Found,
    Gateway,
    Hold,
    IncomingMessage,
    Outgoing,
    Reconciliation,
    Rejected,
    ReportStatus,
    SendResult,
    StopHandling,
    Undecidable,
    Unknown,
    WebhookCall,
    is_signed_reference,
    sign_reference,
)
from integrations.gateways.encoding import Encoding, measure

logger = logging.getLogger(__name__)

HOST = "https://api.brevo.com/v3"
# Brevo writes its short number in here; a text that holds it is marketing, whatever its type says.
STOP_CODE = "[STOP_CODE]"
# Unsubscriptions are asked for so many days back, in pages of so many, and so many pages.
OPPOSITION_DAYS, PAGE, MOST_PAGES = 7, 100, 50

# `msg_status` of a webhook and `event` of the statistics; what is not here changes nothing.
STATUSES = {
    "accepted": ReportStatus.ACCEPTED,
    "sent": ReportStatus.SENT,
    "delivered": ReportStatus.DELIVERED,
    "soft_bounce": ReportStatus.UNDELIVERED,
    "softBounces": ReportStatus.UNDELIVERED,
    "hard_bounce": ReportStatus.UNDELIVERED,
    "hardBounces": ReportStatus.UNDELIVERED,
    "rejected": ReportStatus.REJECTED,
    "blocked": ReportStatus.REJECTED,
    "blacklisted": ReportStatus.REJECTED,
    "skipped": ReportStatus.REJECTED,
}
STOPS = frozenset({"unsubscription", "unsubscribe", "unsubscribed"})
REPLIES = frozenset({"reply", "replies", "replied"})
# `code` of a refusal, then words of its message: the codes themselves say little.
ERRORS = {
    "not_enough_credits": ErrorClass.CREDIT,
    "account_under_validation": ErrorClass.AUTH,
    "permission_denied": ErrorClass.AUTH,
    "unauthorized": ErrorClass.AUTH,
}
HINTS = (
    ("unsubscribed", ErrorClass.OPTED_OUT),
    ("blacklist", ErrorClass.OPTED_OUT),
    ("credit", ErrorClass.CREDIT),
    ("sender", ErrorClass.SENDER),
    ("recipient", ErrorClass.RECIPIENT),
    ("telephone", ErrorClass.RECIPIENT),
    ("phone", ErrorClass.RECIPIENT),
)


class BrevoForm(forms.Form):
    api_key = forms.CharField(
        label=_("API key"),
        max_length=200,
        widget=forms.PasswordInput,
        help_text=_("In Brevo under Settings, SMTP & API, API keys. It begins with xkeysib-."),
    )


class BrevoGateway(Gateway):
    slug = "brevo"
    label = "Brevo"
    capabilities = Capabilities(
        max_batch=20,
        can_reconcile=True,
        stop=StopHandling.PROVIDER,
        appended_stop_clause=" STOP 36...",
        hold=Hold(from_hour=22, until_hour=8, weekdays=frozenset({6})),
    )
    config_form = BrevoForm
    steps = (
        _("Buy SMS credits in Brevo, and make an API key under Settings, SMTP & API."),
        _("If Brevo limits keys to known addresses, add the address of this server."),
        _("Delivery reports need nothing more: each message tells Brevo where to report."),
        _("For answers and STOP, paste the address below as a webhook for SMS events, then test the connection."),
    )
    # "events" goes out with each message, signed for it; "answers" is pasted, and tells no reports.
    webhook_kinds = ("events", "answers")
    spoken_kinds = frozenset({"answers"})
    pasted_kinds = {"answers": _("Answers and STOP (SMS webhook)")}

    @property
    def identity(self) -> str:
        return f"brevo {self.credentials['api_key']}"

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        """Side by side: Brevo takes one recipient a call."""
        fit = [each for each in batch if is_fit(each)]
        answers = iter(http.request_all([self._call(each) for each in fit]))
        return [
            self._result(next(answers), each) if is_fit(each) else Rejected(ErrorClass.CONTENT, STOP_CODE)
            for each in batch
        ]

    def _call(self, message: Outgoing) -> http.Call:
        options = {"headers": self._headers, "json": self._content(message)}
        return http.Call("POST", f"{HOST}/transactionalSMS/send", options)

    @property
    def _headers(self) -> dict[str, str]:
        return {"api-key": self.credentials["api_key"], "accept": "application/json"}

    def _content(self, message: Outgoing) -> dict[str, Any]:
        """`unicodeEnabled` is always said: left out, Brevo replaces what GSM-7 lacks without a word."""
        return {
            "sender": message.sender,
            "recipient": message.to.removeprefix("+"),
            "content": f"{message.text} STOP {STOP_CODE}" if message.is_marketing else message.text,
            "type": "marketing" if message.is_marketing else "transactional",
            "tag": message.reference,
            "webUrl": self._report_url(message.reference),
            "unicodeEnabled": measure(message.text).encoding == Encoding.UCS_2,
        }

    def _report_url(self, reference: str) -> str:
        proof = sign_reference(self.webhook_secret, reference)
        return f"{self.address_of('events')}?{urlencode({'reference': reference, 'proof': proof})}"

    def _result(self, answer: httpx.Response | http.CallFailed, message: Outgoing) -> SendResult:
        if isinstance(answer, http.CallFailed):
            return answer.outcome
        if answer.status_code not in {200, 201, 202}:
            return self._refusal(answer)
        message_id = (object_of(answer) or {}).get("messageId")
        if not isinstance(message_id, int | str) or isinstance(message_id, bool) or message_id in {0, ""}:
            return Unknown(f"{answer.status_code} without messageId")
        hold = self.capabilities.hold
        is_held = message.is_marketing and hold is not None and hold.is_on(timezone.now())
        return Accepted((str(message_id),), is_held=is_held)

    def _refusal(self, answer: httpx.Response) -> Rejected | Unknown:
        said = object_of(answer) or {}
        code, detail = str(said.get("code") or ""), self.redact(str(said.get("message") or ""))[:200]
        if error := ERRORS.get(code) if answer.status_code < 500 else None:
            return Rejected(error, code, detail)
        if refusal := refusal_by_status(answer, code, detail):
            return refusal
        if answer.status_code not in REFUSALS or not code:
            return Unknown(f"HTTP {answer.status_code}")
        hints = (error for word, error in HINTS if word in detail.lower())
        return Rejected(next(hints, ErrorClass.CONTENT), code, detail)

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        """Events by our tag. None proves nothing: a message that waits for the morning has none either."""
        try:
            events = self._events({"tags": reference, "limit": str(PAGE)})
        except http.CallFailed:
            return Undecidable()
        ids = dict.fromkeys(str(each["messageId"]) for each in events if each.get("messageId"))
        return Found(tuple(ids)) if ids else Undecidable()

    def _events(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Raises http.CallFailed."""
        url = f"{HOST}/transactionalSMS/statistics/events?{urlencode(query)}"
        answer = http.request("GET", url, headers=self._headers)
        said = object_of(answer)
        if answer.status_code != 200 or said is None:
            raise http.NoAnswer(f"HTTP {answer.status_code}")
        events = said.get("events") or []
        return [each for each in events if isinstance(each, dict)]

    def check(self) -> Check:
        try:
            answer = http.request("GET", f"{HOST}/account", headers=self._headers)
        except http.CallFailed as error:
            return error.outcome
        if answer.status_code != 200:
            return self._refusal(answer)
        said = object_of(answer)
        if said is None:
            return Unknown("not JSON")
        plans = [each for each in said.get("plan") or [] if isinstance(each, dict) and each.get("type") == "sms"]
        if not plans:
            return Connected(advice=(_("This Brevo account has no SMS credits yet: buy some before you send."),))
        return Connected(Balance(Decimal(str(plans[0].get("credits") or 0))))

    def oppositions(self) -> Collection[str]:
        return list(dict.fromkeys(self._unsubscribed()))

    def _unsubscribed(self) -> Iterator[str]:
        for page in range(MOST_PAGES):
            query = {"event": "unsubscription", "days": OPPOSITION_DAYS, "limit": PAGE, "offset": page * PAGE}
            events = self._events({name: str(value) for name, value in query.items()})
            yield from (international(str(each["phoneNumber"])) for each in events if each.get("phoneNumber"))
            if len(events) < PAGE:
                return

    def verify(self, kind: str, call: WebhookCall) -> bool:
        """A report is believed for the message whose address it came to, and for no other."""
        if kind != "events":
            return True
        return is_signed_reference(call, call.query.get("reference", ""), call.query.get("proof", ""))

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return call.digest

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        said = read_object(call.body)
        status = str(said.get("msg_status") or said.get("event") or "")
        if not status:
            raise BadWebhook("a call without msg_status")
        moment = moment_of(str(said.get("ts_event") or said.get("date") or ""), call.received_at, PARIS)
        if status in STOPS or status in REPLIES:
            return [_incoming(said, status, call, moment)]
        if status not in STATUSES:
            logger.warning("Brevo reported %r, which is in no table: nothing changes.", self.redact(status)[:40])
        if status not in STATUSES or kind != "events":
            return []
        reference = call.query.get("reference", "")
        provider_id = str(said.get("messageId") or "")
        report = DeliveryReport(STATUSES[status], moment, provider_id=provider_id, reference=reference, code=status)
        return [report]


def is_fit(message: Outgoing) -> bool:
    """A stop code in the text itself would turn a service message into marketing, or give marketing a second one."""
    return STOP_CODE not in message.text


def _incoming(said: Mapping[str, Any], status: str, call: WebhookCall, moment: Any) -> IncomingMessage:
    """Whoever got the message is who answers it."""
    fields = {name: str(value) for name, value in said.items() if isinstance(value, str | int)}
    sender = first_of(fields, "to", "phoneNumber", "phone_number", "from")
    text = "STOP" if status in STOPS else first_of(fields, "reply", "text", "content", "message")
    if not sender or not text:
        raise BadWebhook("an answer without number or text")
    has_names = fields.get("messageId") and fields.get("date")
    said_once = f"{fields['messageId']}:{fields['date']}" if has_names else call.digest
    return IncomingMessage(
        sender=international(sender), text=text, received_at=moment, provider_id=f"{status}:{said_once}"
    )
