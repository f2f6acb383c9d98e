"""Imports run in the worker; the row is the queue of record, and a sweeper wakes what was interrupted."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from audience.ledger.sealing import seal_ledger
from audience.models import ContactImport
from audience.services.imports import ImportTakenOver, run_import

SILENT_FOR = timedelta(minutes=2)


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
        except Exception:
            ContactImport.objects.filter(pk=import_id).update(state=ContactImport.State.FAILED)
            raise


@shared_task
def resume_imports() -> None:
    """Wake the imports whose worker went away."""
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
