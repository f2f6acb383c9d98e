from functools import partial
from typing import Any

from django.db import transaction
from django_scopes import scope

from accounts.keys import keyed_index
from accounts.models import Workspace
from audience.models import Contact
from audience.phone import Mobile, home_zone, mask, parse_mobile
from audience.places import zone_of
from audience.queries import settings_of
from audience.services.dates import keep_dates
from audience.services.opt_outs import claim_oppositions


@transaction.atomic
def add_contact(*, workspace: Workspace, phone: str, source: str, **fields: Any) -> Contact:
    """The contact with this number, found or made; known facts are kept, only empty ones are filled.

    Fields that the workspace does not keep are dropped. Raises NotAMobile.
    """
    mobile = parse_mobile(phone, workspace.country)
    fields = kept_only(workspace, fields)
    with scope(workspace=workspace):
        contact, is_new = Contact.objects.get_or_create(
            workspace=workspace,
            phone_index=keyed_index(mobile.e164),
            defaults={**number_fields(mobile, fields.get("postcode", "")), "source": source, **fields},
        )
        if is_new:
            claim = partial(claim_oppositions, workspace=workspace, contacts={contact.phone: contact.pk})
            claim()
            # An opposition that is being written at this very moment is visible only when both are committed.
            transaction.on_commit(claim, robust=True)
        else:
            _fill_empty(contact, fields)
        if fields.get("attributes"):
            keep_dates(workspace=workspace, contacts=[contact.pk])
    return contact


def kept_only(workspace: Workspace, fields: dict[str, Any]) -> dict[str, Any]:
    """Without what the workspace has chosen not to know."""
    settings = settings_of(workspace)
    return {name: value for name, value in fields.items() if settings.keeps(name)}


def number_fields(mobile: Mobile, postcode: str = "") -> dict[str, str]:
    """What a contact keeps of its number besides the index; a postcode overseas moves a mainland number's clock."""
    return {
        "phone": mobile.e164,
        "phone_hint": mask(mobile.e164),
        "territory": mobile.territory,
        "time_zone": zone_of(mobile.territory, mobile.time_zone, postcode),
    }


@transaction.atomic
def save_contact(*, contact: Contact) -> Contact:
    """Store changed facts; the clock follows the postcode."""
    home = home_zone(contact.territory, contact.phone)
    contact.time_zone = zone_of(contact.territory, home, contact.postcode)
    contact.save()
    keep_dates(workspace=contact.workspace, contacts=[contact.pk])
    return contact


def _fill_empty(contact: Contact, fields: dict[str, Any]) -> None:
    news = {name: value for name, value in fields.items() if value and not getattr(contact, name)}
    for name, value in news.items():
        setattr(contact, name, value)
    if "postcode" in news:
        news["time_zone"] = contact.time_zone = zone_of(contact.territory, contact.time_zone, contact.postcode)
    if news:
        contact.save(update_fields=list(news))
