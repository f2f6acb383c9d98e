"""Whom an import may write to: line by line, and never against somebody's own word."""

from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from audience.judging import Unproven
from audience.models import Consent, ConsentEvidence, Contact
from audience.preview import preview
from audience.queries import has_consent
from audience.services import confirm_consent, grant_consent, record_opt_out, withdraw_consent
from audience.services.erasure import erase_contact
from audience.services.minimisation import save_settings
from tests.audience.bringing import PROVEN, bring, launch
from tests.factories import TUESDAY, make_contact

ONE = "mobile\n0639980001\n"
COLUMNS = ["phone", "consent_at", "consent_source", "consent_wording", "consent_collector"]
ORDERS = ["phone", "order_reference", "order_at"]
HEAD = "mobile;le;où;mots;par\n"
YES = "J'accepte de recevoir les offres."


def granted(**of):
    rows = Consent.objects.filter(act="granted", **of).order_by("pk")
    return list(rows.values_list("source", "wording", "collected_by", "occurred_at"))


def unproven(workspace, content, **decided):
    """What the preview says of each line that brings no consent."""
    verdicts = preview(contact_import=launch(workspace, content, **decided), now=TUESDAY).verdicts
    return [verdict.no_grant for verdict in verdicts]


def test_a_line_has_its_own_proof_and_that_of_the_file_where_it_has_none(in_workspace):
    lines = f"0639980001;03/02/2026 18:30;salon de Nantes;{YES};Zoé\n0639980002;;;;\n"

    bring(in_workspace, HEAD + lines, columns=COLUMNS, **PROVEN)

    assert granted() == [
        ("salon de Nantes", YES, "Zoé", datetime(2026, 2, 3, 17, 30, tzinfo=UTC)),
        ("paper card at the till", "I agree to receive offers by SMS.", "Lucie", TUESDAY - timedelta(days=30)),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (";;;", Unproven.NO_PROOF),
        ("2026-02-03;;;", Unproven.INCOMPLETE),
        (f"2026-02-03;;{YES};Zoé", Unproven.INCOMPLETE),
        ("2026-02-03;salon;;Zoé", Unproven.INCOMPLETE),
        (f";salon;{YES};Zoé", Unproven.INCOMPLETE),
        (f"hier;salon;{YES};Zoé", Unproven.NO_DATE),
        (f"31/02/2026;salon;{YES};Zoé", Unproven.NO_DATE),
        (f"25/11/2026;salon;{YES};Zoé", Unproven.IN_FUTURE),
        (f"2026-11-24T10:31+01:00;salon;{YES};Zoé", Unproven.IN_FUTURE),
        (f"9999-12-31;salon;{YES};Zoé", Unproven.IN_FUTURE),
        (f"31/12/1989;salon;{YES};Zoé", Unproven.TOO_OLD),
        (f"0001-01-01;salon;{YES};Zoé", Unproven.TOO_OLD),
        (f"12000;salon;{YES};Zoé", Unproven.TOO_OLD),
    ],
)
def test_a_line_without_good_proof_arrives_and_is_granted_nothing(in_workspace, line, why):
    text = f"{HEAD}0639980001;{line}\n0639980002;2026-11-24T10:29+01:00;salon;{YES};Zoé\n"

    done = bring(in_workspace, text, columns=COLUMNS, grants=True)

    assert (done.added, done.rejected, done.consented) == (2, 0, 1)
    assert granted() == [("salon", YES, "Zoé", datetime(2026, 11, 24, 9, 29, tzinfo=UTC))]
    assert unproven(in_workspace, text, columns=COLUMNS)[0] == str(why.label)


def test_a_bad_date_of_a_line_is_not_mended_by_that_of_the_file(in_workspace):
    bring(in_workspace, HEAD + "0639980001;demain;;;\n", columns=COLUMNS, **PROVEN)

    assert (Contact.objects.count(), granted()) == (1, [])


def test_without_the_decision_to_grant_a_perfect_proof_grants_nothing(in_workspace):
    bring(in_workspace, HEAD + f"0639980001;2026-02-03;salon;{YES};Zoé\n", columns=COLUMNS)

    assert (Contact.objects.count(), granted()) == (1, [])


def customers(workspace, *lines, **decided):
    decided = {**PROVEN, "legal_basis": "existing_customer", "columns": ORDERS, **decided}
    return bring(workspace, "mobile;commande;le\n" + "\n".join(lines) + "\n", **decided)


