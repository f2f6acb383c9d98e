"""When a message may leave: the law in force where somebody is, what the workspace narrowed, what the provider holds.

A workspace may narrow the law and never widen it: every text that binds is intersected with its choices. Reads
messaging.law (texts, dated, with sources) and messaging.whereabouts (zones and holidays).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from messaging import law
from messaging.law import Kind, Text, Window
from messaging.models import BatchPurpose
from messaging.whereabouts import Place, holidays_of, place_at, place_of

__all__ = ["Limits", "NeverLegal", "Place", "holidays_of", "next_legal", "place_at", "place_of", "refusal"]

# A marketing lane closes before its window ends: what the provider takes now reaches the phone a little later.
MARGIN = timedelta(minutes=5)
# Fifteen holidays and Sundays never follow each other for as long as this.
HORIZON_DAYS = 15
PRUDENT = "prudent"
SUNDAY = 6


class NeverLegal(Exception):
    """Where somebody is by day, the provider holds everything back: the two never meet."""


@dataclass(frozen=True)
class Limits:
    """What a workspace and its provider make of the law; the narrowest where nobody says."""

    policy: str = PRUDENT
    allows_sundays: bool = False
    allows_holidays: bool = False
    # Whose windows count besides; empty for none.
    gateway: str = ""


PRUDENT_LIMITS = Limits()


@dataclass(frozen=True)
class Span:
    """From when until when, in absolute time; the last instant is no longer in it."""

    opens: datetime
    closes: datetime

    def within(self, other: "Span") -> "Span":
        return Span(max(self.opens, other.opens), min(self.closes, other.closes))


def next_legal(
    *, purpose: str, place: Place, at: datetime, limits: Limits = PRUDENT_LIMITS, never_waits: bool = False
) -> datetime:
    """`at`, or the first instant after it at which such a message may reach this place. Raises NeverLegal."""
    if never_waits:
        return at
    for span in _spans(at, purpose=purpose, place=place, limits=limits):
        closes = span.closes - _margin(purpose)
        if max(at, span.opens) < closes:
            return max(at, span.opens)
    raise NeverLegal(f"{purpose} to {place.territory} by {limits.gateway or 'any provider'}")


def is_legal(*, purpose: str, place: Place, at: datetime, limits: Limits = PRUDENT_LIMITS) -> bool:
    """Whether the texts themselves allow this instant: no provider is asked, and nothing closes early."""
    zone = ZoneInfo(place.time_zone)
    local = at.astimezone(zone)
    window = window_on(local.date(), purpose=purpose, place=place, limits=limits)
    return window is not None and window.opens <= local.time() < window.closes


@lru_cache(maxsize=10_000)
def window_on(day: date, *, purpose: str, place: Place, limits: Limits = PRUDENT_LIMITS) -> Window | None:
    """The intersection of all texts that bind on this day, in local time; None where one of them forbids the day."""
    texts = binding_texts(day, purpose=purpose, place=place, limits=limits)
    windows = [text.hours[day.weekday()] for text in texts]
    if not all(windows) or _is_day_of_rest(day, texts, place, limits):
        return None
    window = Window(max(each.opens for each in windows if each), min(each.closes for each in windows if each))
    return window if window.opens < window.closes else None


def binding_texts(day: date, *, purpose: str, place: Place, limits: Limits = PRUDENT_LIMITS) -> list[Text]:
    """The laws in force where this is, and the preset chosen on top of them; abroad, the prudent one."""
    is_known = any(text.slug == limits.policy for text in law.offered())
    chosen = limits.policy if place.is_french and is_known else PRUDENT
    found = [text for text in law.texts() if purpose in text.purposes and _binds(text, day, place, chosen)]
    return found or [law.text_called(PRUDENT)]


def _binds(text: Text, day: date, place: Place, chosen: str) -> bool:
    match text.kind:
        case Kind.LAW:
            return text.slug == chosen or (place.is_french and text.is_in_force(day))
        case Kind.PRESET:
            return text.slug == chosen
    return True


def _is_day_of_rest(day: date, texts: list[Text], place: Place, limits: Limits) -> bool:
    """A Sunday or a holiday that a text, or the workspace, keeps free. Courtesy alone keeps none."""
    if all(text.kind == Kind.COURTESY for text in texts):
        return False
    if day.weekday() == SUNDAY and not limits.allows_sundays:
        return True
    allows_holidays = limits.allows_holidays and all(text.allows_holidays for text in texts)
    return not allows_holidays and day in holidays_of(place, day.year)


def _spans(at: datetime, *, purpose: str, place: Place, limits: Limits) -> Iterator[Span]:
    """Every span that is open to all sides, in order, from the local day of `at` on."""
    zone, provider = ZoneInfo(place.time_zone), _provider_text(limits, purpose)
    first = at.astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        day = first + timedelta(days=offset)
        if window := window_on(day, purpose=purpose, place=place, limits=limits):
            span = _span(day, window, zone)
            yield from _provider_spans(span, provider) if provider else (span,)


def _provider_text(limits: Limits, purpose: str) -> Text | None:
    text = law.provider_texts().get(limits.gateway)
    return text if text and purpose in text.purposes else None


def _provider_spans(span: Span, provider: Text) -> Iterator[Span]:
    """What is left of a span when the provider's own hours, on its own clock, are taken into account."""
    zone = ZoneInfo(provider.time_zone)
    day, last = span.opens.astimezone(zone).date(), span.closes.astimezone(zone).date()
    while day <= last:
        if window := _window_of_provider(day, provider):
            yield span.within(_span(day, window, zone))
        day += timedelta(days=1)


