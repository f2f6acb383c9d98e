from datetime import datetime
from itertools import chain, count, islice

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.bulk import refresh_statistics
from audience.models import ContactList, ListMembership, Segment
from audience.queries import segment_contacts

# Memberships of a frozen list that are written at once.
PIECE = 5_000
NAME_LENGTH = 120


def count_segment(*, segment: Segment, now: datetime) -> Segment:
    """Remember how many match. Raises BadRules."""
    segment.counted, segment.counted_at = segment_contacts(segment, now).count(), now
    segment.save(update_fields=["counted", "counted_at"])
    return segment


def copy_segment(*, segment: Segment) -> Segment:
    """The same rules under another name."""
    name = _free_name(_("%(name)s (copy)") % {"name": segment.name}, Segment)
    return Segment.objects.create(workspace=segment.workspace, name=name, rules=segment.rules)


@transaction.atomic
def freeze_segment(*, segment: Segment, now: datetime) -> ContactList:
    """A list of those who match now: it stays as it is when people come to match or cease to. Raises BadRules."""
    moment = date_format(localtime(now), "SHORT_DATETIME_FORMAT")
    name = _free_name(_("%(name)s, as of %(moment)s") % {"name": segment.name, "moment": moment}, ContactList)
    frozen = ContactList.objects.create(workspace=segment.workspace, name=name, frozen_at=now)
    keys = segment_contacts(segment, now).order_by("pk").values_list("pk", flat=True).iterator(PIECE)
    while piece := list(islice(keys, PIECE)):
        ListMembership.objects.bulk_create(
            ListMembership(workspace=segment.workspace, contact_list=frozen, contact_id=key) for key in piece
        )
    refresh_statistics(ListMembership)
    return frozen


def _free_name(wanted: str, model: type[Segment] | type[ContactList]) -> str:
    """The name, with a number behind it where it is taken."""
    room = NAME_LENGTH - 6
    taken = set(model.objects.filter(name__startswith=wanted[:room]).values_list("name", flat=True))
    numbered = (f"{wanted[:room]} {number}" for number in count(2))
    return next(name for name in chain([wanted[:NAME_LENGTH]], numbered) if name not in taken)
