"""What every screen writes with: figures by the reader's locale, and small charts as SVG without script."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.days import in_words
from accounts.figures import Rate, decimals_of

register = template.Library()

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
DASH = "–"


# Words ---------------------------------------------------------------------------------------------


@register.filter(expects_localtime=True)
def day(value: date | None, pattern: str) -> str:
    """A day or a moment by a pattern of Django, as it is said; nothing where there is none."""
    return in_words(value, pattern) if value else ""


@register.simple_tag
def this_moment(pattern: str) -> str:
    """Now, by a pattern of Django, as it is said."""
    return in_words(localtime(), pattern)


@register.filter
def whole(value: int | None) -> str:
    """1 204, grouped by the locale; a dash where there is nothing."""
    return DASH if value is None else number_format(value, 0, force_grouping=True)


@register.filter
def percent(share: float | None, decimals: int = 1) -> str:
    """A share of 1 as "20.4%"; a dash where there is nothing to divide."""
    if share is None:
        return DASH
    text = _decimal(Decimal(str(share * 100)), decimals)
    # Translators: a percentage; French has a narrow no-break space before the sign.
    return pgettext("percentage", "{value}%").format(value=text)


@register.filter
def money(amount: int | None, currency: str = "EUR") -> str:
    """An integer of the smallest unit as "€54.23"."""
    decimals = decimals_of(currency)
    return DASH if amount is None else _amount(Decimal(amount).scaleb(-decimals), decimals, currency)


@register.filter
def price(micros: int | None, currency: str = "EUR") -> str:
    """Millionths of a currency unit as "€0.045": the price of a part has more decimals than coins have."""
    if micros is None:
        return DASH
    value = Decimal(micros).scaleb(-6).normalize()
    exponent = value.as_tuple().exponent
    decimals = max(decimals_of(currency), -exponent if isinstance(exponent, int) else 0)
    return _amount(value, decimals, currency)


def _amount(value: Decimal, decimals: int, currency: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency} ")
    # Translators: money; French writes the symbol after the figure.
    return pgettext("money", "{symbol}{value}").format(symbol=symbol, value=_decimal(value, decimals))


def _decimal(value: Decimal, decimals: int) -> str:
    """Django's formatting cuts decimals off; a figure is rounded first."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(rounded, decimals, force_grouping=True)


