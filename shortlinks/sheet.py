"""Many links at once, from a sheet: a line each, read first and judged, then made."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from accounts.models import User
from shortlinks.aliases import BadAlias, check_alias
from shortlinks.models import ShortDomain, ShortLink
from shortlinks.services.links import publish_link
from shortlinks.targets import BadTarget, check_target

MOST_LINES, MOST_BYTES = 1_000, 500_000
COLUMNS = ("label", "alias", "address", "from", "until")
# What a first line that only names its columns is recognised by.
HEADINGS = {"label", "alias", "address", "libellé", "libelle", "adresse", "url"}
FRENCH_DATE = "%d/%m/%Y"


class BadSheet(ValueError):
    """Nothing can be made of it; the message says why."""


@dataclass(frozen=True)
class Line:
    """A line of the sheet: the link it would be, or why it can't be one."""

    number: int
    cells: dict[str, str]
    link: ShortLink | None = None
    problems: list[str] = field(default_factory=list)


def read_sheet(text: str, *, domain: ShortDomain) -> list[Line]:
    """Every line with its verdict; nothing is written. Raises BadSheet."""
    if len(text.encode()) > MOST_BYTES:
        raise BadSheet(_("This is too long. Bring in at most %(count)s lines at a time.") % {"count": MOST_LINES})
    try:
        rows = list(_rows(text))
    except csv.Error as error:
        raise BadSheet(_("The lines can't be read: a quotation mark may be open.")) from error
    if not rows:
        raise BadSheet(_("There is no line in it. Write one link a line: label; alias; address."))
    if len(rows) > MOST_LINES:
        raise BadSheet(_("These are too many lines. Bring in at most %(count)s at a time.") % {"count": MOST_LINES})
    seen: dict[str, int] = {}
    return [_judged(number, cells, domain, seen) for number, cells in rows]


def make_links(lines: Iterable[Line], *, by: User) -> list[ShortLink]:
    """The links of the good lines."""
    return [publish_link(link=line.link, by=by) for line in lines if line.link]


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    text = text.lstrip("\ufeff").replace("\0", "")
    head = text.partition("\n")[0]
    delimiter = max(";\t,", key=head.count)
    for number, row in enumerate(csv.reader(StringIO(text), delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in row]
        is_heading = number == 1 and bool(HEADINGS & {cell.lower() for cell in cells})
        if any(cells) and not is_heading:
            yield number, dict(zip(COLUMNS, [*cells, "", "", "", "", ""], strict=False))


def _judged(number: int, cells: dict[str, str], domain: ShortDomain, seen: dict[str, int]) -> Line:
    if not cells["alias"] or not cells["address"]:
        missing = _("A part is missing: a line is label; alias; address, and a semicolon stands between them.")
        return Line(number, cells, problems=[missing])
    problems = []
    if not cells["label"] or len(cells["label"]) > 120:
        problems.append(_("The label is missing or too long."))
    alias = cells["alias"].lower()
    if alias in seen:
        problems.append(_("Line %(line)s has the same alias.") % {"line": seen[alias]})
    seen.setdefault(alias, number)
    try:
        check_alias(domain=domain, alias=alias)
        check_target(cells["address"])
    except (BadAlias, BadTarget) as error:
        problems.append(str(error))
    dates = {name: _moment(cells[name]) for name in ("from", "until")}
    problems += [
        _("“%(cell)s” is not a date. Write 2026-11-30.") % {"cell": cells[name]}
        for name in dates
        if cells[name] and not dates[name]
    ]
    if problems:
        return Line(number, cells, problems=problems)
    return Line(
        number,
        cells,
        ShortLink(
            workspace=domain.workspace,
            domain=domain,
            label=cells["label"],
            alias=alias,
            target_url=cells["address"],
            starts_at=dates["from"],
            expires_at=dates["until"],
        ),
    )


def _moment(cell: str) -> datetime | None:
    """A day begins at midnight, where we are."""
    try:
        moment = parse_datetime(cell)
        day = parse_date(cell) or (datetime.strptime(cell, FRENCH_DATE).date() if "/" in cell else None)  # noqa: DTZ007
    except ValueError:
        return None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=get_current_timezone())