def _window_of_provider(day: date, provider: Text) -> Window | None:
    is_closed = not provider.allows_holidays and day in holidays_of(Place(postcode="75001"), day.year)
    return None if is_closed else provider.hours[day.weekday()]


def _span(day: date, window: Window, zone: ZoneInfo) -> Span:
    opens, closes = (datetime.combine(day, each, zone).astimezone(UTC) for each in (window.opens, window.closes))
    return Span(opens, closes)


def _margin(purpose: str) -> timedelta:
    return timedelta() if purpose == BatchPurpose.SERVICE else MARGIN


class Why(TextChoices):
    """What is against a moment."""

    SUNDAY = "sunday"
    HOLIDAY = "holiday"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    PROVIDER = "provider"
    CLOSING = "closing"


@dataclass(frozen=True)
class Refusal:
    """Why a moment is not allowed; `detail` names the holiday, the hour or the provider."""

    why: Why
    detail: str = ""

    @property
    def words(self) -> str:
        """`Sunday`, `Easter Monday`, `after 20:00`: fit to stand in brackets behind a place."""
        match self.why:
            case Why.SUNDAY:
                return _("Sunday")
            case Why.HOLIDAY:
                return self.detail or _("public holiday")
            case Why.TOO_EARLY:
                return _("before %(hour)s there") % {"hour": self.detail}
            case Why.TOO_LATE:
                return _("after %(hour)s there") % {"hour": self.detail}
            case Why.PROVIDER:
                return _("%(provider)s holds messages then") % {"provider": self.detail}
        return _("less than five minutes before %(hour)s") % {"hour": self.detail}


def refusal(*, purpose: str, place: Place, at: datetime, limits: Limits = PRUDENT_LIMITS) -> Refusal | None:
    """Why `at` is not allowed, in the order in which people would say it; None where it is."""
    try:
        if next_legal(purpose=purpose, place=place, at=at, limits=limits) == at:
            return None
    except NeverLegal:
        pass  # the provider's hours, told below
    local = at.astimezone(ZoneInfo(place.time_zone))
    window = window_on(local.date(), purpose=purpose, place=place, limits=limits)
    return _day_refusal(local.date(), place) if window is None else _hour_refusal(at, local, window, limits, purpose)


def _day_refusal(day: date, place: Place) -> Refusal:
    if day.weekday() == SUNDAY:
        return Refusal(Why.SUNDAY)
    return Refusal(Why.HOLIDAY, holidays_of(place, day.year, get_language() or "").get(day, ""))


def _hour_refusal(at: datetime, local: datetime, window: Window, limits: Limits, purpose: str) -> Refusal:
    if local.time() < window.opens:
        return Refusal(Why.TOO_EARLY, time_format(window.opens, "H:i"))
    if local.time() >= window.closes:
        return Refusal(Why.TOO_LATE, time_format(window.closes, "H:i"))
    provider = _provider_text(limits, purpose)
    spans = _provider_spans(_span(local.date(), window, ZoneInfo(str(local.tzinfo))), provider) if provider else ()
    if provider and not any(span.opens <= at < span.closes for span in spans):
        return Refusal(Why.PROVIDER, provider.name)
    return Refusal(Why.CLOSING, _closing_hour(at, local, window, provider))


def _closing_hour(at: datetime, local: datetime, window: Window, provider: Text | None) -> str:
    """Of the window that ends first, on the recipient's clock."""
    zone = ZoneInfo(str(local.tzinfo))
    spans = [_span(local.date(), window, zone)]
    if provider:
        spans = [span for span in _provider_spans(spans[0], provider) if span.opens <= at < span.closes]
    return date_format(spans[0].closes.astimezone(zone), "H:i")
