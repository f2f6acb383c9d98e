"""A database in trouble in the middle of a file: the import waits, and goes on to the same rows."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_scopes import scope

from audience import tasks
from audience.models import Consent, ConsentEvidence, Contact, ContactImport, ListMembership, Tagging
from audience.services.imports import refused_lines
from chappe.celery import app
from tests.audience.bringing import PROVEN, launch

COUNTS = ("state", "added", "known", "duplicates", "rejected", "consented", "opted_out", "reasons", "troubles")
TRIGGER = "trouble"


def many(number):
    """Good lines, every tenth of them a landline, and one person twice."""
    lines = [f"06399{80000 + at};Contact {at};vip" if at % 10 else "0142685300;Bureau;" for at in range(number)]
    return "\n".join(["mobile;prénom;tags", *lines, "0639980001;Again;web", ""])


def refuse_on_sqlite(table):
    calls = []

    def once():
        calls.append(None)
        if len(calls) == 15:
            raise RuntimeError("the disk is away")

    connection.ensure_connection()
    connection.connection.create_function("trouble", 0, once)
    return (
        f"CREATE TEMP TRIGGER {TRIGGER} BEFORE INSERT ON main.{table} BEGIN SELECT trouble(); END",
        f"DROP TRIGGER {TRIGGER}",
    )


def refuse_on_postgresql(table):
    """A sequence is not rolled back: what raised once does not raise again."""
    return (
        f"""CREATE SEQUENCE trouble_calls;
        CREATE FUNCTION trouble() RETURNS trigger AS $$ BEGIN
            IF nextval('trouble_calls') = 15 THEN RAISE EXCEPTION 'away' USING ERRCODE = 'lock_not_available'; END IF;
            RETURN NEW;
        END $$ LANGUAGE plpgsql;
        CREATE TRIGGER {TRIGGER} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION trouble()""",
        f"DROP TRIGGER {TRIGGER} ON {table}; DROP FUNCTION trouble(); DROP SEQUENCE trouble_calls",
    )


@contextmanager
def trouble_once(table):
    """The fifteenth row that goes into the table meets an OperationalError; the sixteenth does not."""
    make, drop = (refuse_on_postgresql if connection.vendor == "postgresql" else refuse_on_sqlite)(table)
    with connection.cursor() as cursor:
        cursor.execute(make)
        yield
        cursor.execute(drop)


def rows():
    """Everything that an import leaves, without ids, nonces and sealed numbers."""
    evidence = ConsentEvidence.objects.order_by("pk").values_list("content", flat=True)
    return {
        "contacts": list(Contact.objects.order_by("phone_index").values_list("phone_index", "first_name", "territory")),
        "listed": set(ListMembership.objects.values_list("contact__phone_index", flat=True)),
        "tagged": set(Tagging.objects.values_list("contact__phone_index", "tag__name")),
        "granted": set(Consent.objects.values_list("number_hash", "act", "source", "wording", "occurred_at")),
        "evidence": [content["line"] for content in evidence],
        "numbers": len({contact.phone for contact in Contact.objects.all()}),
    }


def bring(workspace):
    with scope(workspace=workspace):
        contact_import = launch(workspace, many(30), **PROVEN)
    tasks.import_contacts(contact_import.pk)
    return contact_import


def found(contact_import):
    contact_import.refresh_from_db()
    refused = [(reject["line"], reject["code"]) for reject in refused_lines(contact_import)]
    return {name: getattr(contact_import, name) for name in COUNTS} | {"refused": refused}


@pytest.mark.parametrize(
    "table",
    ["audience_contact", "audience_listmembership", "audience_tagging", "audience_consent", "audience_consentevidence"],
)
def test_an_error_that_passes_leaves_the_rows_of_an_import_without_it(workspace, other_workspace, monkeypatch, table):
    monkeypatch.setattr("audience.services.imports.running.CHUNK", 8)
    whole = bring(other_workspace)

    with trouble_once(table):
        contact_import = bring(workspace)
        with scope(workspace=workspace):
            waiting = found(contact_import)
        tasks.import_contacts(contact_import.pk)

    assert (waiting["state"], waiting["troubles"], waiting["added"] < 27) == ("running", 1, True)
    with scope(workspace=other_workspace):
        expected, counts = rows(), found(whole)
    with scope(workspace=workspace):
        got = rows()
        assert found(contact_import) == counts == {
            "state": "done", "added": 27, "known": 0, "duplicates": 1, "rejected": 3, "consented": 27, "opted_out": 0,
            "reasons": {"landline": 3}, "troubles": 0, "refused": [(2, "landline"), (12, "landline"), (22, "landline")],
        }  # fmt: skip
    assert got == expected


def test_the_sweeper_wakes_who_waits_and_not_who_works(in_workspace, monkeypatch):
    waiting, working = (launch(in_workspace, many(3)) for _ in range(2))
    ContactImport.objects.filter(pk=waiting.pk).update(troubles=1, touched_at=timezone.now() - timedelta(minutes=3))
    monkeypatch.setitem(app.conf, "task_always_eager", True)

    tasks.resume_imports()

    assert [found(each)["state"] for each in (waiting, working)] == ["done", "running"]


def test_an_error_that_does_not_pass_ends_the_import_and_says_so(in_workspace):
    contact_import = launch(in_workspace, many(3))

    for _ in range(tasks.MOST_TROUBLES):
        tasks.note_trouble(contact_import, OperationalError("away"))

    assert (found(contact_import)["state"], Contact.objects.count()) == ("failed", 0)
