from datetime import timedelta
from itertools import count

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.log_actions import log as log_action
from wagtail.models import ModelLogEntry

from accounts.models import TrackingMode
from audience.models import (
    Attribute,
    AuditEntry,
    Contact,
    ContactList,
    OptOut,
    OptOutScope,
    Purpose,
    Tag,
    Tagging,
)
from audience.queries import YES, has_consent, is_opted_out, may_follow, with_standing
from audience.services import add_contact, grant_consent, record_opt_out, withdraw_consent
from audience.services.erasure import erase_contact
from audience.services.imports import Proof, run_import, start_import
from audience.services.merging import (
    OtherWorkspace,
    SameContact,
    differences,
    merge_contacts,
)
from audience.standing import is_followed, says_yes
from tests.factories import TUESDAY, make_contact, make_list, make_member

OLD, NEW = "+33639980001", "+33639980002"


@pytest.fixture
def old(workspace):
    return make_contact(workspace, OLD, first_name="Zoé", city="Nantes", consents=False)


@pytest.fixture
def new(workspace):
    return make_contact(workspace, NEW, first_name="Zoe", email="zoe@lambert.example", consents=False)


def merge(kept, gone, **changes):
    with scope(workspace=kept.workspace):
        return merge_contacts(kept=kept, gone=gone, by=None, now=TUESDAY, **changes)


def stop(workspace, phone, kind=OptOutScope.MARKETING):
    record_opt_out(workspace=workspace, phone=phone, scope=kind, source="STOP", now=TUESDAY)


def agree(contact, purpose=Purpose.MARKETING, at=TUESDAY - timedelta(days=30)):
    proof = {"source": "till", "wording": "Yes", "occurred_at": at, "now": TUESDAY}
    return grant_consent(workspace=contact.workspace, contact=contact, purpose=purpose, **proof)


def agrees(contact, purpose=Purpose.MARKETING):
    with scope(workspace=contact.workspace):
        return has_consent(contact=contact, purpose=purpose)


def test_empty_facts_are_filled_and_chosen_ones_taken(workspace, old, new):
    merged = merge(new, old, from_gone=["first_name"])

    with scope(workspace=workspace):
        assert Contact.objects.get() == merged
    assert (merged.phone, merged.first_name, merged.city, merged.email) == (NEW, "Zoé", "Nantes", "zoe@lambert.example")


def test_only_what_differs_is_asked(workspace, old, new):
    with scope(workspace=workspace):
        Attribute.objects.create(workspace=workspace, label="Size", slug="size", kind="number")
        old.attributes, new.attributes = {"size": 38}, {"size": 40}

        found = differences(new, old)

    assert [(each.name, each.kept, each.gone) for each in found] == [
        ("first_name", "Zoe", "Zoé"),
        ("attributes.size", "40", "38"),
    ]


def test_attributes_of_both_are_kept_and_the_chosen_value_wins(workspace, old, new):
    with scope(workspace=workspace):
        Contact.objects.filter(pk=old.pk).update(attributes={"size": 38, "colour": "red"})
        Contact.objects.filter(pk=new.pk).update(attributes={"size": 40, "since": "2020-01-01"})

    merged = merge(new, old, from_gone=["attributes.size"])

    assert merged.attributes == {"size": 38, "colour": "red", "since": "2020-01-01"}


def test_lists_and_tags_of_both_are_kept_once(workspace, old, new):
    make_list(workspace, old, new, name="Both")
    make_list(workspace, old, name="Old")
    with scope(workspace=workspace):
        tag = Tag.objects.create(workspace=workspace, name="VIP")
        Tagging.objects.create(workspace=workspace, tag=tag, contact=old)

    merged = merge(new, old)

    with scope(workspace=workspace):
        assert sorted(ContactList.objects.filter(contacts=merged).values_list("name", flat=True)) == ["Both", "Old"]
        assert list(merged.tags.all()) == [tag]


@pytest.mark.parametrize("refusing", [OLD, NEW])
def test_an_opt_out_of_either_number_holds_for_both_for_good(workspace, old, new, refusing):
    agree(old)
    agree(new)
    stop(workspace, refusing)

    merged = merge(new, old)
    back = add_contact(workspace=workspace, phone=OLD, source="file")

    with scope(workspace=workspace):
        standing = with_standing(Contact.objects.order_by("pk"))
        assert [contact.said_no for contact in standing] == [True, True]
        assert not has_consent(contact=merged, purpose=Purpose.MARKETING)
        assert OptOut.objects.filter(contact=back).exists()
    assert [is_opted_out(workspace=workspace, phone=phone, scope="marketing") for phone in (OLD, NEW)] == [True, True]


def test_a_consent_that_one_of_them_withdrew_stays_withdrawn_however_old(workspace, old, new):
    agree(old, at=TUESDAY - timedelta(days=300))
    with scope(workspace=workspace):
        withdraw_consent(
            workspace=workspace,
            contact=old,
            purpose=Purpose.MARKETING,
            source="page",
            now=TUESDAY - timedelta(days=200),
        )
    agree(new)

    merged = merge(new, old)

    assert not agrees(merged)


def test_a_refusal_of_tracking_is_the_merged_contacts_too(workspace, old, new):
    agree(old, Purpose.TRACKING, at=TUESDAY - timedelta(days=9))
    with scope(workspace=workspace):
        withdraw_consent(
            workspace=workspace, contact=old, purpose=Purpose.TRACKING, source="page", now=TUESDAY - timedelta(days=8)
        )
    agree(new, Purpose.TRACKING)

    merged = merge(new, old)

    assert not agrees(merged, Purpose.TRACKING)


