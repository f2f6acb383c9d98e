"""The chain of the ledger: whatever is changed behind its back is named."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.ledger import verifying
from audience.ledger.form import SEALED
from audience.ledger.sealing import SETTLES_IN, seal_ledger
from audience.ledger.verifying import Broken, Sound, verify_ledger
from audience.models import Consent, ConsentEvidence, LedgerHead
from audience.services import record_opt_out
from tests.factories import TUESDAY, make_contact, make_workspace

LATER = TUESDAY + SETTLES_IN


def seal(workspace, at=TUESDAY):
    """Two runs: one marks, one seals."""
    with scope(workspace=workspace):
        seal_ledger(workspace=workspace, now=at)
        return seal_ledger(workspace=workspace, now=at + SETTLES_IN)


def make_ledger(workspace, rows=4):
    for number in range(rows):
        phone = f"+33639980{number:03d}"
        said = {"scope": "marketing", "source": "page", "evidence": {"address": "203.0.113.0/24", "line": number}}
        record_opt_out(workspace=workspace, phone=phone, now=TUESDAY, **said)


def run_sql(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def check(workspace):
    with scope(workspace=workspace):
        return verify_ledger(workspace=workspace)


def test_rows_are_sealed_once_the_mark_has_settled(in_workspace):
    make_ledger(in_workspace, 3)

    first = seal_ledger(workspace=in_workspace, now=TUESDAY)
    too_early = seal_ledger(workspace=in_workspace, now=TUESDAY + timedelta(seconds=5))
    record_opt_out(workspace=in_workspace, phone="+33639980999", scope="marketing", source="page", now=LATER)
    settled = seal_ledger(workspace=in_workspace, now=LATER)

    assert (first, too_early, settled) == (0, 0, 3)
    assert check(in_workspace).sealed == 3
    assert check(in_workspace).unsealed == 1


def test_each_workspace_has_a_chain_of_its_own(workspace, other_workspace):
    for owner in (workspace, other_workspace, workspace):
        make_ledger(owner, 2)
        seal(owner, TUESDAY)

    assert check(workspace).sealed == check(other_workspace).sealed == 2
    assert check(workspace).head != check(other_workspace).head


def test_an_empty_ledger_is_sound(workspace):
    assert seal(workspace) == 0
    assert check(workspace) == Sound(sealed=0, unsealed=0, head="00" * 32)


def test_evidence_may_be_erased_but_not_altered(in_workspace):
    make_ledger(in_workspace)
    seal(in_workspace)
    rows = list(Consent.objects.order_by("pk"))

    ConsentEvidence.objects.filter(consent=rows[0]).delete()
    assert check(in_workspace).sealed == 4

    evidence = ConsentEvidence.objects.get(consent=rows[2])
    evidence.content = {**evidence.content, "line": 77}
    evidence.save()
    with pytest.raises(Broken) as broken:
        check(in_workspace)
    assert broken.value.row == rows[2].pk


def test_a_chain_written_anew_lacks_our_signature(in_workspace):
    make_ledger(in_workspace)
    seal(in_workspace)
    Consent.objects.update(seal=None, previous_seal=None, source="forged")
    signature = bytes(LedgerHead.objects.get().signature)

    LedgerHead.objects.update(last_id=0, rows=0, seal=bytes(32))
    seal_ledger(workspace=in_workspace, now=LATER)
    LedgerHead.objects.update(signature=signature)

    with pytest.raises(Broken, match="not signed with our key"):
        check(in_workspace)


def test_losing_the_end_of_the_chain_is_noticed(in_workspace):
    make_ledger(in_workspace)
    seal(in_workspace)

    Consent.objects.order_by("pk").last().delete()

    with pytest.raises(Broken, match="ends before its head"):
        check(in_workspace)


def test_a_row_put_among_sealed_ones_is_named(in_workspace):
    make_ledger(in_workspace)
    gap = Consent.objects.order_by("pk")[1]
    Consent.objects.filter(pk=gap.pk).delete()
    seal(in_workspace)

    Consent.objects.create(
        pk=gap.pk, workspace=in_workspace, number_hash=bytes(32), purpose="marketing", act="granted",
        source="forged", occurred_at=TUESDAY, recorded_at=TUESDAY,
    )  # fmt: skip

    with pytest.raises(Broken, match="inserted") as broken:
        check(in_workspace)
    assert broken.value.row == gap.pk


def test_deleting_a_sealed_row_names_the_row_after_the_hole(in_workspace):
    make_ledger(in_workspace)
    seal(in_workspace)
    first, second, third, _last = Consent.objects.order_by("pk")

    run_sql("DELETE FROM audience_consentevidence WHERE consent_id = %s", second.pk)
    run_sql("DELETE FROM audience_consent WHERE id = %s", second.pk)

    with pytest.raises(Broken, match=f"between it and row {first.pk}") as broken:
        check(in_workspace)
    assert broken.value.row == third.pk


COLUMNS = sorted({*SEALED, "seal", "previous_seal"} - {"id", "workspace_id"})


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(column=st.sampled_from(COLUMNS), place=st.integers(0, 3), at=st.integers(0, 200), bit=st.integers(0, 7))
def test_one_altered_byte_of_any_sealed_column_names_its_row(column, place, at, bit):
    workspace = make_workspace(f"altered-{uuid4().hex[:8]}")
    make_ledger(workspace)
    seal(workspace)
    with scope(workspace=workspace):
        row = Consent.objects.order_by("pk")[place]
        altered = alter(getattr(row, column), at, bit)

        Consent.objects.filter(pk=row.pk).update(**{column: altered})

        with pytest.raises(Broken) as broken:
            verify_ledger(workspace=workspace)
        assert broken.value.row == row.pk
        Consent.objects.filter(pk=row.pk).update(**{column: getattr(row, column)})
        assert verify_ledger(workspace=workspace).sealed == 4


def alter(value, at, bit):
    """The same value with one bit, letter or microsecond changed."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1 + at)
    if isinstance(value, str):
        return value[: at % (len(value) + 1)] + "~" + value[at % (len(value) + 1) + 1 :]
    changed = bytearray(value)
    changed[at % len(changed)] ^= 1 << bit
    return bytes(changed)


