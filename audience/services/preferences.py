"""What somebody chooses on the preference page: topics and frequency. Oppositions have their own door."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from accounts.models import Workspace
from audience.models import ConsentAct, Contact, Frequency, OptOutScope, Preference, Purpose, Topic, TopicRefusal
from audience.services.ledger import write_row
from audience.services.opt_outs import lift_opt_out


@transaction.atomic
def choose_topics(*, contact: Contact, refused: Collection[int], now: datetime) -> None:
    """The contact can do without these topics (by key), and wants the others that are offered."""
    with scope(workspace=contact.workspace):
        offered = Topic.objects.filter(is_offered=True)
        TopicRefusal.objects.filter(contact=contact, topic__in=offered).exclude(topic__in=refused).delete()
        TopicRefusal.objects.bulk_create(
            (
                TopicRefusal(workspace=contact.workspace, topic=topic, contact=contact, refused_at=now)
                for topic in offered.filter(pk__in=refused)
            ),
            ignore_conflicts=True,
        )


@transaction.atomic
def choose_frequency(*, contact: Contact, frequency: str, now: datetime) -> None:
    """How often at most; empty is as often as the law and the workspace allow."""
    with scope(workspace=contact.workspace):
        if frequency in Frequency.values:
            Preference.objects.update_or_create(
                workspace=contact.workspace, contact=contact, defaults={"frequency": frequency, "chosen_at": now}
            )
        else:
            Preference.objects.filter(contact=contact).delete()


@transaction.atomic
def allow_service(*, workspace: Workspace, contact: Contact, source: str, now: datetime) -> bool:
    """Service messages may come again; whether they had been refused."""
    with scope(workspace=workspace):
        lift = {"workspace": workspace, "phone": contact.phone, "scope": OptOutScope.SERVICE}
        if not lift_opt_out(**lift, said_at=now, now=now):
            return False
        write_row(
            workspace=workspace,
            phone=contact.phone,
            contact=contact,
            purpose=Purpose.SERVICE,
            act=ConsentAct.GRANTED,
            source=source,
            occurred_at=now,
            now=now,
        )
    return True


@transaction.atomic
def choose_tracking(*, workspace: Workspace, contact: Contact, may_follow: bool, source: str, now: datetime) -> None:
    """The contact's own word on individual tracking, in the ledger."""
    with scope(workspace=workspace):
        write_row(
            workspace=workspace,
            phone=contact.phone,
            contact=contact,
            purpose=Purpose.TRACKING,
            act=ConsentAct.GRANTED if may_follow else ConsentAct.WITHDRAWN,
            source=source,
            occurred_at=now,
            now=now,
        )
