"""A text as a phone shows it: links can be opened, and dashes show where the operator cut it into parts."""

import re
from itertools import accumulate, pairwise

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from integrations.gateways.encoding import split_parts

HOST = r"(?:(?:[a-z0-9-]+\.)+[a-z]{2,}|localhost|\d{1,3}(?:\.\d{1,3}){3})(?::\d{2,5})?"
LINK = re.compile(rf"(?<![\w@./-])(?:https?://)?{HOST}/[\w~%/?=&.-]*[\w/]", re.IGNORECASE)


def shown_text(text: str) -> SafeString:
    """Safe HTML of the text, with its links and its seams."""
    seams = list(accumulate(len(part) for part in split_parts(text)))[:-1]
    links = [(match.start(), match.end(), _address(match[0])) for match in LINK.finditer(text)]
    edges = sorted({0, len(text), *seams, *(edge for start, end, _url in links for edge in (start, end))})
    pieces = []
    for start, end in pairwise(edges):
        if start in seams:
            pieces.append(_seam(seams.index(start) + 2))
        pieces.append(_piece(text[start:end], next((url for a, b, url in links if a <= start < b), "")))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped


def _address(link: str) -> str:
    return link if "://" in link else f"{settings.SHORT_LINK_SCHEME}://{link}"


def _piece(text: str, url: str) -> SafeString:
    if not url:
        return format_html("{}", text)
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', url, text)


def _seam(number: int) -> SafeString:
    return format_html('<span class="ch-seamline"><em>{}</em></span>', _("part %(number)s") % {"number": number})
