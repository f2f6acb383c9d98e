"""Contacts as CSV, line by line: memory does not grow with the audience."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from accounts.models import Workspace
from audience.attributes import show_value
from audience.cells import harmless
from audience.models import OPTIONAL_FIELDS, Attribute, Contact
from audience.people.views import standing_word
from audience.queries import settings_of, with_standing

PIECE = 500


class Echo:
    """A file that gives back what is written to it: rows leave as they are made."""

    def write(self, value: str) -> str:
        return value


def csv_lines(contacts: QuerySet[Contact], workspace: Workspace) -> Iterator[str]:
    """A header, then a line for each contact, by key. Numbers are in full."""
    settings = settings_of(workspace)
    fields = [name for name in OPTIONAL_FIELDS if settings.keeps(name)]
    attributes = list(Attribute.objects.order_by("pk"))
    writer = csv.writer(Echo(), delimiter=";")
    header = [
        "mobile",
        *fields,
        *(one.slug for one in attributes),
        "lists",
        "tags",
        "marketing",
        "added",
        "last_active",
    ]
    yield "\ufeff" + writer.writerow(header)
    for piece in _pieces(contacts):
        for contact in piece:
            yield writer.writerow([harmless(cell) for cell in _cells(contact, fields, attributes)])


def _pieces(contacts: QuerySet[Contact]) -> Iterator[list[Any]]:
    rows = with_standing(contacts).prefetch_related("lists", "tags").order_by("pk")
    last = 0
    while piece := list(rows.filter(pk__gt=last)[:PIECE]):
        yield piece
        last = piece[-1].pk


def _cells(contact: Any, fields: list[str], attributes: list[Attribute]) -> list[str]:
    return [
        contact.phone,
        *(str(getattr(contact, name) or "") for name in fields),
        *(show_value(one, contact.attributes.get(one.slug)) for one in attributes),
        ", ".join(sorted(map(str, contact.lists.all()))),
        ", ".join(sorted(map(str, contact.tags.all()))),
        standing_word(contact),
        _stamp(contact.created_at),
        _stamp(contact.last_active_at),
    ]


def _stamp(at: datetime | None) -> str:
    return localtime(at).isoformat(sep=" ", timespec="minutes") if at else ""
