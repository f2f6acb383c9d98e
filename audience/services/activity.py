"""When a contact last did something themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from audience.models import Contact

# Within the hour nothing is gained by writing again: ten clicks are one visit.
PRECISION = timedelta(hours=1)
CHUNK = 500


def note_activity(*, moments: Mapping[int, datetime]) -> int:
    """`{contact's id: when}` of human clicks, replies, orders, forms, consents; the number of contacts brought forward.

    Never backwards, so that it may run twice and in any order. Runs in the contacts' workspace.
    """
    keys = sorted(moments)
    return sum(_note(keys[start : start + CHUNK], moments) for start in range(0, len(keys), CHUNK))


def note_moment(*, contact: Contact, at: datetime) -> None:
    """The same of one whom the caller has just read: nothing is asked where it is no news."""
    if contact.last_active_at is None or at - contact.last_active_at >= PRECISION:
        older = Q(last_active_at=None) | Q(last_active_at__lte=at - PRECISION)
        Contact.objects.filter(older, pk=contact.pk).update(last_active_at=at)


@transaction.atomic
def _note(keys: list[int], moments: Mapping[int, datetime]) -> int:
    # In the order of keys, as the gate locks them.
    contacts = Contact.objects.filter(pk__in=keys).order_by("pk").select_for_update().only("pk", "last_active_at")
    stale = [row for row in contacts if row.last_active_at is None or moments[row.pk] - row.last_active_at >= PRECISION]
    for contact in stale:
        contact.last_active_at = moments[contact.pk]
    Contact.objects.bulk_update(stale, ["last_active_at"])
    return len(stale)
