"""OVHcloud SMS. Facts and their sources: docs/gateways.md; calls by its documentation: tests/payloads/ovh/.

https://eu.api.ovh.com/console/?section=%2Fsms and https://help.ovhcloud.com/csm/fr-sms-api-cookbook.
"""

import hashlib
import json
import logging
import time
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations import http
from integrations.gateways.answers import (
    NUMBER,
    REFUSALS,
    fields_of,
    first_of,
    international,
    moment_of,
    object_of,
    refusal_by_status,
)
from integrations.gateways.base import (
    PARIS,
    Absent,
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
)
from integrations.gateways.encoding import Encoding, measure

logger = logging.getLogger(__name__)

HOSTS = {"eu": "https://eu.api.ovh.com/1.0", "ca": "https://ca.api.ovh.com/1.0"}
# Their clock less ours is measured anew after this long.
CLOCK_SECONDS = 3600.0
# Longer tags are cut: "tag: 20 characters max" (the http2sms interface of the same platform).
TAG_LENGTH = 20
# A phone that is off is tried for so many minutes: two days.
VALIDITY_MINUTES = 2_880
# More waiting jobs than this are not looked at one by one.
MOST_JOBS = 20
CODINGS = {Encoding.GSM_7: "7bit", Encoding.UCS_2: "8bit"}

# `ptt` of a report; the rest is documented nowhere and changes nothing (github.com/ovh/docs/issues/1496).
STATUSES: dict[int, ReportStatus | None] = {
    1: None,  # still trying
    2: None,
    3: ReportStatus.SENT,
    4: ReportStatus.DELIVERED,
    5: ReportStatus.UNDELIVERED,
    6: None,  # the operator does not know
}
# `errorCode` of a refusal, then words of its message.
ERRORS = {
    "QUERY_TIME_OUT": ErrorClass.GATEWAY_DOWN,  # our idea of their clock was wrong
    "INVALID_CREDENTIAL": ErrorClass.AUTH,
    "INVALID_KEY": ErrorClass.AUTH,
    "INVALID_SIGNATURE": ErrorClass.AUTH,
    "NOT_CREDENTIAL": ErrorClass.AUTH,
    "NOT_GRANTED_CALL": ErrorClass.AUTH,
}
HINTS = (
    ("credit", ErrorClass.CREDIT),
    ("sender", ErrorClass.SENDER),
    ("receiver", ErrorClass.RECIPIENT),
    ("message", ErrorClass.CONTENT),
    ("service", ErrorClass.AUTH),
)

_clocks: dict[str, tuple[float, float]] = {}


class OvhForm(forms.Form):
    region = forms.ChoiceField(label=_("Region"), choices=[("eu", _("Europe")), ("ca", _("Canada"))], initial="eu")
    service_name = forms.RegexField(
        r"^sms-[A-Za-z0-9]+-\d+$",
        label=_("SMS account"),
        help_text=_("As OVHcloud names it, such as sms-ab12345-1."),
        error_messages={"invalid": _("An SMS account of OVHcloud looks like sms-ab12345-1.")},
    )
    application_key = forms.CharField(label=_("Application key"), max_length=100)
    application_secret = forms.CharField(label=_("Application secret"), max_length=100, widget=forms.PasswordInput)
    consumer_key = forms.CharField(label=_("Consumer key"), max_length=100, widget=forms.PasswordInput)
    takes_answers = forms.BooleanField(
        label=_("People can answer"),
        required=False,
        help_text=_("Texts then come from a short number instead of your sender name."),
    )


