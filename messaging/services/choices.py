"""The preference page: what one person wants of this brand, and what of it they can do without."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from accounts.models import Workspace
from audience.models import Contact, Frequency, OptOutScope, Preference, TopicRefusal
from audience.queries import may_follow, opt_outs_of
from audience.services.preferences import allow_service, choose_frequency, choose_topics, choose_tracking
from messaging.services.opt_out import opt_out
from messaging.services.tracking import stop_following

SOURCE = "preference page"


@dataclass(frozen=True)
class Choices:
    """Of one contact. `frequency` is empty for as often as usual."""

    refused_topics: frozenset[int]
    frequency: str
    wants_service: bool
    may_be_followed: bool


def choices_of(*, workspace: Workspace, contact: Contact) -> Choices:
    with scope(workspace=workspace):
        refused = TopicRefusal.objects.filter(contact=contact).values_list("topic", flat=True)
        frequency = Preference.objects.filter(contact=contact).values_list("frequency", flat=True).first()
        return Choices(
            refused_topics=frozenset(refused),
            frequency=frequency or "",
            wants_service=not opt_outs_of(contact.phone).filter(scope=OptOutScope.SERVICE).exists(),
            may_be_followed=may_follow(workspace=workspace, contact=contact),
        )


def stricter(one: Choices, other: Choices) -> Choices:
    """The no of either."""
    rarest = max((one.frequency, other.frequency), key=lambda wish: Frequency(wish).days if wish else 0)
    return Choices(
        refused_topics=one.refused_topics | other.refused_topics,
        frequency=rarest,
        wants_service=one.wants_service and other.wants_service,
        may_be_followed=one.may_be_followed and other.may_be_followed,
    )


@transaction.atomic
def save_choices(
    *, workspace: Workspace, contact: Contact, choices: Choices, now: datetime, may_loosen: bool = True
) -> None:
    """Only what has changed is written down: each no, and each yes, is a row of the ledger.

    Without `may_loosen` a no counts and a yes changes nothing.
    """
    with scope(workspace=workspace):
        Contact.objects.select_for_update().get(pk=contact.pk)
        known = choices_of(workspace=workspace, contact=contact)
        choices = choices if may_loosen else stricter(known, choices)
        choose_topics(contact=contact, refused=choices.refused_topics, now=now)
        if choices.frequency != known.frequency:
            choose_frequency(contact=contact, frequency=choices.frequency, now=now)
        if choices.wants_service != known.wants_service:
            _choose_service(workspace, contact, choices.wants_service, now)
        if choices.may_be_followed != known.may_be_followed:
            follow = choices.may_be_followed
            choose_tracking(workspace=workspace, contact=contact, may_follow=follow, source=SOURCE, now=now)
            if not follow:
                stop_following(workspace=workspace, contact=contact)


def _choose_service(workspace: Workspace, contact: Contact, wants: bool, now: datetime) -> None:
    if wants:
        allow_service(workspace=workspace, contact=contact, source=SOURCE, now=now)
    else:
        opt_out(workspace=workspace, phone=contact.phone, scope=OptOutScope.SERVICE, source=SOURCE, now=now)
