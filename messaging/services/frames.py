"""What the messages of a batch share while their rows are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from messaging.compliance import NeverLegal, Place, next_legal
from messaging.compose import PartCounter, Template
from messaging.models import Batch, BatchLink
from messaging.rules import limits_of
from messaging.services.stop_route import appended_clause, needs_stop
from messaging.whereabouts import alike
from shortlinks.queries import short_url


class BatchClosed(Exception):
    """The batch is cancelled or done: nobody joins it."""


@dataclass(frozen=True)
class Frame:
    """The text, and what it measures."""

    template: Template
    counter: PartCounter

    def kept(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values that a message keeps, whatever becomes of the contact."""
        return {name: value for name, value in values.items() if value and name in self.template.fields}


class Moments(dict[tuple[str, str, str], datetime]):
    """When each recipient may get it, by territory, time zone and postcode: in the morning of their own zone, worked
    out once for all that the law does not tell apart."""

    def __init__(self, batch: Batch, due_at: datetime) -> None:
        super().__init__()
        self.batch, self.due_at = batch, due_at
        self.limits = limits_of(batch.workspace, batch.account)
        self.known: dict[Place, datetime] = {}

    def __missing__(self, where: tuple[str, str, str]) -> datetime:
        place = alike(*where)
        moment = self.known.get(place) or self._legal_at(place)
        self[where] = self.known[place] = moment
        return moment

    def _legal_at(self, place: Place) -> datetime:
        purpose, is_immediate = self.batch.purpose, self.batch.is_immediate
        try:
            return next_legal(
                purpose=purpose, place=place, at=self.due_at, limits=self.limits, never_waits=is_immediate
            )
        except NeverLegal:  # the gate says so
            return self.due_at


def frame_of(batch: Batch, position: int, rows: Iterable[BatchLink]) -> Frame:
    """`rows` are the batch's links, as `links_of` reads them."""
    template = Template(batch.text)
    links = {row.placeholder: short_url(link=row.link, position=position) for row in rows}
    ending = batch.stop_clause
    if needs_stop(batch.purpose):
        ending += appended_clause(batch.account)
    return Frame(template, PartCounter(template, links, ending))


def links_of(batch: Batch) -> list[BatchLink]:
    return list(batch.links.select_related("link"))


def check_open(batch: Batch) -> None:
    """Raises BatchClosed."""
    if batch.state in {Batch.State.CANCELLED, Batch.State.DONE}:
        raise BatchClosed(str(batch))
