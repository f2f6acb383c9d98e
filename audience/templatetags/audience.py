"""One person's data as a page: nested values become nested lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

register = template.Library()

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
}


@register.simple_tag
def dossier(value: Any) -> SafeString:
    """Names above their values; rows numbered; a dash where there is nothing."""
    if isinstance(value, Mapping) and value:
        pairs = ((WORDS.get(name, str(name).replace("_", " ")), dossier(inner)) for name, inner in value.items())
        body = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs)
        return format_html('<dl class="ch-pairs">{}</dl>', body)
    if isinstance(value, list) and value:
        rows = format_html_join("", "<li>{}</li>", ((dossier(inner),) for inner in value))
        return format_html('<ol class="ch-rows">{}</ol>', rows)
    return format_html("{}", moment(value)) if value not in (None, "", [], {}) else mark_safe("–")


def moment(value: Any) -> Any:
    """A time as people write it; anything else as it is."""
    found: datetime | None = None
    if isinstance(value, str) and "T" in value[:11]:
        try:
            found = parse_datetime(value)
        except ValueError:
            found = None
    return date_format(localtime(found), "SHORT_DATETIME_FORMAT") if found and found.tzinfo else value
