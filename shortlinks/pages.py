"""The redirect's own pages, rendered once per brand and kept as bytes: they need no database and no look-up."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation

NOT_FOUND, GONE, TOO_MANY, TRY_AGAIN = 404, 410, 429, 503
TEMPLATES = {
    NOT_FOUND: "shortlinks/pages/not_found.html",
    GONE: "shortlinks/pages/gone.html",
    TOO_MANY: "shortlinks/pages/too_many.html",
    TRY_AGAIN: "shortlinks/pages/try_again.html",
}
# Nothing but our own style sheet, and nobody may frame it.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Pages:
    """Every page of one brand in every language we speak."""

    def __init__(self, brand: str, default_language: str) -> None:
        self._languages = [code for code, _ in settings.LANGUAGES]
        self._default = default_language if default_language in self._languages else settings.LANGUAGE_CODE
        self._bodies = {
            (status, language): _rendered(template, brand, language)
            for status, template in TEMPLATES.items()
            for language in self._languages
        }

    def body(self, status: int, accept_language: str) -> bytes:
        return self._bodies[status, self.language(accept_language)]

    def language(self, accept_language: str) -> str:
        """The visitor's first choice that we speak, else the brand's own language."""
        wanted = sorted(map(_weighed, accept_language.lower().split(",")), reverse=True)
        spoken = (language for weight, language in wanted if weight > 0 and language in self._languages)
        return next(spoken, self._default)


@lru_cache(maxsize=1024)
def pages_of(brand: str, language: str) -> Pages:
    return Pages(brand, language)


@lru_cache(maxsize=1)
def style_sheet() -> bytes:
    path = finders.find("shortlinks/pages.css")
    return Path(path).read_bytes() if path else b""


def _rendered(template: str, brand: str, language: str) -> bytes:
    with translation.override(language):
        return render_to_string(template, {"brand": brand, "language": language}).encode()


def _weighed(item: str) -> tuple[float, str]:
    tag, _, quality = item.partition(";q=")
    try:
        return float(quality or 1), tag.strip().partition("-")[0]
    except ValueError:
        return 0.0, ""
