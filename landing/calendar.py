"""An event as a file for the diary of a phone (RFC 5545)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

# Octets in a line before it has to be folded (RFC 5545, 3.1).
WIDTH = 75


@dataclass(frozen=True)
class Event:
    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    url: str


def written(event: Event, *, now: datetime) -> str:
    """The whole file. Times are in UTC, so that no zone has to be described."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Chappe//Landing//EN",
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_moment(now)}",
        f"DTSTART:{_moment(event.starts_at)}",
        f"DTEND:{_moment(event.ends_at)}",
        f"SUMMARY:{_text(event.title)}",
        f"LOCATION:{_text(event.place)}",
        f"URL:{event.url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    escaped = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"\r\n|\r|\n", r"\\n", escaped)


def _folded(line: str) -> str:
    """Never through the middle of a letter."""
    rows: list[str] = []
    row = ""
    for letter in line:
        # What follows a fold begins with a space, which counts.
        if len((row + letter).encode()) > WIDTH - bool(rows):
            rows.append(row)
            row = ""
        row += letter
    return "\r\n ".join([*rows, row])