class OvhGateway(Gateway):
    slug = "ovh"
    label = "OVHcloud"
    capabilities = Capabilities(
        max_batch=20,
        can_reconcile=True,
        stop=StopHandling.PROVIDER,
        appended_stop_clause=" STOP 36111",
        hold=Hold(from_hour=22, until_hour=8, weekdays=frozenset({5, 6})),
    )
    config_form = OvhForm
    steps = (
        _("Create a token at https://api.ovh.com/createToken/ with the rights GET, POST and PUT on /sms/*."),
        _("Have your sender names validated in the OVHcloud control panel, under Telecom, SMS."),
        _("Paste the three addresses below into the options of the SMS account, then test the connection."),
    )
    webhook_kinds = ("dlr", "mo", "stop")
    spoken_kinds = frozenset({"mo", "stop"})
    pasted_kinds = {
        "dlr": _("Delivery reports (callback URL)"),
        "mo": _("Answers (URL of SMS responses)"),
        "stop": _("STOP (stop callback URL)"),
    }

    @property
    def identity(self) -> str:
        return f"ovh {self.credentials['service_name'].lower()}"

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        """Side by side: every text is another one, and a call holds one text."""
        try:
            calls = [self._call("POST", "/jobs", job_of(each, self._takes_answers)) for each in batch]
        except http.CallFailed:
            # Their clock did not answer, so nothing was handed over.
            return [Rejected(ErrorClass.GATEWAY_DOWN, "clock")] * len(batch)
        answers = http.request_all(calls)
        return [self._result(answer, each) for answer, each in zip(answers, batch, strict=True)]

    @property
    def _takes_answers(self) -> bool:
        return bool(self.credentials.get("takes_answers"))

    @property
    def _host(self) -> str:
        return HOSTS[self.credentials.get("region") or "eu"]

    def _call(self, method: str, path: str, content: dict[str, Any] | None = None) -> http.Call:
        """A signed call: $1$ and the SHA-1 of secret, consumer, method, address, body and *their* time."""
        url = f"{self._host}/sms/{quote(self.credentials['service_name'])}{path}"
        body = json.dumps(content) if content is not None else ""
        now = str(their_time(self._host))
        signed = "+".join(
            [self.credentials["application_secret"], self.credentials["consumer_key"], method, url, body, now]
        )
        headers = {
            "content-type": "application/json",
            "x-ovh-application": self.credentials["application_key"],
            "x-ovh-consumer": self.credentials["consumer_key"],
            "x-ovh-timestamp": now,
            "x-ovh-signature": f"$1${hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()}",
        }
        return http.Call(method, url, {"headers": headers, "content": body})

    def _ask(self, path: str) -> httpx.Response:
        """Raises http.CallFailed."""
        (answer,) = http.request_all([self._call("GET", path)])
        if isinstance(answer, http.CallFailed):
            raise answer
        return answer

    def _result(self, answer: httpx.Response | http.CallFailed, message: Outgoing) -> SendResult:
        if isinstance(answer, http.CallFailed):
            return answer.outcome
        if answer.status_code != 200:
            return self._refusal(answer)
        said = object_of(answer) or {}
        ids = said.get("ids")
        if isinstance(ids, list) and ids and all(isinstance(each, int | str) and each for each in ids):
            return Accepted(tuple(map(str, ids)), is_held=message.is_marketing and self._holds_now())
        if not ids and said.get("invalidReceivers"):
            return Rejected(ErrorClass.RECIPIENT, "invalidReceivers")
        return Unknown("200 without ids")

    def _holds_now(self) -> bool:
        hold = self.capabilities.hold
        return hold is not None and hold.is_on(timezone.now())

    def _refusal(self, answer: httpx.Response) -> Rejected | Unknown:
        said = object_of(answer) or {}
        code, detail = str(said.get("errorCode") or ""), self.redact(str(said.get("message") or ""))[:200]
        if code == "QUERY_TIME_OUT":
            _clocks.pop(self._host, None)
        if error := ERRORS.get(code):
            return Rejected(error, code, detail)
        if refusal := refusal_by_status(answer, code, detail):
            return refusal
        if answer.status_code not in REFUSALS or not detail:
            return Unknown(f"HTTP {answer.status_code}")
        hints = (error for word, error in HINTS if word in detail.lower())
        return Rejected(next(hints, ErrorClass.CONTENT), code or str(answer.status_code), detail)

    def reconcile(self, reference: str, to: str) -> Reconciliation:
        """By our tag among what was sent; what waits for the morning has no tag, and is compared by its number."""
        try:
            sent = self._ask(f"/outgoing?{urlencode({'tag': tag_of(reference)})}")
            waiting = self._ask("/jobs")
            if sent.status_code != 200 or waiting.status_code != 200:
                return Undecidable()
            ids, jobs = sent.json(), waiting.json()
            if ids:
                return Found(tuple(map(str, ids)))
            return Undecidable() if len(jobs) > MOST_JOBS or self._is_waiting(jobs, to) else Absent()
        except (http.CallFailed, ValueError, TypeError, KeyError):
            return Undecidable()

    def _is_waiting(self, jobs: Collection[int], to: str) -> bool:
        """Raises http.CallFailed, and ValueError or TypeError for what can't be read."""
        for answer in http.request_all([self._call("GET", f"/jobs/{job}") for job in jobs]):
            if isinstance(answer, http.CallFailed):
                raise answer
            if answer.status_code != 200 or international(str(answer.json()["receiver"])) == to:
                return True
        return False

    def check(self) -> Check:
        try:
            answer = self._ask("")
        except http.CallFailed as error:
            return error.outcome
        said = object_of(answer)
        if answer.status_code != 200 or said is None:
            return self._refusal(answer) if answer.status_code != 200 else Unknown("not JSON")
        balance = Balance(Decimal(str(said["creditsLeft"]))) if "creditsLeft" in said else None
        return Connected(balance, tuple(self._advice(said)))

    def _advice(self, said: dict[str, Any]) -> list[Any]:
        advice = []
        if said.get("status") == "disable":
            advice.append(_("OVHcloud has disabled this SMS account: ask them why."))
        if said.get("callBack") != self.address_of("dlr"):
            advice.append(_("Delivery reports don't reach us yet: paste their address at OVHcloud."))
        if said.get("stopCallBack") != self.address_of("stop"):
            advice.append(_("STOP reaches us once a day only: paste its address at OVHcloud."))
        return advice

    def oppositions(self) -> Collection[str]:
        answer = self._ask("/blacklists")
        if answer.status_code != 200:
            raise http.NoAnswer(f"HTTP {answer.status_code}")
        try:
            return [international(str(number)) for number in answer.json()]
        except (ValueError, TypeError):
            raise http.NoAnswer("not JSON") from None

    def verify(self, kind: str, call: WebhookCall) -> bool:
        return True  # OVHcloud signs nothing: the secret in the address is all there is.

    def dedup_key(self, kind: str, call: WebhookCall) -> str:
        return call.digest

    def parse(self, kind: str, call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
        fields = fields_of(call)
        return _reports(fields, call) if kind == "dlr" else [_incoming(kind, fields, call)]


def their_time(host: str) -> int:
    """Seconds since 1970 by OVHcloud's clock: a signature with another time is refused. Raises http.CallFailed."""
    delta, measured_at = _clocks.get(host, (0.0, float("-inf")))
    if time.monotonic() - measured_at > CLOCK_SECONDS:
        answer = http.request("GET", f"{host}/auth/time")
        if answer.status_code != 200 or not answer.text.strip().isdigit():
            raise http.NoAnswer("clock")
        delta = int(answer.text) - time.time()
        _clocks[host] = (delta, time.monotonic())
    return int(time.time() + delta)


def tag_of(reference: str) -> str:
    """Our reference, as short as a tag has to be; the same for the same reference."""
    return hashlib.sha256(reference.encode()).hexdigest()[:TAG_LENGTH]


def job_of(message: Outgoing, takes_answers: bool) -> dict[str, Any]:
    """Never the class `flash`: such texts pop up and are gone."""
    sender = {"senderForResponse": True} if takes_answers else {"sender": message.sender, "senderForResponse": False}
    return {
        "charset": "UTF-8",
        "class": "phoneDisplay",
        "coding": CODINGS[measure(message.text).encoding],
        "message": message.text,
        "noStopClause": not message.is_marketing,
        "priority": "medium",
        "receivers": [message.to],
        "tag": tag_of(message.reference),
        "validityPeriod": VALIDITY_MINUTES,
        **sender,
    }


def _reports(fields: dict[str, str], call: WebhookCall) -> list[DeliveryReport | IncomingMessage]:
    try:
        provider_id, ptt = str(int(fields["id"])), int(fields["ptt"])
    except (KeyError, ValueError):
        raise BadWebhook("a report without id and ptt") from None
    if ptt not in STATUSES:
        logger.warning("OVHcloud reported ptt %s, which is in no table: nothing changes.", ptt)
    status = STATUSES.get(ptt)
    if status is None:
        return []
    occurred_at = moment_of(fields.get("date", ""), call.received_at, PARIS)
    return [DeliveryReport(status, occurred_at, provider_id=provider_id, code=str(ptt))]


def _incoming(kind: str, fields: dict[str, str], call: WebhookCall) -> IncomingMessage:
    """The names of these parameters are documented nowhere: the known ones first, then whatever is a number."""
    named = first_of(fields, "senderid", "sender", "from", "number", "msisdn", "phone", "receiver")
    others = (value for name, value in fields.items() if name not in {"id", "date", "ptt", "tag"})
    sender = named or next((value for value in others if NUMBER.fullmatch(value.strip())), "")
    text = "STOP" if kind == "stop" else first_of(fields, "message", "text", "content")
    if not sender or not text:
        raise BadWebhook("an answer without number or text")
    return IncomingMessage(
        sender=international(sender),
        text=text,
        received_at=moment_of(fields.get("date", ""), call.received_at, PARIS),
        provider_id=f"{kind}:{fields.get('id') or call.digest}",
    )
