"""Dates of contacts, where they can be looked for: kept as `Contact.attributes` says them."""

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from accounts.models import Workspace
from audience.bulk import append_rows
from audience.models import Attribute, Contact, ContactDate

LENGTHS = {Attribute.Kind.DATE: 10, Attribute.Kind.DATE_TIME: 16}
# One date of one contact.
Key = tuple[int, int]


def keep_dates(*, workspace: Workspace, contacts: Collection[int]) -> None:
    """What these contacts' own dates are now; call it in the transaction that wrote their attributes, in its scope.

    A constant number of queries; one, where the workspace has no attribute with a date.
    """
    dated = list(Attribute.objects.filter(kind__in=Attribute.DATED))
    if not dated or not contacts:
        return
    wanted = _wanted(dated, contacts)
    known = {(row.contact_id, row.attribute_id): row for row in ContactDate.objects.filter(contact__among=contacts)}
    _move(known, wanted, timezone.now())
    append_rows(
        workspace_id=workspace.pk,
        like=ContactDate(workspace=workspace),
        names=("contact_id", "attribute_id", "value"),
        rows=[(*key, value) for key, value in wanted.items() if key not in known],
    )


def _wanted(dated: Collection[Attribute], contacts: Collection[int]) -> dict[Key, str]:
    people = Contact.objects.filter(pk__among=contacts).values_list("pk", "attributes")
    return {
        (pk, attribute.pk): value
        for pk, attributes in people
        for attribute in dated
        if len(value := str(attributes.get(attribute.slug) or "")) == LENGTHS[Attribute.Kind(attribute.kind)]
    }


def _move(known: dict[Key, ContactDate], wanted: dict[Key, str], now: datetime) -> None:
    """A date that is taken away stays as an empty one, until whoever promised something for it has heard."""
    moved = [row for key, row in known.items() if row.value != wanted.get(key, "")]
    for row in moved:
        row.value, row.news_at = wanted.get((row.contact_id, row.attribute_id), ""), now
    if moved:
        ContactDate.objects.bulk_update(moved, ["value", "news_at"], batch_size=500)
