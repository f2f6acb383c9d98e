from datetime import timedelta
from uuid import uuid4

import pytest
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.ledger.form import hash_of
from audience.models import LAST_WORDS, Consent, ConsentAct, Contact, OptOut, OptOutScope, Purpose
from audience.phone import NotAMobile
from audience.queries import Reach, contact_of, has_consent, is_opted_out, reachable, reachable_contacts
from audience.services import (
    MissingProof,
    NothingToWithdraw,
    add_contact,
    grant_consent,
    record_opt_out,
    withdraw_consent,
)
from audience.services.ledger import count_anew
from tests.factories import TUESDAY, make_contact, make_list, make_workspace

WORDS = "I agree to receive offers by SMS."


def grant(workspace, contact, **changes):
    proof = {"source": "till", "wording": WORDS, "occurred_at": TUESDAY, "now": TUESDAY, **changes}
    return grant_consent(workspace=workspace, contact=contact, purpose=Purpose.MARKETING, **proof)


def stop(workspace, phone="+33639980001", **changes):
    facts = {"scope": OptOutScope.MARKETING, "source": "STOP", "now": TUESDAY, **changes}
    return record_opt_out(workspace=workspace, phone=phone, **facts)


def test_add_contact_derives_territory_zone_and_hint_from_the_number(workspace):
    contact = add_contact(workspace=workspace, phone="0692 12 34 56", source="till", first_name="Zoé")

    assert (contact.phone, contact.phone_hint, contact.territory, contact.time_zone, contact.first_name) == (
        "+262692123456",
        "+262 6 •• •• •• 56",
        "RE",
        "Indian/Reunion",
        "Zoé",
    )


def test_add_contact_finds_the_same_number_again_and_fills_only_what_is_empty(workspace):
    first = add_contact(workspace=workspace, phone="0639980001", source="till", first_name="Zoé")

    again = add_contact(workspace=workspace, phone="+33 6 39 98 00 01", source="shop", first_name="Z", city="Nantes")

    assert (again.pk, again.first_name, again.city, again.source) == (first.pk, "Zoé", "Nantes", "till")


def test_add_contact_refuses_a_landline(workspace):
    with pytest.raises(NotAMobile):
        add_contact(workspace=workspace, phone="0142685300", source="till")


def test_a_number_is_one_contact_in_each_workspace(workspace, other_workspace):
    ours = add_contact(workspace=workspace, phone="0639980001", source="till")
    theirs = add_contact(workspace=other_workspace, phone="0639980001", source="till")

    assert ours.pk != theirs.pk
    assert contact_of(workspace=workspace, phone="0639980001") == ours


def test_adding_a_contact_grants_nothing(in_workspace):
    contact = add_contact(workspace=in_workspace, phone="0639980001", source="till")

    assert not has_consent(contact=contact, purpose=Purpose.MARKETING)


@pytest.mark.parametrize(
    "hole", [{"source": " "}, {"wording": ""}, {"occurred_at": None}, {"occurred_at": TUESDAY + timedelta(days=1)}]
)
def test_a_consent_without_proof_is_refused(in_workspace, hole):
    contact = make_contact(in_workspace, consents=False)

    with pytest.raises(MissingProof):
        grant(in_workspace, contact, **hole)

    assert Consent.objects.count() == 0


def test_a_consent_keeps_its_words_and_seals_its_evidence(in_workspace):
    contact = make_contact(in_workspace, consents=False)

    consent = grant(in_workspace, contact, collected_by="Lucie", evidence={"file": "cards.csv"})

    assert (consent.wording, consent.collected_by, consent.evidence.content["file"]) == (WORDS, "Lucie", "cards.csv")
    assert consent.evidence_hash == hash_of(consent.evidence.content)
    assert has_consent(contact=contact, purpose=Purpose.MARKETING)
    assert not has_consent(contact=contact, purpose=Purpose.TRACKING)


def test_a_withdrawal_is_a_new_row_and_the_last_word(in_workspace):
    contact = make_contact(in_workspace, consents=False)
    grant(in_workspace, contact)

    withdraw_consent(
        workspace=in_workspace, contact=contact, purpose=Purpose.MARKETING, source="phone call", now=TUESDAY
    )

    assert list(contact.consents.order_by("pk").values_list("act", flat=True)) == ["granted", "withdrawn"]
    assert not has_consent(contact=contact, purpose=Purpose.MARKETING)


def test_nothing_can_be_withdrawn_from_who_never_agreed(in_workspace):
    contact = make_contact(in_workspace, consents=False)

    with pytest.raises(NothingToWithdraw):
        withdraw_consent(workspace=in_workspace, contact=contact, purpose=Purpose.MARKETING, source="call", now=TUESDAY)


