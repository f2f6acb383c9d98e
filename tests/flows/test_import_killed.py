"""A worker is killed in the middle of an import; another one ends it with the same rows."""

import json
import subprocess
import sys

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from audience.models import Consent, ConsentEvidence, Contact, ContactImport, ImportPiece, ListMembership
from audience.services.imports import Proof, refused_lines, running, start_import
from audience.tasks import SILENT_FOR, import_contacts
from tests.factories import TUESDAY, make_list, make_workspace
from tests.installation import wait_until

ROWS = 30_000
PROOF = Proof("Till, paper form", "I agree to receive offers by SMS.", TUESDAY.replace(year=2025), "Lucie")

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def file_of(rows):
    """Every tenth line is a landline, every hundredth stands twice."""
    numbers = [f"06399{80000 + at % 8_900}" if at % 10 else "0142685300" for at in range(rows)]
    return ("mobile;prénom\n" + "".join(f"{number};Contact {at}\n" for at, number in enumerate(numbers))).encode()


def bring(slug):
    workspace = make_workspace(slug)
    with scope(workspace=workspace):
        return start_import(
            workspace=workspace, file_name="all.csv", content=file_of(ROWS), proof=PROOF,
            contact_list=make_list(workspace), now=timezone.now(),
        )  # fmt: skip


def what_came(bring):
    with scope(workspace=bring.workspace):
        bring.refresh_from_db()
        counts = {
            name: getattr(bring, name) for name in (*running.COUNTS, "rejected", "state", "lines_done", "reasons")
        }
        rows = {
            model: model.objects.count() for model in (Contact, ListMembership, Consent, ConsentEvidence, ImportPiece)
        }
        people = sorted((contact.phone, contact.first_name) for contact in Contact.objects.iterator())
        return counts, rows, people, [reject["line"] for reject in refused_lines(bring)]


def test_a_killed_import_ends_with_the_same_rows(installation):
    undisturbed, disturbed = bring("lambert"), bring("breton")
    import_contacts(undisturbed.pk)

    call(installation, "import_contacts", disturbed.pk)
    wait_until(lambda: lines_done(disturbed) > 0, "the first chunk")
    installation.kill("worker")
    was_at = lines_done(disturbed)
    with scopes_disabled():
        ContactImport.objects.filter(pk=disturbed.pk).update(touched_at=timezone.now() - 2 * SILENT_FOR)
    installation.start("worker")
    call(installation, "resume_imports")
    wait_until(lambda: is_done(disturbed), "the import to end")

    assert 0 < was_at < ROWS
    assert what_came(disturbed) == what_came(undisturbed)


def call(installation, task, *arguments):
    """Puts a task into the installation's own queue."""
    command = [sys.executable, "-m", "celery", "-A", "chappe", "call", f"audience.tasks.{task}"]
    arguments = ["--args", json.dumps(arguments)]
    subprocess.run([*command, *arguments], env=installation.environment, check=True, stdout=subprocess.DEVNULL)


def lines_done(bring):
    with scopes_disabled():
        return ContactImport.objects.values_list("lines_done", flat=True).get(pk=bring.pk)


def is_done(bring):
    with scopes_disabled():
        return ContactImport.objects.values_list("state", flat=True).get(pk=bring.pk) == ContactImport.State.DONE
