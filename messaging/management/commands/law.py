import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from messaging import law
from messaging.law import DAYS, Kind, Text

BINDS = {
    Kind.LAW: "law: binds whoever is in France",
    Kind.PRESET: "preset: a workspace's choice within the law, and the only one outside France",
    Kind.COURTESY: "courtesy: our own rule",
    Kind.PROVIDER: "provider: holds messages by itself, on its own clock",
}


class Command(BaseCommand):
    help = "Lists every text about hours that is in force on a date: its source, its dates, and what it allows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", default="", help="a date, 2026-11-24; today if left out")
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")

    def handle(self, *args: Any, on: str, as_json: bool, **options: Any) -> None:
        day = self._read(on)
        found = law.in_force(day)
        if as_json:
            self.stdout.write(json.dumps([asdict(text) for text in found], default=_plain, indent=2))
            return
        self.stdout.write(f"In force on {day}")
        for text in found:
            self.stdout.write("\n" + "\n".join(lines_of(text)))
        self.stdout.write("\n" + "\n".join(holiday_lines()))

    def _read(self, on: str) -> date:
        try:
            return date.fromisoformat(on) if on else timezone.localdate()
        except ValueError as error:
            raise CommandError(f"“{on}” is not a date: write 2026-11-24.") from error


def lines_of(text: Text) -> Iterator[str]:
    until = f" until {text.applies_until}" if text.applies_until else ""
    clock = f", {text.time_zone} time" if text.time_zone else ", the recipient's time"
    yield f"{text.name} ({text.slug})"
    yield f"  {BINDS[text.kind]}"
    yield f"  from {text.applies_from}{until}; read on {text.checked_on}"
    yield f"  {', '.join(sorted(text.purposes))}: {week_of(text)}{clock}"
    yield f"  public holidays: {'allowed' if text.allows_holidays else 'closed'}"
    if text.note:
        yield f"  {text.note}"
    yield f"  {text.source}"


def week_of(text: Text) -> str:
    """`mon-fri 08:00-22:00, sat 10:00-18:00`."""
    runs = [(hours, [day for day, _ in days]) for hours, days in groupby(zip(DAYS, text.hours, strict=True), _hours)]
    return ", ".join(f"{'-'.join(dict.fromkeys([days[0], days[-1]]))} {hours}" for hours, days in runs)


def _hours(day: tuple[str, law.Window | None]) -> str:
    window = day[1]
    return f"{window.opens:%H:%M}-{window.closes:%H:%M}" if window else "closed"


def holiday_lines() -> Iterator[str]:
    places = law.read("places")
    yield f"Holidays (the holidays library by territory; checked on {places['checked_on']})"
    yield f"  Good Friday and 26 December in departments {', '.join(places['alsace_moselle']['departments'])}"
    yield f"  {places['alsace_moselle']['note']}"
    yield f"  {places['more_holidays_note']}"
    yield f"  {places['may_be_note']}"
    yield f"  {places['source']}"


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)