def standing(contact):
    """As one question, as many, and as a whole base is counted."""
    with scope(workspace=contact.workspace):
        one = Contact.objects.filter(pk=contact.pk)
        return {
            has_consent(contact=contact, purpose="marketing"),
            with_standing(one).get().latest_act in YES,
            one.filter(says_yes("marketing")).exists(),
        }


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.TRACKING])
def test_a_yes_stays_with_the_number_it_was_given_with(workspace, old, new, purpose):
    agree(old, purpose)

    merged = merge(new, old)

    assert not agrees(merged, purpose)
    assert standing(merged) == {False}
    with scope(workspace=workspace):
        assert list(merged.consents.order_by("pk").values_list("act", flat=True)) == ["granted", "lapsed"]
        assert not OptOut.objects.exists()


@pytest.mark.parametrize("days_ago", [1, 60])
def test_a_yes_of_the_number_that_is_kept_stays_whichever_is_older(workspace, old, new, days_ago):
    agree(old)
    agree(new, at=TUESDAY - timedelta(days=days_ago))

    merged = merge(new, old)

    assert standing(merged) == {True}


def test_what_lapsed_in_an_earlier_merge_takes_nothing_from_the_next(workspace, old, new):
    agree(new, at=TUESDAY - timedelta(days=300))
    first = make_contact(workspace, "+33639980003", consents=False)
    agree(first)

    merged = merge(new, merge(old, first))

    assert standing(merged) == {True}


def test_a_later_yes_of_the_kept_number_counts(workspace, old, new):
    agree(old)
    merged = merge(new, old)

    agree(merged, at=TUESDAY - timedelta(days=2))

    assert standing(merged) == {True}


def test_a_file_with_the_kept_numbers_own_proof_counts(workspace, old, new):
    agree(old)
    merged = merge(new, old)
    proof = Proof(source="card", wording="Yes", occurred_at=TUESDAY - timedelta(days=1))

    with scope(workspace=workspace):
        file = {"file_name": "all.csv", "content": f"mobile\n{NEW}\n".encode(), "proof": proof, "new_list": "All"}
        run_import(contact_import=start_import(workspace=workspace, now=TUESDAY, **file), now=TUESDAY)

    assert standing(merged) == {True}


@pytest.mark.parametrize("mode", TrackingMode.values)
def test_without_a_word_of_the_kept_number_the_workspace_says_who_is_followed(workspace, old, new, mode):
    agree(old, Purpose.TRACKING)
    workspace.tracking_mode = mode

    merged = merge(new, old)

    with scope(workspace=workspace):
        asked_of_all = Contact.objects.filter(is_followed(workspace)).exists()
        assert asked_of_all == may_follow(workspace=workspace, contact=merged) == (mode == "individual")


def test_the_merge_stands_in_the_audit_log(workspace, old, new):
    owner = make_member(workspace)

    with scope(workspace=workspace):
        merged = merge_contacts(kept=new, gone=old, by=owner, now=TUESDAY)
        entries = list(AuditEntry.objects.values_list("action", "actor", "contact", "contact_number"))

    assert entries == [("merged", owner.pk, merged.pk, merged.pk)]


def test_a_contact_is_merged_with_another_of_its_workspace(workspace, other_workspace, old):
    stranger = make_contact(other_workspace, NEW)

    with pytest.raises(SameContact):
        merge(old, old)
    with pytest.raises(OtherWorkspace):
        merge(old, stranger)


@pytest.fixture
def numbers():
    return (f"+3363998{number}" for number in count(1000))


WORDS = st.lists(st.sampled_from(["agree", "withdraw", "stop", "nothing"]), max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(olds=WORDS, news=WORDS)
def test_no_merge_makes_a_no_into_a_yes(workspace, numbers, olds, news):
    contacts = [make_contact(workspace, next(numbers), consents=False) for _ in range(2)]
    said_no = []
    for contact, words in zip(contacts, (olds, news), strict=True):
        for day, word in enumerate(words):
            at = TUESDAY - timedelta(days=30 - day)
            with scope(workspace=workspace):
                if word == "agree":
                    agree(contact, at=at)
                if word == "withdraw" and has_consent(contact=contact, purpose="marketing"):
                    withdraw_consent(workspace=workspace, contact=contact, purpose="marketing", source="page", now=at)
                if word == "stop":
                    stop(workspace, contact.phone)
        said_no.append(is_opted_out(workspace=workspace, phone=contact.phone, scope="marketing"))
        said_no[-1] |= words[-1:] == ["withdraw"] and "agree" in words

    merged = merge(contacts[1], contacts[0])

    with scope(workspace=workspace):
        standing = with_standing(Contact.objects.all()).get(pk=merged.pk)
    may_be_written_to = not standing.said_no and standing.latest_act == "granted"
    assert not (may_be_written_to and any(said_no))


def test_an_erasure_after_a_merge_leaves_neither_name_in_the_editing_log(workspace, old, new):
    for contact in (old, new):
        log_action(instance=contact, action="wagtail.edit", title=str(contact))
    merged = merge(old, new)

    with scope(workspace=workspace):
        erase_contact(contact=merged, by=None, now=TUESDAY)

    assert not ModelLogEntry.objects.exists()
