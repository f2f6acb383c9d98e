"""UTM parameters: what a workspace's links add to their addresses, so that the shop's statistics know the message."""

import re
from urllib.parse import quote

from django.utils.text import slugify

from shortlinks.models import ShortLink, UtmTemplate

# What a template may name, and what stands for it.
PLACEHOLDERS = {
    "{label}": lambda link: slugify(link.label),
    "{alias}": lambda link: link.alias,
    "{host}": lambda link: link.domain.host,
}

Pairs = list[tuple[str, str]]


def utm_of(link: ShortLink, template: UtmTemplate | None) -> Pairs:
    """Names and values for this link, those without a value left out."""
    if template is None or not link.has_utm:
        return []
    raw = [("utm_source", template.source), ("utm_medium", template.medium), ("utm_campaign", template.campaign)]
    return [(name, value) for name, text in raw if (value := _filled(text, link))]


def unknown_placeholders(text: str) -> list[str]:
    """What a text names and we do not know."""
    return [name for name in re.findall(r"\{[^{}]*\}", text) if name not in PLACEHOLDERS]


def _filled(text: str, link: ShortLink) -> str:
    for placeholder, value in PLACEHOLDERS.items():
        if placeholder in text:
            text = text.replace(placeholder, value(link))
    return quote(text.strip(), safe="")