def test_an_old_consent_learned_late_does_not_overrule_a_withdrawal(in_workspace):
    contact = make_contact(in_workspace)
    withdraw_consent(workspace=in_workspace, contact=contact, purpose=Purpose.MARKETING, source="call", now=TUESDAY)

    grant(in_workspace, contact, occurred_at=TUESDAY - timedelta(days=400))

    assert not has_consent(contact=contact, purpose=Purpose.MARKETING)


def test_an_opt_out_said_twice_is_one_row_and_one_ledger_entry(in_workspace):
    make_contact(in_workspace, consents=False)

    first, second = stop(in_workspace), stop(in_workspace, "06 39 98 00 01", source="page")

    assert (first.pk, OptOut.objects.count(), Consent.objects.count()) == (second.pk, 1, 1)


def test_a_marketing_opt_out_says_nothing_about_service_messages(in_workspace):
    stop(in_workspace)

    assert is_opted_out(workspace=in_workspace, phone="+33639980001", scope=OptOutScope.MARKETING)
    assert not is_opted_out(workspace=in_workspace, phone="+33639980001", scope=OptOutScope.SERVICE)


def test_an_opt_out_survives_the_contact_and_meets_them_again(in_workspace):
    make_contact(in_workspace)
    stop(in_workspace)

    Contact.objects.all().delete()
    again = add_contact(workspace=in_workspace, phone="0639980001", source="till")
    grant(in_workspace, again)

    assert is_opted_out(workspace=in_workspace, phone="0639980001", scope=OptOutScope.MARKETING)
    assert reachable(make_list(in_workspace, again).contacts.all()) == Reach(
        total=1, reachable=0, opted_out=1, without_proof=0
    )


def test_an_opt_out_is_found_under_every_key_ever_used(in_workspace, settings):
    stop(in_workspace)

    settings.OPT_OUT_KEYS = ["b:" + "eHh4" * 10 + "eHg=", *settings.OPT_OUT_KEYS]

    assert is_opted_out(workspace=in_workspace, phone="+33639980001", scope=OptOutScope.MARKETING)
    stop(in_workspace)
    assert OptOut.objects.count() == 1


def test_an_opt_out_of_one_workspace_is_not_one_of_another(workspace, other_workspace):
    stop(workspace)

    with scope(workspace=other_workspace):
        assert not is_opted_out(workspace=other_workspace, phone="+33639980001", scope=OptOutScope.MARKETING)
        assert is_opted_out(workspace=workspace, phone="+33639980001", scope=OptOutScope.MARKETING)


def test_reach_of_a_list_adds_up_in_one_query(in_workspace, django_assert_num_queries):
    yes = make_contact(in_workspace, "+33639980001")
    silent = make_contact(in_workspace, "+33639980002", consents=False)
    gone = make_contact(in_workspace, "+33639980003")
    stop(in_workspace, gone.phone)
    contact_list = make_list(in_workspace, yes, silent, gone)

    with django_assert_num_queries(1):
        reach = reachable(contact_list.contacts.all())

    assert reach == Reach(total=3, reachable=1, opted_out=1, without_proof=1)
    assert list(reachable_contacts(contact_list.contacts.all())) == [yes]
    assert reachable(contact_list.contacts.all(), needs_consent=False) == Reach(
        total=3, reachable=2, opted_out=1, without_proof=0
    )


ACTS = st.lists(st.tuples(st.sampled_from(ConsentAct.values), st.integers(0, 5)), max_size=6)


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(acts=ACTS, has_stopped=st.booleans())
def test_folding_the_ledger_one_by_one_and_by_list_agree(acts, has_stopped):
    workspace = make_workspace(f"folding-{uuid4().hex[:8]}")
    contact = make_contact(workspace, consents=False)
    with scope(workspace=workspace):
        for act, day in acts:
            _write(workspace, contact, act, day)
        count_anew([contact.pk])
        if has_stopped:
            record_opt_out(workspace=workspace, phone=contact.phone, scope="marketing", source="page", now=TUESDAY)
        words = [item for item in enumerate(acts) if item[1][0] in LAST_WORDS]
        latest = max(words, key=lambda item: (item[1][1], item[0]), default=(0, ("withdrawn", 0)))[1][0]
        reach = reachable(make_list(workspace, contact).contacts.all())

        assert reach.reachable == int(latest in {"granted", "confirmed"} and not has_stopped)
        assert reach.total == reach.reachable + reach.opted_out + reach.without_proof


def _write(workspace, contact, act, day):
    Consent.objects.create(
        workspace=workspace,
        contact=contact,
        number_hash=b"0" * 32,
        purpose=Purpose.MARKETING,
        act=act,
        source="test",
        occurred_at=TUESDAY - timedelta(days=9 - day),
        recorded_at=TUESDAY,
    )
