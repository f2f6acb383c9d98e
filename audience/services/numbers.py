"""A person changes numbers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django_scopes import scope

from accounts.keys import keyed_index
from accounts.models import Workspace
from audience.models import Block, Contact, FormerNumber
from audience.phone import parse_mobile
from audience.queries import contact_of, opt_outs_of
from audience.services.blocks import block_other_number
from audience.services.contacts import number_fields
from audience.services.opt_outs import claim_oppositions, record_opt_out

# The source of oppositions that followed somebody to a new number.
NEW_NUMBER = "new number"


class NumberTaken(Exception):
    """Another contact has this number: they may be one person, to be merged."""


@transaction.atomic
def change_number(*, contact: Contact, phone: str, now: datetime) -> Contact:
    """The same person under another number; what they said no to, and what bars them, holds for both.

    The old number is remembered: what is said from it is heard until its texts are too old to be answered.
    Raises NotAMobile, NumberTaken.
    """
    workspace = contact.workspace
    mobile = parse_mobile(phone, workspace.country)
    old = Contact.objects.select_for_update().get(pk=contact.pk).phone
    if contact_of(workspace=workspace, phone=mobile.e164):
        raise NumberTaken
    scopes = set((contact.opt_outs.all() | opt_outs_of(old)).values_list("scope", flat=True))
    contact.blocks.filter(kind=Block.Kind.INVALID).update(contact=None)  # it is the old number that nobody answers
    contact.phone_index = keyed_index(mobile.e164)
    for name, value in number_fields(mobile, contact.postcode).items():
        setattr(contact, name, value)
    contact.save(update_fields=["phone_index", *number_fields(mobile)])
    remember_number(contact=contact, phone=old, now=now)
    claim_oppositions(workspace=workspace, contacts={contact.phone: contact.pk})
    block_other_number(contact=contact, phone=contact.phone)
    for each in sorted(scopes):
        record_opt_out(workspace=workspace, phone=mobile.e164, scope=each, source=NEW_NUMBER, now=now)
    return contact


def remember_number(*, contact: Contact, phone: str, now: datetime) -> None:
    """The contact had this number until now; the one that they have is no former one."""
    known = {"phone": phone, "left_at": now}
    FormerNumber.objects.update_or_create(
        workspace=contact.workspace, contact=contact, phone_index=keyed_index(phone), defaults=known
    )
    FormerNumber.objects.filter(contact=contact, phone_index=contact.phone_index).delete()


def forget_numbers(*, workspace: Workspace, now: datetime) -> int:
    """Former numbers whose last links have died: nothing sent there can be answered any more."""
    with scope(workspace=workspace):
        dead = FormerNumber.objects.filter(left_at__lt=now - timedelta(days=settings.SHORT_CODE_DAYS))
        forgotten, _counts = dead.delete()
    return forgotten
