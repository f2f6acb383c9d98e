from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import QuerySet

from audience.models import Contact, ContactList, ListMembership, Tag, Tagging

PIECE = 1_000


@transaction.atomic
def put_in_lists(*, contact: Contact, lists: Iterable[ContactList]) -> None:
    """The contact stands in these lists, and in no other."""
    wanted = list(lists)
    ListMembership.objects.filter(contact=contact).exclude(contact_list__in=wanted).delete()
    ListMembership.objects.bulk_create(
        [
            ListMembership(workspace=contact.workspace, contact_list=contact_list, contact=contact)
            for contact_list in wanted
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def set_tags(*, contact: Contact, tags: Iterable[Tag]) -> None:
    """The contact has these tags, and no other."""
    wanted = list(tags)
    Tagging.objects.filter(contact=contact).exclude(tag__in=wanted).delete()
    Tagging.objects.bulk_create(
        [Tagging(workspace=contact.workspace, tag=tag, contact=contact) for tag in wanted], ignore_conflicts=True
    )


def add_to_list(*, contacts: QuerySet[Contact], contact_list: ContactList) -> int:
    """Many at once, in pieces; whoever is in it already stays once. How many came to it."""
    before = contact_list.contacts.count()
    for piece in _pieces(contacts):
        ListMembership.objects.bulk_create(
            [
                ListMembership(workspace=contact_list.workspace, contact_list=contact_list, contact_id=pk)
                for pk in piece
            ],
            ignore_conflicts=True,
        )
    return contact_list.contacts.count() - before


def remove_from_list(*, contacts: QuerySet[Contact], contact_list: ContactList) -> int:
    removed, _by_model = ListMembership.objects.filter(contact_list=contact_list, contact__in=contacts).delete()
    return removed


def add_tag(*, contacts: QuerySet[Contact], tag: Tag) -> int:
    """Many at once, in pieces. How many had not had it."""
    before = tag.contacts.count()
    for piece in _pieces(contacts):
        Tagging.objects.bulk_create(
            [Tagging(workspace=tag.workspace, tag=tag, contact_id=pk) for pk in piece], ignore_conflicts=True
        )
    return tag.contacts.count() - before


def remove_tag(*, contacts: QuerySet[Contact], tag: Tag) -> int:
    removed, _by_model = Tagging.objects.filter(tag=tag, contact__in=contacts).delete()
    return removed


def _pieces(contacts: QuerySet[Contact]) -> Iterator[list[int]]:
    """Ids by the thousand, walking up the key, so that memory does not grow with the audience."""
    last = 0
    while piece := list(contacts.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PIECE]):
        yield piece
        last = piece[-1]
