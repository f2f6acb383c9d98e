"""One person's data as a page: nested values become nested lists."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template.defaultfilters import yesno
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from audience.people.words import WORDS, in_words

register = template.Library()


@register.simple_tag
def dossier(value: Any, name: str = "") -> SafeString:
    """Names above their values; rows numbered; a dash where there is nothing. `name` is what the value stands under."""
    if isinstance(value, Mapping) and value:
        pairs = ((WORDS.get(key, str(key).replace("_", " ")), dossier(inner, key)) for key, inner in value.items())
        body = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs)
        return format_html('<dl class="ch-pairs">{}</dl>', body)
    if isinstance(value, list) and value:
        rows = format_html_join("", "<li>{}</li>", ((dossier(inner),) for inner in value))
        return format_html('<ol class="ch-rows">{}</ol>', rows)
    if isinstance(value, bool):
        return format_html("{}", yesno(value))
    return format_html("{}", moment(in_words(name, value))) if value not in (None, "", [], {}) else mark_safe("–")


def moment(value: Any) -> Any:
    """A time as people write it; anything else as it is."""
    found: datetime | None = None
    if isinstance(value, str) and "T" in value[:11]:
        try:
            found = parse_datetime(value)
        except ValueError:
            found = None
    return date_format(localtime(found), "SHORT_DATETIME_FORMAT") if found and found.tzinfo else value
