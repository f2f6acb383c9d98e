from collections.abc import Iterable

from django.db import transaction

from audience.models import Contact, ContactList, ListMembership


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
