"""Writes cases.csv from tables made by hand. Nothing of the product is used here, on purpose; see README.md."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

SUMMER_IN_EUROPE = (("2025-03-30", "2025-10-26"), ("2026-03-29", "2026-10-25"), ("2027-03-28", "2027-10-31"))
SUMMER_IN_AMERICA = (("2025-03-09", "2025-11-02"), ("2026-03-08", "2026-11-01"), ("2027-03-14", "2027-11-07"))


class Clock(NamedTuple):
    """Hours ahead of UTC in winter; an hour more on days from the first to the last of summer."""

    ahead: int
    summers: tuple[tuple[str, str], ...] = ()


PARIS, LONDON = Clock(1, SUMMER_IN_EUROPE), Clock(0, SUMMER_IN_EUROPE)
MIQUELON, NEW_YORK = Clock(-3, SUMMER_IN_AMERICA), Clock(-5, SUMMER_IN_AMERICA)
CARIBBEAN, CAYENNE, REUNION, MAYOTTE = Clock(-4), Clock(-3), Clock(4), Clock(3)
NOUMEA, TAHITI, WALLIS = Clock(11), Clock(-10), Clock(12)

# A day, what it is there, on which clock, and the numbers and postcodes of people for whom that is so.
FRANCE = (("+33612345678", "75011"), ("+33712345678", "20090"), ("+33612345678", "13001"), ("+33639980042", "88100"))
ANYWHERE_IN_FRANCE = (*FRANCE, ("+33612345678", ""), ("+33756789012", "67000"))
ALSACE = (("+33612345678", "67000"), ("+33612345678", "68100"), ("+33712345678", "57000"), ("+33612345678", ""))
GUADELOUPE, MARTINIQUE = (("+590690301234", "97110"),), (("+596696123456", ""), ("+33612345678", "97200"))
GUIANA, RE = (("+594694123456", ""), ("+33612345678", "97300")), (("+262692123456", ""), ("+33612345678", "97400"))
YT = (("+262639012345", ""), ("+33612345678", "97600"))
BARTH, MARTIN = (("+590690301234", "97133"),), (("+590690301234", "97150"),)
ANY_590 = (("+590690301234", ""),)
PIERRE, CALEDONIA = (("+508551234", ""), ("+33612345678", "97500")), (("+687751234", ""), ("+33612345678", "98800"))
POLYNESIA, FUTUNA = (("+68987123456", ""), ("+33612345678", "98714")), (("+681821234", ""), ("+33612345678", "98600"))
BELGIUM, SWITZERLAND, MONACO = (("+32470123456", "1000"),), (("+41791234567", "1201"),), (("+377640123456", "98000"),)
LUXEMBOURG, GERMANY, SPAIN = (("+352621123456", ""),), (("+4915123456789", "67059"),), (("+34612345678", "08001"),)
ITALY, BRITAIN, AMERICA = (("+393471234567", ""),), (("+447400123456", ""),), (("+12125551234", ""),)
# Numbers from one place whose owners live in another.
MOVED_TO_PARIS = (("+262692123456", "75011"), ("+596696123456", "75011"), ("+687751234", "35000"))

# Open days, of all seasons; the day before and after holidays is a day like any other.
OPEN = [
    *((day, PARIS, ANYWHERE_IN_FRANCE) for day in ("2026-11-24", "2026-07-13", "2026-11-28", "2027-01-02")),
    ("2026-03-30", PARIS, FRANCE),  # a Monday, the first day after the clocks went forward
    ("2026-10-26", PARIS, FRANCE),  # and after they went back
    ("2026-03-28", PARIS, FRANCE),  # the Saturday before
    ("2026-04-03", PARIS, FRANCE),  # Good Friday is a day like any other outside Alsace-Moselle
    ("2026-12-26", PARIS, FRANCE),
    ("2026-12-24", PARIS, ALSACE),
    ("2026-05-22", PARIS, FRANCE),  # Martinique's day is not Paris's
    ("2026-06-10", PARIS, MOVED_TO_PARIS),
    ("2026-01-13", CARIBBEAN, (*GUADELOUPE, *MARTINIQUE, *BARTH, *MARTIN, *ANY_590)),
    ("2026-07-07", CARIBBEAN, (*GUADELOUPE, *MARTINIQUE)),
    ("2026-10-09", CARIBBEAN, GUADELOUPE),
    ("2026-05-27", CARIBBEAN, MARTINIQUE),
    ("2026-01-13", CAYENNE, GUIANA),
    ("2026-05-27", CAYENNE, GUIANA),
    ("2026-01-13", REUNION, RE),
    ("2026-04-27", REUNION, RE),
    ("2026-07-15", REUNION, RE),
    ("2026-01-13", MAYOTTE, YT),
    ("2026-12-19", MAYOTTE, YT),
    ("2026-01-13", MIQUELON, PIERRE),
    ("2026-03-17", MIQUELON, PIERRE),  # summer there, not yet in Paris
    ("2026-01-13", NOUMEA, CALEDONIA),
    ("2026-01-13", TAHITI, POLYNESIA),
    ("2026-07-07", WALLIS, FUTUNA),
]
HOLIDAYS = [
    *(
        (day, PARIS, ANYWHERE_IN_FRANCE[::2])
        for day in (
            *("2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14"),
            *("2026-08-15", "2026-11-11", "2026-12-25", "2027-01-01", "2027-03-29", "2027-05-06", "2027-05-17"),
        )
    ),
    *((day, PARIS, ALSACE) for day in ("2026-04-03", "2026-12-26", "2027-03-26")),
    ("2026-12-25", PARIS, MOVED_TO_PARIS),
    ("2026-04-27", MAYOTTE, YT),
    ("2026-05-22", CARIBBEAN, MARTINIQUE),
    ("2026-05-27", CARIBBEAN, (*GUADELOUPE, *MARTIN, *ANY_590)),
    ("2026-05-28", CARIBBEAN, MARTIN),
    ("2026-06-10", CAYENNE, GUIANA),
    ("2026-07-21", CARIBBEAN, (*GUADELOUPE, *MARTINIQUE)),
    ("2026-10-09", CARIBBEAN, BARTH),
    ("2027-12-20", REUNION, RE),
    ("2026-07-14", TAHITI, POLYNESIA),
    ("2026-05-01", NOUMEA, CALEDONIA),
    ("2026-09-24", NOUMEA, CALEDONIA),
    ("2026-07-29", WALLIS, FUTUNA),
    ("2026-11-11", MIQUELON, PIERRE),
    ("2026-12-25", REUNION, RE),
]
SUNDAYS = [
    ("2026-11-22", PARIS, ANYWHERE_IN_FRANCE),
    ("2026-03-29", PARIS, FRANCE),  # the clocks go forward
    ("2026-10-25", PARIS, FRANCE),  # and back
    ("2026-11-22", CARIBBEAN, MARTINIQUE),
    ("2026-11-22", REUNION, RE),
    ("2026-11-22", TAHITI, POLYNESIA),
    ("2026-11-22", NOUMEA, CALEDONIA),
]
# Under the charter of 2024 no choice opens these days.
CLOSED_BY_2024 = [
    *((day, PARIS, FRANCE[:2]) for day in ("2025-11-23", "2025-11-11", "2026-01-01", "2026-02-22")),
    ("2025-05-22", CARIBBEAN, MARTINIQUE),
]
OPEN_IN_2024 = [("2025-11-25", PARIS, FRANCE[:2]), ("2026-02-28", PARIS, FRANCE[:2])]
ABROAD_OPEN = [
    ("2026-11-24", PARIS, (*BELGIUM, *SWITZERLAND, *MONACO, *LUXEMBOURG, *GERMANY, *SPAIN, *ITALY)),
    ("2026-07-14", PARIS, (*BELGIUM, *SWITZERLAND, *MONACO, *GERMANY)),  # France's day, nobody else's
    ("2026-11-24", LONDON, BRITAIN),
    ("2026-07-07", LONDON, BRITAIN),
    ("2026-11-24", NEW_YORK, AMERICA),
]
ABROAD_CLOSED = [
    ("2026-07-21", PARIS, BELGIUM),
    ("2026-08-01", PARIS, SWITZERLAND),
    *((day, PARIS, MONACO) for day in ("2026-01-27", "2026-11-19")),
    ("2026-06-23", PARIS, LUXEMBOURG),
    ("2026-10-03", PARIS, GERMANY),
    ("2026-10-12", PARIS, SPAIN),
    ("2026-06-02", PARIS, ITALY),
    ("2026-12-25", LONDON, BRITAIN),
    ("2026-07-05", NEW_YORK, AMERICA),
    ("2026-11-22", PARIS, (*BELGIUM, *SWITZERLAND, *MONACO, *GERMANY)),
]

BY_DAY = {"08:00:00": "send", "12:00:00": "send", "19:59:59": "send"}
AT_NIGHT = {"04:00:00": "hold", "07:59:59": "hold", "23:30:00": "hold"}
PRUDENT = {**BY_DAY, **AT_NIGHT, "20:00:00": "hold", "21:00:00": "hold"}
CHARTER = {**BY_DAY, **AT_NIGHT, "20:00:00": "send", "21:29:59": "send", "21:30:00": "hold"}
NEVER = dict.fromkeys(("08:00:00", "12:00:00", "19:00:00"), "hold")
Day = tuple[str, Clock, tuple[tuple[str, str], ...]]
RULES: list[tuple[list[Day], str, dict[str, str]]] = [
    (OPEN, "prudent", PRUDENT),
    (OPEN, "af2m-2026", CHARTER),
    (HOLIDAYS, "prudent", NEVER),
    (HOLIDAYS, "af2m-2026", {"12:00:00": "send", "21:30:00": "hold"}),
    (SUNDAYS, "prudent", NEVER),
    (SUNDAYS, "af2m-2026", {"07:59:59": "hold", "08:00:00": "send", "21:29:59": "send", "21:30:00": "hold"}),
    (CLOSED_BY_2024, "prudent", NEVER),
    (CLOSED_BY_2024, "af2m-2026", NEVER),
    (OPEN_IN_2024, "af2m-2026", CHARTER),
    (ABROAD_OPEN, "prudent", PRUDENT),
    (ABROAD_OPEN, "af2m-2026", PRUDENT),
    (ABROAD_CLOSED, "prudent", NEVER),
    (ABROAD_CLOSED, "af2m-2026", NEVER),
]


def cases() -> Iterator[tuple[str, str, str, str, str]]:
    for days, policy, moments in RULES:
        for day, clock, people in days:
            for number, postcode in people:
                for moment, expected in moments.items():
                    yield number, postcode, to_utc(day, moment, clock), policy, expected


def to_utc(day: str, moment: str, clock: Clock) -> str:
    """Clocks change before anybody may be written to, at two or three in the night."""
    is_summer = any(first <= day < last for first, last in clock.summers)
    at = datetime.fromisoformat(f"{day}T{moment}") - timedelta(hours=clock.ahead + is_summer)
    return f"{at.isoformat()}Z"


def main() -> None:
    with (Path(__file__).parent / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["number", "postcode", "instant_utc", "policy", "expected"])
        writer.writerows(dict.fromkeys(cases()))


if __name__ == "__main__":
    main()
