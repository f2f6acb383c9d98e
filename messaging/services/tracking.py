"""Recipients who refuse to be followed."""

from collections import defaultdict

from django.db import transaction
from django_scopes import scope

from accounts.models import Workspace
from audience import registry
from audience.models import Contact
from messaging.models import Message
from shortlinks.models import ShortLink
from shortlinks.services import forget_positions


@transaction.atomic
def stop_following(*, workspace: Workspace, contact: Contact) -> None:
    """Cut what the contact has clicked loose from them, and let the codes they hold say nothing from now on; rooms
    that made something of it follow.

    To be called in the transaction that writes the refusal (purpose tracking, withdrawn) into the ledger.
    """
    with scope(workspace=workspace):
        rows = Message.objects.filter(contact=contact, batch__links__isnull=False)
        places: dict[int, set[int]] = defaultdict(set)
        for link_id, position in rows.values_list("batch__links__link", "position"):
            places[link_id].add(position)
        # In the order of their domains, so that two of these never wait for each other.
        for link in ShortLink.objects.filter(pk__in=places).select_related("workspace").order_by("domain", "pk"):
            forget_positions(link=link, positions=places[link.pk])
        for follow in registry.refusals:
            follow(contact=contact)
