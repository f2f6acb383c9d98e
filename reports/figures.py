"""The figures of a campaign as a reader meets them: value, k of n, interval, threshold in words, definition."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.figures import Rate, smallest_units
from accounts.templatetags.ch import whole
from reports.queries import Counts
from shortlinks.traffic import Visits

# Below this many delivered messages a light would be a guess.
ENOUGH_TO_JUDGE = 30

Words = str | Promise


@dataclass(frozen=True)
class Threshold:
    """From where on a share is good, and from where on it alarms."""

    good: float
    words: Words
    alarm: float | None = None
    higher_is_better: bool = True

    def light(self, share: float) -> str:
        is_good = share >= self.good if self.higher_is_better else share < self.good
        if is_good:
            return "ok"
        return "stop" if self.alarm is not None and share > self.alarm else "warn"

    def is_uncertain(self, figure: Rate) -> bool:
        """Whether the interval holds a bound: the light may be another one tomorrow."""
        low, high = figure.low, figure.high
        bounds = (self.good, self.alarm)
        return low is not None and high is not None and any(bound and low < bound < high for bound in bounds)


@dataclass(frozen=True)
class Measure:
    """What is measured, and how it is read."""

    key: str
    name: Words
    of_words: Words
    empty_words: Words
    definition: Words
    rate: Callable[[Counts], Rate]
    # The glyph's ground line, wide enough for the usual; `Figure` widens it for the unusual.
    ground: tuple[float, float]
    threshold: Threshold | None = None


@dataclass(frozen=True)
class Figure:
    """A measure with its value."""

    measure: Measure
    rate: Rate
    is_judged: bool
    # What stands beside it and is in no rate.
    asides: tuple[Words, ...] = ()

    @property
    def light(self) -> str:
        threshold, share = self.measure.threshold, self.rate.share
        return threshold.light(share) if self.is_judged and threshold and share is not None else ""

    @property
    def is_uncertain(self) -> bool:
        return bool(self.light and self.measure.threshold and self.measure.threshold.is_uncertain(self.rate))

    @property
    def verdict(self) -> Words:
        if not self.measure.threshold:
            return _("no known threshold")
        return self.measure.threshold.words if self.is_judged else _("too few to judge")

    @property
    def tone(self) -> str:
        return self.light or "bot"

    @property
    def tick(self) -> float | None:
        return self.measure.threshold.good if self.light and self.measure.threshold else None

    @property
    def ground_from(self) -> float:
        return min(self.measure.ground[0], max(0.0, (self.rate.low or 0) - 0.02)) if self.rate.total else 0

    @property
    def ground_to(self) -> float:
        return max(self.measure.ground[1], min(1.0, (self.rate.high or 0) + 0.02))


@dataclass(frozen=True)
class Cost:
    """What the accepted parts cost, in the smallest unit of the currency; `part_price_micros` is their mean."""

    amount: int
    parts: int
    part_price_micros: int
    currency: str
    per_conversion: int | None


MEASURES = (
    Measure(
        key="delivered",
        name=pgettext_lazy("messages", "Delivered"),
        of_words=_("accepted"),
        empty_words=_("nothing accepted yet"),
        definition=_(
            "Messages delivered within 72 hours, divided by the messages that the provider accepted. Those still on"
            " their way stay in the denominator; what we did not send and test sends are left out."
        ),
        rate=lambda counts: counts.delivery,
        ground=(0.9, 1.0),
        threshold=Threshold(good=0.95, words=_("good from 95% on")),
    ),
    Measure(
        key="clicked",
        name=_("Human clicks"),
        of_words=_("delivered"),
        empty_words=_("nothing delivered yet"),
        definition=_(
            "Recipients with at least one visit by a human, divided by the messages delivered. Visits of bots and"
            " unsure ones do not count, and a recipient counts once."
        ),
        rate=lambda counts: counts.clicks,
        ground=(0.0, 0.3),
        threshold=Threshold(good=0.15, words=_("good above 15%")),
    ),
    Measure(
        key="converted",
        name=_("Conversions"),
        of_words=_("delivered"),
        empty_words=_("nothing delivered yet"),
        definition=_(
            "Recipients who did at least once what the page is for (order, form, call, directions, button, code),"
            " divided by the messages delivered."
        ),
        rate=lambda counts: counts.conversions,
        ground=(0.0, 0.08),
    ),
    Measure(
        key="opted_out",
        name=_("Opt-outs"),
        of_words=_("delivered"),
        empty_words=_("nothing delivered yet"),
        definition=_(
            "Recipients who said no to marketing by any means within 7 days of this message and before any later"
            " marketing message, divided by the messages delivered."
        ),
        rate=lambda counts: counts.opt_outs,
        ground=(0.0, 0.03),
        threshold=Threshold(good=0.01, alarm=0.02, higher_is_better=False, words=_("good below 1%, alarm at 2%")),
    ),
)


def figures_of(counts: Counts) -> list[Figure]:
    is_judged = counts.delivered >= ENOUGH_TO_JUDGE
    return [Figure(measure, measure.rate(counts), is_judged) for measure in MEASURES]


def with_visits(figure: Figure, visits: Visits | None, *, unfollowed: int) -> Figure:
    """Beside the people who clicked the raw visits, unsure ones too, and of how many nobody knows whether they did."""
    if figure.measure.key != "clicked":
        return figure
    raw, quiet = _("human visits: {human}, unsure: {unsure}"), _("at least: {people} of them are not followed")
    asides = []
    if visits:
        asides.append(format_lazy(raw, human=whole(visits.human), unsure=whole(visits.unsure)))
    if unfollowed:
        asides.append(format_lazy(quiet, people=whole(unfollowed)))
    return replace(figure, asides=tuple(asides))


def cost_of(counts: Counts, *, old_price_micros: int, currency: str) -> Cost:
    """`old_price_micros` is for parts of the time before costs were written down."""
    micros = counts.charged_micros + counts.unpriced_parts * old_price_micros
    parts = counts.billed_parts
    per_conversion = smallest_units(micros // counts.converted, currency) if counts.converted else None
    # Tiers and countries mix: a hundredth of a cent is near enough for a mean.
    mean = round(micros / parts, -2) if parts else 0
    return Cost(smallest_units(micros, currency), parts, int(mean), currency, per_conversion)


@dataclass(frozen=True)
class Stage:
    """A line of the funnel; `share` is of the line before it."""

    name: Words
    count: int
    share: float | None
    role: str = "human"


def funnel_of(counts: Counts) -> list[Stage]:
    """From the list to what the page is for."""
    lines: list[tuple[Words, int]] = [
        (_("Targeted"), counts.targeted),
        (pgettext_lazy("messages", "Sent"), counts.sent),
        (pgettext_lazy("messages", "Accepted"), counts.accepted),
        (pgettext_lazy("messages", "Delivered"), counts.delivered),
        (_("Human clicks"), counts.clicked),
        (_("Conversions"), counts.converted),
    ]
    first = Stage(lines[0][0], lines[0][1], None, "mute")
    return [
        first,
        *(Stage(name, count, Rate(count, before).share) for (_name, before), (name, count) in pairwise(lines)),
    ]
