"""When a message leaves, for which share of its readers, and why not at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audience.models import Contact
from audience.places import name_of_territory
from campaigns.words import words_of_moment
from messaging.compliance import Limits, NeverLegal, Place, Refusal, next_legal, place_at, refusal
from messaging.whereabouts import HOME


@dataclass(frozen=True)
class Departure:
    """Readers of one place who get it at the same moment. `leaves_at` is None where no hour suits all sides."""

    place: str
    readers: int
    asked_at: datetime
    leaves_at: datetime | None
    refusal: Refusal | None

    @property
    def is_late(self) -> bool:
        return self.leaves_at != self.asked_at

    @property
    def moment(self) -> str:
        """`at 13:00`, with the day where it is another one than asked for."""
        if self.leaves_at is None:
            return _("never")
        is_same_day = timezone.localtime(self.leaves_at).date() == timezone.localtime(self.asked_at).date()
        hour = date_format(timezone.localtime(self.leaves_at), "H:i")
        return _("at %(hour)s") % {"hour": hour} if is_same_day else words_of_moment(self.leaves_at)

    @property
    def why(self) -> str:
        return self.refusal.words if self.refusal else ""

    @property
    def words(self) -> str:
        """`Martinique: at 13:00 (before 08:00 there)`."""
        words = {"place": self.place, "moment": self.moment, "why": self.why}
        return _("%(place)s: %(moment)s (%(why)s)") % words if self.refusal else _("%(place)s: %(moment)s") % words


@dataclass(frozen=True)
class Slot:
    """What the law makes of the moment asked for, in one place."""

    leaves_at: datetime | None
    refusal: Refusal | None


def departures_of(readers: QuerySet[Contact], *, purpose: str, at: datetime, limits: Limits) -> list[Departure]:
    """The largest share first; together they are all readers. One query."""
    shares: Counter[tuple[Place, Slot]] = Counter()
    slots: dict[Place, Slot] = {}
    for place, count in _places(readers):
        alike = _alike(place)
        if alike not in slots:
            slots[alike] = _slot(alike, purpose, at, limits)
        shares[alike, slots[alike]] += count
    return [
        Departure(name, count, at, slot.leaves_at, slot.refusal)
        for (name, slot), count in _by_name(shares).most_common()
    ]


def _places(readers: QuerySet[Contact]) -> Iterator[tuple[Place, int]]:
    # Behind a subquery, so that what the audience is annotated with does not split the groups.
    people = Contact.objects.filter(pk__in=readers.order_by().values("pk")).order_by()
    for territory, time_zone, postcode, count in people.values_list("territory", "time_zone", "postcode").annotate(
        count=Count("pk")
    ):
        yield place_at(territory, time_zone, postcode), count


def _alike(place: Place) -> Place:
    """One place for all that the law does not tell apart."""
    if place.territory != HOME:
        return place
    return Place() if place.may_be_alsace_moselle else Place(postcode="75001")


def _slot(place: Place, purpose: str, at: datetime, limits: Limits) -> Slot:
    refused = refusal(purpose=purpose, place=place, at=at, limits=limits)
    try:
        return Slot(next_legal(purpose=purpose, place=place, at=at, limits=limits), refused)
    except NeverLegal:
        return Slot(None, refused)


def _by_name(shares: Counter[tuple[Place, Slot]]) -> Counter[tuple[str, Slot]]:
    """By the names of places; Alsace-Moselle has one of its own on the days that are special there."""
    at_home = {slot for place, slot in shares if place.territory == HOME}
    named: Counter[tuple[str, Slot]] = Counter()
    for (place, slot), count in shares.items():
        is_special = len(at_home) > 1 and place.territory == HOME and place.may_be_alsace_moselle
        name = _("Alsace-Moselle, or without a postcode") if is_special else name_of_territory(place.territory)
        named[name, slot] += count
    return named