@register.filter
def lasting(duration: timedelta) -> str:
    """A duration in its largest unit: "4 s", "12 min", "3 h", "2 d"."""
    seconds = round(duration.total_seconds())
    for size, words in ((86_400, _("%(number)s d")), (3_600, _("%(number)s h")), (60, _("%(number)s min"))):
        if seconds >= size:
            return words % {"number": whole(seconds // size)}
    return _("%(number)s s") % {"number": seconds}


@register.filter
def masked(number: str) -> SafeString:
    """A masked number: dots for the eye, the last digits for a screen reader."""
    spoken = _("number ending in %(digits)s") % {"digits": number[-2:]}
    return format_html(
        '<span class="ch-nowrap" aria-hidden="true">{}</span><span class="w-sr-only">{}</span>', number, spoken
    )


@register.simple_tag
def rate(figure: Rate, empty: str = "") -> SafeString:
    """Value, k of n, interval, in one line; a dash and the reason where there is nothing to divide."""
    if figure.share is None:
        return format_html('<span class="ch-meta">{} {}</span>', DASH, empty)
    return format_html(
        '<b class="ch-strong">{}</b> <span class="ch-meta">{} · {}</span>',
        percent(figure.share),
        _("%(count)s of %(total)s") % {"count": whole(figure.count), "total": whole(figure.total)},
        between(figure),
    )


@register.filter
def between(figure: Rate) -> str:
    """The interval of a rate in words."""
    if figure.low is None or figure.high is None:
        return ""
    low = _decimal(Decimal(str(figure.low * 100)), 1)
    return _("between %(low)s and %(high)s") % {"low": low, "high": percent(figure.high)}


# Charts: lengths are SVG attributes, so strict CSP, themes and paper need nothing else -----------------


@register.simple_tag
def bar(*parts: object, total: float | None = None, height: int = 10) -> SafeString:
    """A bar of pairs: `{% bar sent "human" late "mute" total=planned %}`. Without a total the parts fill it."""
    values = [float(value or 0) for value in parts[::2]]  # type: ignore[arg-type]
    whole_bar = float(total or 0) or sum(values) or 1.0
    filled = [(value, role) for value, role in zip(values, parts[1::2], strict=True) if value > 0]
    rects, x = [], 0.0
    for place, (value, role) in enumerate(filled):
        width = min(value / whole_bar, 1.0) * 1000
        gap = 2.5 if place < len(filled) - 1 else 0
        rects.append((f"{x:.1f}", f"{max(width - gap, 1):.1f}", height, role))
        x += width
    body = format_html_join("", '<rect x="{}" width="{}" height="{}" class="f-{}"/>', rects)
    return format_html(
        '<svg class="ch-bar" viewBox="0 0 1000 {0}" height="{0}" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="1000" height="{0}" class="f-track"/>{1}</svg>',
        height,
        body,
    )


@register.simple_tag
def interval(
    figure: Rate, scale_from: float, scale_to: float, threshold: float | None = None, tone: str = "bot"
) -> str:
    """Ground line, band = Wilson 95 %, dot = value, tick = threshold; all of them shares of 1."""
    if figure.share is None or figure.low is None or figure.high is None:
        return ""

    def at(share: float) -> str:
        place = (share - scale_from) / (scale_to - scale_from)
        return f"{min(max(place, 0.0), 1.0) * 156 + 2:.1f}"

    tick = (
        ""
        if threshold is None
        else format_html('<line x1="{0}" x2="{0}" y1="1" y2="15" class="s-thr"/>', at(threshold))
    )
    return format_html(
        '<svg class="ch-ci" viewBox="0 0 160 16" aria-hidden="true">'
        '<line x1="2" x2="158" y1="8" y2="8" class="s-track"/>{0}'
        '<line x1="{1}" x2="{2}" y1="8" y2="8" class="s-ci s-{4}"/>'
        '<circle cx="{3}" cy="8" r="3.6" class="f-{4}"/></svg>',
        tick,
        at(figure.low),
        at(figure.high),
        at(figure.share),
        tone,
    )


@register.simple_tag
def spark(values: Sequence[float | None], tone: str = "human", width: int = 96, height: int = 30) -> str:
    """A line of the last days, its last point marked. Days without a value leave no point."""
    known = [(place, float(value)) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    points = list(_spark_points(known, len(values), width, height))
    line = " ".join(f"{x},{y}" for x, y in points)
    return format_html(
        '<svg class="ch-spark" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true">'
        '<polyline points="{2}" class="s-line s-{3}"/><circle cx="{4}" cy="{5}" r="2.8" class="f-{3}"/></svg>',
        width,
        height,
        line,
        tone,
        *points[-1],
    )


def _spark_points(known: list[tuple[int, float]], places: int, width: int, height: int) -> Iterable[tuple[str, str]]:
    low, high = min(value for _, value in known), max(value for _, value in known)
    for place, value in known:
        x = place * (width - 6) / (places - 1) + 3
        y = height - 4 - (value - low) / ((high - low) or 1) * (height - 8)
        yield f"{x:.1f}", f"{y:.1f}"


@register.simple_tag
def hatch() -> SafeString:
    """The pattern of whatever is unsure; once in a chart that uses `f-hatch`."""
    return mark_safe(
        '<defs><pattern id="ch-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5" class="f-unsure-bg"/>'
        '<rect width="2.2" height="5" class="f-unsure"/></pattern></defs>'
    )
