"""One person's data as a page: nested values become nested lists."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def dossier(value: Any) -> SafeString:
    """Names above their values; rows numbered; a dash where there is nothing."""
    if isinstance(value, Mapping):
        pairs = ((str(name).replace("_", " "), dossier(inner)) for name, inner in value.items())
        body = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs)
        return format_html('<dl class="ch-pairs">{}</dl>', body)
    if isinstance(value, list) and value:
        rows = format_html_join("", "<li>{}</li>", ((dossier(inner),) for inner in value))
        return format_html('<ol class="ch-rows">{}</ol>', rows)
    return format_html("{}", value) if value not in (None, "", []) else mark_safe("–")