def test_existing_customers_need_the_number_and_day_of_an_order(in_workspace):
    save_settings(workspace=in_workspace, existing_customers=True)

    done = customers(
        in_workspace,
        "0639980001;FA-1;02/11/2026",
        "0639980002;;02/11/2026",
        "0639980003;FA-3;",
        "0639980004;FA-4;25/11/2026",
        "0639980005;FA-5;01/01/1980",
    )

    (consent,) = Consent.objects.select_related("evidence")
    assert (done.added, done.consented) == (5, 1)
    assert consent.legal_basis == "existing_customer"
    assert consent.evidence.content["order"] == {"order_reference": "FA-1", "order_at": "02/11/2026"}


@pytest.mark.parametrize("columns", [["phone", "order_reference", ""], ["phone", "", "order_at"], ["phone", "", ""]])
def test_existing_customers_without_both_columns_of_orders_are_granted_nothing(in_workspace, columns):
    save_settings(workspace=in_workspace, existing_customers=True)

    customers(in_workspace, "0639980001;FA-1;02/11/2026", columns=columns)

    assert granted() == []


def test_without_the_workspaces_switch_nobody_is_an_existing_customer(workspace, other_workspace):
    with scope(workspace=other_workspace):
        save_settings(workspace=other_workspace, existing_customers=True)
        customers(other_workspace, "0639980001;FA-1;02/11/2026")
        assert len(granted()) == 1

    with scope(workspace=workspace):
        done = customers(workspace, "0639980001;FA-1;02/11/2026")
        assert (done.added, done.consented, granted()) == (1, 0, [])


def opted_out(contact):
    record_opt_out(workspace=contact.workspace, phone=contact.phone, scope="marketing", source="STOP", now=TUESDAY)


def withdrawn(contact):
    withdraw_consent(
        workspace=contact.workspace, contact=contact, purpose="marketing", source="preferences", now=TUESDAY
    )


def said(workspace, contact, service=grant_consent, **more):
    service(
        workspace=workspace,
        contact=contact,
        source="form",
        wording=YES,
        occurred_at=TUESDAY - timedelta(days=1),
        now=TUESDAY,
        **more,
    )


@pytest.mark.parametrize("no", [opted_out, withdrawn])
@pytest.mark.parametrize("erased", [False, True])
def test_a_no_is_never_overruled_by_a_file_even_for_somebody_erased(workspace, other_workspace, no, erased):
    contact, elsewhere = make_contact(workspace), make_contact(other_workspace, consents=False)
    with scope(workspace=workspace):
        no(contact)
        if erased:
            erase_contact(contact=contact, by=None, reason="asked", now=TUESDAY)
        before = Consent.objects.count()

        done = bring(workspace, ONE, merge_rule="overwrite", **PROVEN)

        assert (done.opted_out, done.consented, Consent.objects.count()) == (1, 0, before)
        assert not has_consent(contact=Contact.objects.get(), purpose="marketing")
    with scope(workspace=other_workspace):
        assert bring(other_workspace, ONE, **PROVEN).consented == 1
        assert has_consent(contact=elsewhere, purpose="marketing")


def test_whoever_has_said_yes_themselves_later_keeps_their_own_words(in_workspace):
    contact = make_contact(in_workspace, consents=False)
    said(in_workspace, contact, purpose="marketing")

    done = bring(in_workspace, ONE, **PROVEN)

    assert (done.known, done.consented) == (1, 0)
    assert [row[0] for row in granted()] == ["form"]


def test_whoever_came_back_after_a_stop_is_not_granted_again(in_workspace):
    contact = make_contact(in_workspace)
    record_opt_out(
        workspace=in_workspace,
        phone=contact.phone,
        scope="marketing",
        source="STOP",
        now=TUESDAY - timedelta(days=2),
    )
    said(in_workspace, contact, confirm_consent)

    done = bring(in_workspace, ONE, **PROVEN)

    assert (done.opted_out, done.consented) == (0, 0)
    assert [row[0] for row in granted()] == ["test form"]


@pytest.mark.parametrize("attested", [True, False])
def test_what_was_certified_about_the_box_is_kept_in_the_evidence(in_workspace, attested):
    done = bring(in_workspace, ONE, **{**PROVEN, "attested": attested})

    content = ConsentEvidence.objects.get().content
    del content["nonce"]
    file = {"file": "customers.csv", "sha256": done.file_hash.hex(), "line": 2}
    assert content == file | ({"box_not_ticked_beforehand": True} if attested else {})
