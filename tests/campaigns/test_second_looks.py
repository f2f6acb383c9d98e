"""Credits after their order was judged: people who are merged or refuse, and a shop that speaks of it again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from audience.models import Contact
from audience.services.merging import merge_contacts
from campaigns.models import Credit
from campaigns.services import credit_late, credit_order
from integrations.models import Order
from integrations.shops.base import PhoneCandidate
from messaging.models import Message
from messaging.services.choices import choices_of, save_choices
from tests.campaigns.test_attribution import NOW, Mailing, Reason, earned, refund
from tests.factories import TUESDAY, make_contact
from tests.reports.rows import make_click


@pytest.fixture
def mailing(in_workspace):
    return Mailing(in_workspace)


def test_a_merge_and_a_refusal_are_followed_at_once_and_only_where_they_happened(workspace, other_workspace):
    with scope(workspace=workspace):
        mine = Mailing(workspace)
    with scope(workspace=other_workspace):
        theirs = Mailing(other_workspace)
    for mailing in (mine, theirs):
        with scope(workspace=mailing.workspace):
            make_click(mailing.campaign, 7)
            mailing.credit(phones=(PhoneCandidate("06 39 98 55 55", "FR"),))

    with scope(workspace=workspace):
        customer = Order.objects.get().contact
        merge_contacts(kept=customer, gone=mine.contact, by=None, now=NOW)
    after_merge = credit_late(now=NOW), reasons_in(mine, theirs)
    with scope(workspace=workspace):
        choose_nothing(customer)
    after_refusal = credit_late(now=NOW), reasons_in(mine, theirs)

    assert after_merge == (1, [Reason.CLICK, Reason.NO_CLICK])
    assert after_refusal == (1, [Reason.NOT_FOLLOWED, Reason.NO_CLICK])
    with scope(workspace=workspace):
        assert earned() == []


def reasons_in(*mailings: Mailing) -> list[str]:
    found = []
    for mailing in mailings:
        with scope(workspace=mailing.workspace):
            found.append(Credit.objects.get().reason)
    return found


def choose_nothing(contact) -> None:
    """On the preference page."""
    known = choices_of(workspace=contact.workspace, contact=contact)
    wanted = replace(known, may_be_followed=False)
    save_choices(workspace=contact.workspace, contact=contact, choices=wanted, now=NOW)


def test_who_refuses_takes_back_what_another_phone_ordered_behind_their_link(mailing):
    credit = mailing.credit(click_id=mailing.click_id(60), phones=(PhoneCandidate("06 39 98 55 55", "FR"),))
    assert credit.reason == Reason.CLICK_ID

    choose_nothing(mailing.contact)
    credit_late(now=NOW)

    assert (Credit.objects.get().reason, earned()) == (Reason.NO_CLICK, [])


def test_the_shop_s_next_word_does_not_undo_a_merge(mailing):
    ordering = make_contact(mailing.workspace, "+33639985555")
    mailing.order()
    merge_contacts(kept=ordering, gone=mailing.contact, by=None, now=NOW)

    mailing.order(version=2_000, paid_at=NOW)

    assert (Order.objects.get().contact, Contact.objects.count()) == (ordering, 1)


# Told again ----------------------------------------------------------------------------------------


def retell(mailing: Mailing, **changes) -> Credit:
    return credit_order(order=mailing.order(version=2_000, **changes), now=NOW, is_retold=True)


def test_an_order_that_says_the_same_is_not_judged_again_and_follows_its_money(mailing):
    make_click(mailing.campaign, 7)
    mailing.credit()
    order = mailing.order(version=2_000, refunds=(refund("1", 1_000),))
    order.workspace = mailing.workspace

    with CaptureQueriesContext(connection) as asked:
        credit_order(order=order, now=NOW, is_retold=True)

    # Its lock, what it says and earned, and what it is worth now; around that a savepoint.
    assert (len(asked), earned()[0][4]) == (5, 9_000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phones": (PhoneCandidate("06 39 98 55 55", "FR"),)}, Reason.NO_CLICK),
        ({"discount_codes": ("HELLO-7F3",)}, Reason.OWN_CODE),
        ({"placed_at": TUESDAY - timedelta(seconds=1)}, Reason.NO_CLICK),
        ({"is_test": True}, Reason.TEST),
    ],
)
def test_an_order_that_says_something_else_is_judged_again(mailing, changes, reason):
    mailing.hand("HELLO-7F3")
    make_click(mailing.campaign, 7)
    assert mailing.credit().reason == Reason.CLICK

    assert retell(mailing, **changes).reason == reason


def test_a_shared_code_whose_message_did_not_arrive_after_all_is_taken_back(mailing):
    mailing.offer("WINTER")
    assert mailing.credit(discount_codes=("WINTER",)).reason == Reason.SHARED_CODE
    Message.objects.update(state=Message.State.UNDELIVERED)

    assert retell(mailing, discount_codes=("WINTER",)).reason == Reason.NO_CLICK
