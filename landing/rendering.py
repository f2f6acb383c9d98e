"""A visitor's page as an answer: no cookie, one style sheet, and a policy that allows just that.

Scripts are a few hundred bytes each and named in the policy by their hash: those of blocks that are nicer with one
(`static/landing/scripts/`), and on the page of somebody who may be followed the one of beacon.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from accounts.models import Workspace
from landing import beacon, theme
from landing.style import policy, script, style

# Seconds for which anybody may keep the neutral page.
LONGEST = 60


@dataclass(frozen=True)
class Look:
    """What a template needs to know of a theme."""

    css: SafeString
    light: theme.Roles
    dark: theme.Roles
    font: str
    logo: Any = None

    @classmethod
    def of(cls, choices: theme.Choices, logo: Any = None, scheme: str = "") -> "Look":
        return cls(style(choices, scheme), theme.light_roles(choices), theme.dark_roles(choices), choices.font, logo)


class Themed(Protocol):
    """What pages need of a workspace's `Theme`; models stand above."""

    @property
    def look(self) -> Look: ...


@dataclass(frozen=True)
class Keep:
    """Who may keep the page, and until when it is right."""

    is_private: bool
    changes_at: datetime | None = None
    now: datetime | None = None

    @property
    def header(self) -> str:
        if self.is_private:
            return "private, no-store"
        left = int((self.changes_at - self.now).total_seconds()) if self.changes_at and self.now else LONGEST
        return f"public, max-age={max(0, min(LONGEST, left))}"


class PageResponse(HttpResponse):
    """Depends on its address alone, not on cookies or languages: `VisitorPages` lets caches know."""


def page_response(
    template: str,
    context: Mapping[str, Any],
    *,
    theme: Themed,
    keep: Keep,
    language: str = "",
    scripts: Sequence[str] = (),
    sources: Sequence[tuple[str, str]] = (),
    has_beacon: bool = False,
) -> PageResponse:
    """In the language and on the clock of the `workspace` of the context."""
    look, workspace = theme.look, context.get("workspace")
    language = workspace.language if workspace else language
    written = [script(name) for name in scripts]
    with translation.override(language), timezone.override(_zone_of(workspace)):
        html = render_to_string(
            template,
            {**context, "look": look, "language": language, "scripts": written, "beacon": beacon.SCRIPT},
        )
    return PageResponse(
        html,
        headers={
            "Content-Security-Policy": policy(
                look.css, [*written, beacon.SCRIPT] if has_beacon else written, has_beacon, sources
            ),
            "Cache-Control": keep.header,
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
            "Content-Language": language,
        },
    )


def _zone_of(workspace: Workspace | None) -> ZoneInfo | None:
    return ZoneInfo(workspace.time_zone) if workspace else None