def test_the_command_counts_and_names(workspace, other_workspace, capsys):
    make_ledger(workspace)
    make_ledger(other_workspace, 2)
    seal(workspace)
    with scope(workspace=workspace):
        row = Consent.objects.order_by("pk")[2]

    call_command("verify_consents")
    run_sql("UPDATE audience_consent SET source = 'Page' WHERE id = %s", row.pk)
    with pytest.raises(CommandError, match="lambert"):
        call_command("verify_consents")

    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "breton: 0 sealed, 2 not sealed yet, head " + "00" * 32
    assert out.splitlines()[1].startswith("lambert: 4 sealed, 0 not sealed yet")
    assert err.strip() == f"lambert: row {row.pk}: altered"


def test_times_are_sealed_as_they_are_read_back(in_workspace):
    contact = make_contact(in_workspace, consents=False)
    odd = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=UTC)
    record_opt_out(workspace=in_workspace, phone=contact.phone, scope="marketing", source="é ç 🛑 «x»", now=odd)
    seal(in_workspace)

    assert check(in_workspace).sealed == 1


def test_what_is_sealed_while_somebody_reads_is_no_alarm(workspace, monkeypatch):
    make_ledger(workspace, 2)
    seal(workspace)
    look = verifying._check_evidence

    def look_slowly(last_id):
        record_opt_out(workspace=workspace, phone="+33639980999", scope="marketing", source="page", now=LATER)
        seal(workspace, LATER)
        look(last_id)

    monkeypatch.setattr(verifying, "_check_evidence", look_slowly)

    sound = check(workspace)

    assert (sound.sealed, sound.unsealed) == (2, 1)
