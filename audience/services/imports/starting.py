"""From a draft to a running import, and to its early end."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from audience.columns import OURS, PHONE, fold
from audience.judging import EARLIEST_PROOF, Proof
from audience.models import ColumnMeaning, ContactImport, ContactList, ImportPiece
from audience.services.consents import MissingProof, check_proof
from audience.services.imports.files import WrongState, check_state, keep, read_file
from audience.sheets.text import UnreadableFile
from audience.spool import Spool

State = ContactImport.State
# A first line that was taken for a header may be somebody's: no number of theirs is remembered.
LIKE_A_NUMBER = re.compile(r"\d{6}")


def start_import(
    *,
    workspace: Workspace,
    file_name: str,
    content: bytes | Spool,
    proof: Proof | None,
    now: datetime,
    contact_list: ContactList | None = None,
    new_list: str = "",
) -> ContactImport:
    """The whole way at once, with the columns that were proposed. Raises UnreadableFile, MissingProof."""
    reading = read_file(workspace=workspace, file_name=file_name, content=content, now=now)
    if PHONE not in reading.draft.columns:
        raise UnreadableFile(
            _("No column holds mobile numbers: name one of them “mobile” or “phone” in the first line of the file.")
        )
    with transaction.atomic():
        contact_import = keep(reading)
        contact_import.contact_list = contact_list or ContactList.objects.create(workspace=workspace, name=new_list)
        if proof:
            set_proof(contact_import, proof, now)
        launch_import(contact_import=contact_import, now=now)
    return contact_import


def set_proof(contact_import: ContactImport, proof: Proof, now: datetime) -> None:
    """What the whole file is proven by. Raises MissingProof."""
    check_file_proof(proof, now)
    contact_import.grants = True
    contact_import.consent_source, contact_import.consent_wording = proof.source, proof.wording
    contact_import.consent_at, contact_import.collected_by = proof.occurred_at, proof.collected_by


def check_file_proof(proof: Proof, now: datetime) -> None:
    """Raises MissingProof, saying what is missing."""
    check_proof(source=proof.source, wording=proof.wording, occurred_at=proof.occurred_at, now=now)
    if proof.occurred_at is not None and proof.occurred_at < EARLIEST_PROOF:
        raise MissingProof(_("Nobody agreed to receive SMS before 1990."))


@transaction.atomic
def launch_import(*, contact_import: ContactImport, now: datetime, by: User | None = None) -> ContactImport:
    """Hands a draft to the worker, and remembers what its columns are. Raises WrongState."""
    check_state(contact_import, State.DRAFT)
    if contact_import.has_header:
        _remember(contact_import.workspace, contact_import.header, contact_import.columns)
    contact_import.state, contact_import.started_at = State.RUNNING, now
    contact_import.started_by = by or contact_import.started_by
    contact_import.save()
    return contact_import


@transaction.atomic
def take_back(*, contact_import: ContactImport) -> None:
    """A launch that no worker was told of: a draft again, with its file and all that was decided. Raises WrongState."""
    check_state(contact_import, State.RUNNING)
    contact_import.state, contact_import.started_at = State.DRAFT, None
    contact_import.save(update_fields=["state", "started_at", "touched_at"])


def _remember(workspace: Workspace, header: Sequence[str], columns: Sequence[str]) -> None:
    """What these columns are, for the next file of the workspace."""
    meanings = {fold(cell): target for cell, target in zip(header, columns, strict=False)}
    ColumnMeaning.objects.bulk_create(
        [
            ColumnMeaning(workspace=workspace, name=name, target=target)
            for name, target in meanings.items()
            if name and name not in OURS and not LIKE_A_NUMBER.search(name)
        ],
        update_conflicts=True,
        unique_fields=["workspace", "name"],
        update_fields=["target"],
    )


@transaction.atomic
def cancel_import(*, contact_import: ContactImport, now: datetime) -> None:
    """Stops a running import behind its last chunk; drops a draft. What is in stays in. Raises WrongState."""
    locked = ContactImport.objects.select_for_update().get(pk=contact_import.pk)
    if locked.state not in {State.DRAFT, State.RUNNING}:
        raise WrongState
    locked.state, locked.finished_at = State.CANCELLED, now
    locked.save(update_fields=["state", "finished_at", "touched_at"])
    locked.pieces.exclude(kind=ImportPiece.Kind.REJECTS).delete()


def purge_imports(*, now: datetime) -> int:
    """Deletes what is left of files whose week is over, in every workspace; a draft ends with its file."""
    due = ContactImport.objects.filter(purge_at__lte=now)
    ended = due.filter(state__in=[State.DRAFT, State.RUNNING])
    ended.update(state=State.CANCELLED, finished_at=now)
    deleted, _kinds = ImportPiece.objects.filter(contact_import__in=due).delete()
    due.update(purge_at=None, header=[])
    return deleted
