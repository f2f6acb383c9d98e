"""A visitor's page as an answer: no cookie, one style sheet, and a policy that allows just that.

Only the page of somebody who may be followed has a script, and only the one of beacon.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from landing import beacon, theme
from landing.style import policy, style


@dataclass(frozen=True)
class Look:
    """What a template needs to know of a theme."""

    css: SafeString
    light: theme.Roles
    dark: theme.Roles
    loads_font: bool

    @classmethod
    def of(cls, choices: theme.Choices) -> "Look":
        return cls(style(choices), theme.light_roles(choices), theme.dark_roles(choices), choices.loads_font)


class PageResponse(HttpResponse):
    """Depends on its address alone, not on cookies or languages: `VisitorPages` lets caches know."""


def page_response(
    template: str,
    context: Mapping[str, Any],
    *,
    choices: theme.Choices,
    language: str,
    is_private: bool,
    has_beacon: bool = False,
) -> PageResponse:
    look = Look.of(choices)
    with translation.override(language):
        html = render_to_string(template, {**context, "look": look, "language": language, "beacon": beacon.SCRIPT})
    return PageResponse(
        html,
        headers={
            "Content-Security-Policy": f"{policy(look.css)}; {beacon.POLICY}" if has_beacon else policy(look.css),
            "Cache-Control": "private, no-store" if is_private else "public, max-age=60",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
            "Content-Language": language,
        },
    )
