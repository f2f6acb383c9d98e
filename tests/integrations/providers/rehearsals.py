"""How each gateway's provider is staged: credentials, numbers with a known fate, refusals, and calls it would make."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qsl

from django.conf import settings

from integrations.gateways import brevo, ovh
from integrations.gateways.base import (
    Absent,
    ErrorClass,
    Reconciliation,
    Undecidable,
    WebhookCall,
    sign_reference,
)
from integrations.gateways.generic_http import PROOF, REFERENCE
from integrations.simulator.news import sign
from tests.factories import TUESDAY
from tests.integrations.providers.stage import Answer, Provider, Request

PAYLOADS = Path(__file__).parents[2] / "payloads"
GOOD, REFUSED, UNCERTAIN = "+33639980001", "+33639980106", "+33639980150"
SECRETS = ("very-secret-key", "quite-secret-consumer")


@dataclass(frozen=True)
class Staged:
    """A webhook call as the provider makes it, and how much news is in it."""

    make: Callable[[str, str], WebhookCall]  # (secret, id of the call)
    reports: int = 0
    messages: int = 0
    # What somebody who does not know the secret would try.
    forgeries: Sequence[Callable[[WebhookCall], WebhookCall]] = ()


@dataclass(frozen=True)
class Rehearsal:
    credentials: Mapping[str, object]
    calls: Mapping[str, Staged]
    # What the provider says of a reference that it never saw.
    never_sent: Reconciliation = field(default_factory=Undecidable)
    # None for the simulator, whose operator lives among us.
    provider: type[Provider] | None = None
    # Where its adapter finds it: (monkeypatch, credentials, address) to credentials.
    place: Callable[..., Mapping[str, object]] = lambda _patch, credentials, _address: credentials
    # Answers that prove a refusal, with what they mean; and a 200 that is none.
    refusals: Sequence[tuple[Answer, ErrorClass]] = ()
    # A status that the provider may invent one day.
    unlisted: Callable[[WebhookCall], WebhookCall] | None = None


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def json_answer(code_of_http: int, /, **content: object) -> Answer:
    return Answer(code_of_http, json.dumps(content).encode(), {"content-type": "application/json"})


# The simulator ------------------------------------------------------------------------------------


def simulated(secret: str, call_id: str) -> WebhookCall:
    report = {"id": "sim-1", "reference": "a-1", "status": "delivered", "code": "", "at": TUESDAY.isoformat()}
    message = {"id": "sim-2", "from": GOOD, "text": "Arrêt œ", "at": TUESDAY.isoformat()}
    body = json.dumps({"reports": [report, report], "messages": [message]})
    return WebhookCall("POST", {}, sign(secret, call_id, body), body.encode())


SIMULATOR = Rehearsal(
    credentials={},
    calls={"events": Staged(simulated, 2, 1, [lambda call: replace(call, body=call.body + b" ")])},
    never_sent=Absent(),
)


# OVHcloud -----------------------------------------------------------------------------------------


class OvhProvider(Provider):
    """Checks every signature, by a clock that is four minutes ahead of ours."""

    AHEAD = 240

    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self.tags: dict[str, int] = {}
        self.waiting: dict[int, str] = {}

    def is_submission(self, request: Request) -> bool:
        return request.method == "POST"

    def answer(self, request: Request) -> Answer:
        now = int(time.time()) + self.AHEAD
        if request.path == "/auth/time":
            return Answer(200, str(now).encode())
        return self._refusal(request, now) or (self._take(request) if request.body else self._tell(request))

    def _tell(self, request: Request) -> Answer:
        place = request.path.removeprefix("/sms/sms-ab12345-1")
        if place.startswith("/jobs/"):
            return json_answer(200, id=1, receiver=self.waiting[int(place.removeprefix("/jobs/"))])
        sent = [found for tag, found in self.tags.items() if tag == request.query.get("tag")]
        lists = {"/outgoing": sent, "/jobs": list(self.waiting), "/blacklists": [GOOD]}
        return Answer(200, json.dumps(lists[place]).encode() if place in lists else payload("ovh/account.json"))

    def _refusal(self, request: Request, now: int) -> Answer | None:
        query = "?" + "&".join(f"{name}={value}" for name, value in request.query.items()) if request.query else ""
        told = request.headers["x-ovh-timestamp"]
        signed = "+".join(
            [SECRETS[0], SECRETS[1], request.method, self.address + request.path + query, request.body.decode(), told]
        )
        if abs(int(told) - now) > 30:
            return json_answer(400, errorCode="QUERY_TIME_OUT", message="Query out of time")
        if request.headers["x-ovh-signature"] != f"$1${hashlib.sha1(signed.encode()).hexdigest()}":
            return json_answer(400, errorCode="INVALID_SIGNATURE", message="Invalid signature")
        return None

    def _take(self, request: Request) -> Answer:
        said = json.loads(request.body)
        if said["receivers"] == [REFUSED]:
            return Answer(200, payload("ovh/job_refused.json"))
        taken = json.loads(payload("ovh/job_accepted.json"))
        taken["ids"] = [taken["ids"][0] + len(self.tags)]
        self.tags[said["tag"]] = taken["ids"][0]
        if said["receivers"] == [UNCERTAIN]:
            return Answer(500, b"<h1>oops</h1>")
        return json_answer(200, **taken)


def place_ovh(patch, credentials, address):
    patch.setitem(ovh.HOSTS, "eu", address)
    patch.setattr(ovh, "_clocks", {})
    return credentials


def ovh_call(kind: str) -> Callable[[str, str], WebhookCall]:
    says = {
        "dlr": payload("ovh/report_delivered.txt").decode().strip(),
        "mo": "senderid=%2B33639980001&message=Arr%C3%AAt+%C5%93&date=20261124103105",
        "stop": "number=0033639980001&date=20261124103205",
    }
    query = dict(parse_qsl(says[kind]))
    return lambda _secret, call_id: WebhookCall(
        "GET", {**query, "id": str(26929925 + len(call_id))}, {}, b"", received_at=TUESDAY
    )


OVH = Rehearsal(
    credentials={
        "region": "eu",
        "service_name": "sms-ab12345-1",
        "application_key": "application",
        "application_secret": SECRETS[0],
        "consumer_key": SECRETS[1],
    },
    calls={
        "dlr": Staged(ovh_call("dlr"), 1),
        "mo": Staged(ovh_call("mo"), 0, 1),
        "stop": Staged(ovh_call("stop"), 0, 1),
    },
    never_sent=Absent(),
    provider=OvhProvider,
    place=place_ovh,
    refusals=[
        (Answer(200, payload("ovh/job_refused.json")), ErrorClass.RECIPIENT),
        (json_answer(403, errorCode="NOT_GRANTED_CALL", message="This call has not been granted"), ErrorClass.AUTH),
        (json_answer(400, errorCode="INVALID_SIGNATURE", message="Invalid signature"), ErrorClass.AUTH),
        (json_answer(400, errorCode="QUERY_TIME_OUT", message="Query out of time"), ErrorClass.GATEWAY_DOWN),
        (json_answer(400, message="Not enough credits"), ErrorClass.CREDIT),
        (json_answer(400, message="Invalid sender"), ErrorClass.SENDER),
        (json_answer(404, message="The requested object (serviceName = sms-x) does not exist"), ErrorClass.AUTH),
        (json_answer(400, message="The text is too long"), ErrorClass.CONTENT),
    ],
    unlisted=lambda call: replace(call, query={**call.query, "ptt": "999"}),
)


# Brevo --------------------------------------------------------------------------------------------


class BrevoProvider(Provider):
    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self.taken: dict[str, int] = {}

    def is_submission(self, request: Request) -> bool:
        return request.method == "POST"

    def answer(self, request: Request) -> Answer:
        if request.headers.get("api-key") != SECRETS[0]:
            return json_answer(401, code="unauthorized", message="Key not found")
        if request.path == "/account":
            return Answer(200, payload("brevo/account.json"))
        if request.path == "/transactionalSMS/statistics/events":
            return self._events(request)
        said = json.loads(request.body)
        if said["recipient"] == REFUSED[1:]:
            return json_answer(400, code="invalid_parameter", message="Invalid telephone number")
        self.taken[said["tag"]] = json.loads(payload("brevo/accepted.json"))["messageId"] + len(self.taken)
        if said["recipient"] == UNCERTAIN[1:]:
            return Answer(502, b"<html>Bad gateway</html>")
        return json_answer(201, messageId=self.taken[said["tag"]])

    def _events(self, request: Request) -> Answer:
        (event,) = json.loads(payload("brevo/events.json"))["events"]
        if request.query.get("event") == "unsubscription":
            return json_answer(200, events=[{**event, "event": "unsubscription"}])
        message_id = self.taken.get(request.query["tags"])
        return json_answer(200, events=[{**event, "messageId": str(message_id)}]) if message_id else json_answer(200)


def place_brevo(patch, credentials, address):
    patch.setattr(brevo, "HOST", address)
    return credentials


def brevo_report(secret: str, call_id: str) -> WebhookCall:
    body = {**json.loads(payload("brevo/report_delivered.json")), "messageId": 1511882900176220 + len(call_id)}
    query = {"reference": "a-1", "proof": sign_reference(secret, "a-1")}
    return WebhookCall("POST", query, {}, json.dumps(body).encode(), received_at=TUESDAY)


def brevo_answer(_secret: str, call_id: str) -> WebhookCall:
    body = {**json.loads(payload("brevo/replied.json")), "messageId": len(call_id)}
    return WebhookCall("POST", {}, {}, json.dumps(body).encode(), received_at=TUESDAY)


def with_query(**changes: str) -> Callable[[WebhookCall], WebhookCall]:
    return lambda call: replace(call, query={**call.query, **changes})


BREVO = Rehearsal(
    credentials={"api_key": SECRETS[0]},
    calls={
        "events": Staged(
            brevo_report, 1, 0, [with_query(reference="a-2"), with_query(proof=""), with_query(proof="é")]
        ),
        "answers": Staged(brevo_answer, 0, 1),
    },
    provider=BrevoProvider,
    place=place_brevo,
    refusals=[
        (json_answer(401, code="unauthorized", message="Key not found"), ErrorClass.AUTH),
        (json_answer(402, code="not_enough_credits", message="Not enough credits"), ErrorClass.CREDIT),
        (json_answer(400, code="invalid_parameter", message="Invalid telephone number"), ErrorClass.RECIPIENT),
        (json_answer(400, code="invalid_parameter", message="Sender is invalid"), ErrorClass.SENDER),
        (json_answer(400, code="invalid_parameter", message="Contact has unsubscribed"), ErrorClass.OPTED_OUT),
        (json_answer(400, code="missing_parameter", message="Text is missing"), ErrorClass.CONTENT),
    ],
    unlisted=lambda call: replace(call, body=call.body.replace(b'"delivered"', b'"teleported"')),
)


# Any other ----------------------------------------------------------------------------------------


class ResellerProvider(Provider):
    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self.count = 0

    def is_submission(self, request: Request) -> bool:
        return request.method == "POST"

    def answer(self, request: Request) -> Answer:
        if request.path == "/credits":
            return json_answer(200, account={"credits": "812.5"})
        if request.method == "HEAD":
            return Answer(404)
        if request.headers.get("authorization") != f"Bearer {SECRETS[0]}":
            return Answer(401)
        said = json.loads(request.body)
        if said["to"] == REFUSED:
            return json_answer(200, status="error", error={"code": 42})
        self.count += 1
        if said["to"] == UNCERTAIN:
            return Answer(200, b"<p>Thanks!</p>")
        return json_answer(200, status="ok", messages=[{"id": self.count}])


def place_reseller(patch, credentials, address):
    patch.setattr(settings, "PRIVATE_NETWORKS", [ip_network("127.0.0.0/8")])
    return {**credentials, "url": f"{address}/send", "balance_url": f"{address}/credits"}


def reseller_report(secret: str, call_id: str) -> WebhookCall:
    query = {REFERENCE: "a-1", PROOF: sign_reference(secret, "a-1"), "state": "DELIVRD", "call": call_id}
    return WebhookCall("GET", query, {}, b"", received_at=TUESDAY)


def reseller_answer(_secret: str, call_id: str) -> WebhookCall:
    body = f"msisdn=33639980001&body=Arr%C3%AAt+%C5%93&id={call_id}".encode()
    return WebhookCall("POST", {}, {}, body, received_at=TUESDAY)


GENERIC = Rehearsal(
    credentials={
        "url": "https://sms.reseller.example/send",
        "method": "POST",
        "api_key": SECRETS[0],
        "headers": "Authorization: Bearer {key}",
        "body": "json",
        "template": '{"to": "{to}", "from": "{sender}", "text": "{text}", "ref": "{reference}"}',
        "success_statuses": "200, 201",
        "success_path": "status",
        "success_value": "ok",
        "id_path": "messages.0.id",
        "refusal_statuses": "400",
        "error_path": "error.code",
        "errors_map": "42 = invalid_recipient\n43 = recipient_opted_out",
        "report_status": "state",
        "statuses_map": "DELIVRD = delivered\nUNDELIV = undelivered",
        "answer_sender": "msisdn",
        "answer_text": "body",
        "stop": "provider",
        "balance_path": "account.credits",
    },
    calls={
        "dlr": Staged(reseller_report, 1, 0, [with_query(**{REFERENCE: "a-2"}), with_query(**{PROOF: ""})]),
        "mo": Staged(reseller_answer, 0, 1),
        "stop": Staged(reseller_answer, 0, 1),
    },
    provider=ResellerProvider,
    place=place_reseller,
    refusals=[
        (json_answer(200, status="error", error={"code": 42}), ErrorClass.RECIPIENT),
        (json_answer(200, status="error", error={"code": "43"}), ErrorClass.OPTED_OUT),
        (Answer(400, b"what?"), ErrorClass.CONTENT),
    ],
    unlisted=lambda call: replace(call, query={**call.query, "state": "TELEPORTED"}),
)

REHEARSALS = {"simulator": SIMULATOR, "ovh": OVH, "brevo": BREVO, "generic_http": GENERIC}
