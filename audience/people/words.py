"""What rooms tell of one person, in the words of people: names of facts, and codes that stand as their values."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audience.models import Block, ConsentAct, Frequency, Gender, LegalBasis, OptOutScope, Purpose
from audience.people.page import name_of_language
from audience.places import name_of_territory

# What rooms export, by the words of people. A key without words here is shown as it is.
WORDS = {
    "exported": _("exported"),
    "controller": _("controller"),
    "contact": _("contact"),
    "consents": _("consents"),
    "preferences": _("preferences"),
    "frequency": _("frequency"),
    "refused_topics": _("refused topics"),
    "oppositions": _("oppositions"),
    "blocks": pgettext_lazy("numbers", "blocks"),
    "scope": _("scope"),
    "since": _("since"),
    "automations": _("automations"),
    "conversions": _("conversions"),
    "messages": _("messages"),
    "clicks": _("clicks"),
    "replies": _("replies"),
    "orders": _("orders"),
    "promo_codes": _("promo codes"),
    "confirmations": _("confirmations asked for"),
    "asked": _("asked on"),
    "until": _("valid until"),
    "confirmed": _("confirmed on"),
    "mobile_number": _("mobile number"),
    "former_numbers": _("former numbers"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "birth_date": _("birth date"),
    "gender": _("gender"),
    "email": _("e-mail"),
    "postcode": _("postcode"),
    "city": _("city"),
    "country": _("country"),
    "language": _("language"),
    "territory": _("territory"),
    "time_zone": _("time zone"),
    "attributes": _("attributes"),
    "tags": _("tags"),
    "lists": _("lists"),
    "source": _("source"),
    "added": _("added"),
    "last_active": _("last active"),
    "purpose": _("purpose"),
    "channel": _("channel"),
    "act": _("act"),
    "legal_basis": _("legal basis"),
    "wording": _("wording"),
    "collected_by": _("collected by"),
    "given": _("given"),
    "recorded": _("recorded"),
    "evidence": _("evidence"),
    "name": _("name"),
    "sender": _("sender"),
    "state": _("state"),
    "values": _("fields of the text"),
    "texts": _("texts"),
    "created": _("created"),
    "handed_over": _("handed over"),
    "finished": _("finished"),
    "link": _("link"),
    "address": _("address"),
    "at": pgettext_lazy("time of day", "at"),
    "device": _("device"),
    "browser": _("browser"),
    "verdict": _("verdict"),
    "received": _("received"),
    "kind": _("kind"),
    "text": _("text"),
    "offer": _("offer"),
    "code": _("code"),
    "shop": _("shop"),
    "number": _("number"),
    "customer": _("customer"),
    "events": _("events"),
    "goal": _("goal"),
    "page": _("page"),
    "automation": _("automation"),
    "outcome": _("outcome"),
    "form": _("form"),
    "till": _("till"),
    "network": _("network"),
    "nonce": _("random number of the seal"),
    "signed_up_at": _("signed up on"),
    "signed_up_by": _("signed up by"),
    "received_at": _("received on"),
    "message": _("number of the message at the provider"),
    "read_by": _("read by"),
    "revision": _("version of the page"),
    "file": _("file"),
    "sha256": _("fingerprint of the file (SHA-256)"),
    "line": _("line of the file"),
    "box_not_ticked_beforehand": _("box not ticked beforehand"),
    "order": _("order"),
}

# Codes of the rooms on our left are theirs: what has no words here is shown as it is.
CODES: dict[str, Mapping[str, str | Promise]] = {
    "purpose": dict(Purpose.choices),
    "act": dict(ConsentAct.choices),
    "legal_basis": dict(LegalBasis.choices),
    "channel": {"sms": "SMS"},
    "scope": dict(OptOutScope.choices),
    "frequency": dict(Frequency.choices),
    "gender": dict(Gender.choices),
    "kind": {**dict(Block.Kind.choices), "stop": _("STOP"), "reply": _("Reply"), "yes": _("Confirmation")},
    "state": {
        "queued": _("Queued"),
        "accepted": _("Accepted"),
        "sent": _("Sent"),
        "delivered": _("Delivered"),
        "undelivered": _("Not delivered"),
        "expired": _("Expired"),
        "rejected": _("Rejected"),
        "unknown": _("To be verified"),
        "suppressed": _("Not sent"),
        "cancelled": _("Cancelled"),
    },
    "verdict": {"human": _("Human"), "bot": _("Bot"), "unsure": _("Unsure")},
    "device": {"android": _("Android phone"), "tablet": _("Tablet"), "computer": _("Computer"), "iphone": _("iPhone")},
}


def in_words(name: str, value: Any) -> Any:
    """The value that stands under this name; codes in words, anything else as it is."""
    if name == "territory":
        return name_of_territory(value)
    if name == "language":
        return name_of_language(value)
    return CODES.get(name, {}).get(value, value) if isinstance(value, str) else value
