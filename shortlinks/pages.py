"""The redirect's own pages, rendered once per brand and kept as bytes: they need no database and no look-up."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import escape

from accounts.days import in_words

NOT_FOUND, GONE, TOO_MANY, TRY_AGAIN = 404, 410, 429, 503
TEMPLATES = {
    NOT_FOUND: "shortlinks/pages/not_found.html",
    GONE: "shortlinks/pages/gone.html",
    TOO_MANY: "shortlinks/pages/too_many.html",
    TRY_AGAIN: "shortlinks/pages/try_again.html",
}
# The same, where we know until or from when; MARK is where the moment goes.
DATED_TEMPLATES = {
    NOT_FOUND: "shortlinks/pages/not_yet.html",
    GONE: "shortlinks/pages/over.html",
}
MARK = "@@@"
# Nothing but our own style sheet, and nobody may frame it.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Pages:
    """Every page of one brand in every language we speak."""

    def __init__(self, brand: str, default_language: str, time_zone: str, contact: str = "") -> None:
        self._languages = [code for code, _ in settings.LANGUAGES]
        self._default = default_language if default_language in self._languages else settings.LANGUAGE_CODE
        self._zone = ZoneInfo(time_zone)
        self._bodies, self._dated = (
            {
                (status, language): _rendered(template, brand, contact, language)
                for status, template in templates.items()
                for language in self._languages
            }
            for templates in (TEMPLATES, DATED_TEMPLATES)
        )

    def body(self, status: int, accept_language: str) -> bytes:
        return self._bodies[status, self.language(accept_language)]

    def dated_body(self, status: int, seconds: float, accept_language: str) -> bytes:
        """NOT_FOUND for what opens at that moment (since 1970), GONE for what was over by then."""
        language = self.language(accept_language)
        at = datetime.fromtimestamp(seconds, self._zone)
        with translation.override(language):
            said = {"day": in_words(at, "DATE_FORMAT"), "time": date_format(at, "TIME_FORMAT")}
            moment = translation.gettext("%(day)s at %(time)s") % said
        return self._dated[status, language].replace(MARK.encode(), escape(moment).encode())

    def language(self, accept_language: str) -> str:
        """The visitor's first choice that we speak, else the brand's own language."""
        wanted = sorted(map(_weighed, accept_language.lower().split(",")), reverse=True)
        spoken = (language for weight, language in wanted if weight > 0 and language in self._languages)
        return next(spoken, self._default)


@lru_cache(maxsize=1024)
def pages_of(brand: str, language: str, time_zone: str, contact: str = "") -> Pages:
    return Pages(brand, language, time_zone, contact)


@lru_cache(maxsize=1)
def style_sheet() -> bytes:
    path = finders.find("shortlinks/pages.css")
    return Path(path).read_bytes() if path else b""


def _rendered(template: str, brand: str, contact: str, language: str) -> bytes:
    with translation.override(language):
        context = {"brand": brand, "contact": contact, "language": language, "moment": MARK}
        return render_to_string(template, context).encode()


def _weighed(item: str) -> tuple[float, str]:
    tag, _, quality = item.partition(";q=")
    try:
        return float(quality or 1), tag.strip().partition("-")[0]
    except ValueError:
        return 0.0, ""
