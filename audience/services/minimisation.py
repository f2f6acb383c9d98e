"""What a workspace has chosen not to know is not kept either."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django_scopes import scope

from accounts.models import Workspace
from audience.models import OPTIONAL_FIELDS, Attribute, AudienceSettings, Contact
from audience.queries import settings_of

PIECE = 500


@transaction.atomic
def save_settings(*, workspace: Workspace, **changes: Any) -> AudienceSettings:
    """Change how the workspace keeps its contacts; made when first changed."""
    settings = settings_of(workspace)
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.save()
    return settings


def forget_unkept(*, workspace: Workspace) -> int:
    """Empty the fields that are switched off; the number of values that were there."""
    with scope(workspace=workspace):
        settings = settings_of(workspace)
        dropped = [name for name in OPTIONAL_FIELDS if not settings.keeps(name)]
        return sum(_empty(name, workspace) for name in dropped)


def _empty(name: str, workspace: Workspace) -> int:
    nothing = workspace.language if name == "language" else Contact._meta.get_field(name).get_default()  # type: ignore[union-attr]
    if nothing is None:
        return Contact.objects.filter(**{f"{name}__isnull": False}).update(**{name: None})
    return Contact.objects.exclude(**{name: nothing}).update(**{name: nothing})


def forget_attributes(*, workspace: Workspace, slugs: Collection[str]) -> int:
    """Take the values of attributes that are gone out of every contact, in pieces; how many contacts had them."""
    with scope(workspace=workspace):
        gone = set(slugs) - set(Attribute.objects.values_list("slug", flat=True))
        return sum(_forget_attribute(slug) for slug in sorted(gone))


def _forget_attribute(slug: str) -> int:
    changed = 0
    holders = Contact.objects.filter(attributes__has_key=slug).only("pk", "attributes").order_by("pk")
    while piece := list(holders[:PIECE]):
        for contact in piece:
            del contact.attributes[slug]
        Contact.objects.bulk_update(piece, ["attributes"])
        changed += len(piece)
    return changed
