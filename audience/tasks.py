"""What the worker does for audience. Of imports the row is the queue of record: a sweeper wakes what stopped."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from kombu.exceptions import ChannelError, OperationalError

from accounts.models import Workspace
from audience.ledger.sealing import seal_ledger
from audience.models import ContactImport
from audience.services.imports import ImportTakenOver, purge_imports, run_import
from audience.services.minimisation import forget_attributes, forget_unkept
from audience.services.numbers import forget_numbers
from audience.services.retention import apply_retention

SILENT_FOR = timedelta(minutes=2)
# A database that is away comes back; one that refuses the same chunk an hour long does not change its mind.
MOST_TROUBLES = 30
# As the brokers say it: Redis and RabbitMQ, and a folder that can't be written.
BROKER_AWAY = (OperationalError, ChannelError, OSError)

logger = logging.getLogger(__name__)


class NobodyAwake(Exception):
    """The broker does not take messages."""


def wake_importer(import_id: int) -> None:
    """Raises NobodyAwake."""
    try:
        import_contacts.delay(import_id)
    except BROKER_AWAY as error:
        logger.warning("import %s is not started: %s", import_id, type(error).__name__)
        raise NobodyAwake from error


@shared_task
def import_contacts(import_id: int) -> None:
    with scopes_disabled():
        contact_import = ContactImport.objects.select_related("workspace").get(pk=import_id)
    if contact_import.state != ContactImport.State.RUNNING:
        return
    with scope(workspace=contact_import.workspace):
        try:
            run_import(contact_import=contact_import, now=timezone.now())
        except ImportTakenOver:
            return
        except DatabaseError as error:
            note_trouble(contact_import, error)
        except Exception:
            running = ContactImport.objects.filter(pk=import_id, state=ContactImport.State.RUNNING)
            running.update(state=ContactImport.State.FAILED)
            raise


def note_trouble(contact_import: ContactImport, error: Exception) -> None:
    """The sweeper tries again behind the last stored line, until it has been in vain for long."""
    # Its type alone: what a database says may hold the values it refused.
    logger.warning("import %s waits: %s", contact_import.pk, type(error).__name__)
    row = ContactImport.objects.filter(pk=contact_import.pk, state=ContactImport.State.RUNNING)
    row.update(troubles=F("troubles") + 1)
    row.filter(troubles__gte=MOST_TROUBLES).update(state=ContactImport.State.FAILED)


@shared_task
def resume_imports() -> None:
    """Wake the imports whose worker went away, or met trouble that may have passed."""
    with scopes_disabled():
        stale = ContactImport.objects.filter(
            state=ContactImport.State.RUNNING, touched_at__lt=timezone.now() - SILENT_FOR
        )
        for import_id in stale.values_list("pk", flat=True):
            import_contacts.delay(import_id)


@shared_task
def seal_ledgers() -> None:
    """Every workspace's ledger, a little further."""
    for workspace in Workspace.objects.order_by("pk"):
        with scope(workspace=workspace):
            seal_ledger(workspace=workspace, now=timezone.now())


@shared_task
def forget_dropped_fields(workspace_id: int) -> None:
    forget_unkept(workspace=Workspace.objects.get(pk=workspace_id))


@shared_task
def forget_dropped_attribute(workspace_id: int, slug: str) -> None:
    forget_attributes(workspace=Workspace.objects.get(pk=workspace_id), slugs=[slug])


@shared_task
def retain() -> None:
    """Once a day: forget who is due, in the workspaces that have switched it on, and what none of them keeps any more.

    A field that is switched off is emptied at once by a task of its own; here, should that one have been lost.
    """
    for workspace in Workspace.objects.order_by("pk"):
        forget_unkept(workspace=workspace)
        apply_retention(workspace=workspace, now=timezone.now())
        forget_numbers(workspace=workspace, now=timezone.now())


@shared_task
def purge_import_files() -> None:
    with scopes_disabled():
        purge_imports(now=timezone.now())
