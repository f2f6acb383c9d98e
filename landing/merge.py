"""Merge fields in page text: `{first_name|fallback}`, filled for a known visitor, the fallback for anyone else."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from messaging.compose import HOLE, Template, tidy

# A personal page may be forwarded: it shows a first name and a code, and never more.
FIELDS = frozenset({"first_name"})
TAG = re.compile(r"(<[^>]*>)")


def merged(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled. Values are plain text: escape the result, or the values first."""
    return HOLE.sub(lambda found: tidy(values.get(found[1].strip(), "")) or (found[2] or "").strip(), text)


def merged_html(html: str, values: Mapping[str, str]) -> SafeString:
    """The same for rich text: values are escaped, and only what stands between tags is touched."""
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    parts = [part if part.startswith("<") else typeset(merged(part, escaped)) for part in TAG.split(html)]
    # The mark-up is what the rich text editor let through; everything added to it is escaped.
    return mark_safe("".join(parts))  # noqa: S308


def typeset(text: str) -> str:
    """French spaces that must not break."""
    text = re.sub(r" (?=[:;!?%€»])", "\N{NO-BREAK SPACE}", text)
    return re.sub(r"(?<=«) |(?<=\d) (?=h\b|\d{3}\b)|(?<=\d.h) (?=\d)", "\N{NO-BREAK SPACE}", text)


def check_fields(value: object) -> None:
    """For blocks that take merge fields: each of them is known and says what anyone else reads."""
    for hole in Template(str(value)).holes:
        if hole.name not in FIELDS:
            raise ValidationError(
                _("{%(name)s} can't be shown on a page: use {first_name|…}."), params={"name": hole.name}, code="field"
            )
        if not (hole.fallback or "").strip():
            raise ValidationError(
                _("Say what people without a first name read: {first_name|dear customer}."), code="fallback"
            )
