"""A form that was sent: one confirmation, a service message."""

from datetime import timedelta

import pytest
from django_scopes import scope

from campaigns import decided
from campaigns.models import Decision
from campaigns.services import answer_form
from landing.models import Conversion
from landing.services import record_conversion
from landing.signals import Trust, form_submitted
from messaging.models import Message
from tests.factories import TUESDAY, make_account, make_automation, make_contact, make_page, make_sender


@pytest.fixture
def page(in_workspace):
    return make_page(in_workspace, "Soirée")


def make_thanks(workspace, **fields):
    if "sender" not in fields:
        fields["sender"] = make_sender(make_account(workspace))
    fields = {"text": "Merci pour {page_title}", "page": None, **fields}
    return make_automation(workspace, trigger="form_sent", **fields)


def send_form(page, contact, key="1", goal=Conversion.Goal.FORM):
    return record_conversion(
        workspace=page.workspace, goal=goal, dedup_key=key, now=TUESDAY, page=page, contact=contact
    )


def test_a_form_is_confirmed_once_however_often_it_is_told(in_workspace, page):
    make_thanks(in_workspace)
    sent = send_form(page, make_contact(in_workspace))

    outcomes = [answer_form(conversion=sent, now=TUESDAY + timedelta(minutes=minutes)) for minutes in (0, 5)]

    message = Message.objects.get()
    assert outcomes == [[decided.SENT]] * 2
    assert (message.merge_values, message.batch.purpose) == ({"page_title": "Soirée"}, "service")


def test_the_signal_of_pages_starts_automations(in_workspace, page):
    make_thanks(in_workspace, is_enabled=False)

    form_submitted.send(sender=Conversion, conversion=send_form(page, make_contact(in_workspace)), trust=Trust.OWN)

    assert Decision.objects.count() == 1


def test_an_automation_of_one_page_hears_no_other(in_workspace, page):
    other = make_page(in_workspace, "Autre")
    make_thanks(in_workspace, form_page=other)

    assert answer_form(conversion=send_form(page, make_contact(in_workspace)), now=TUESDAY) == []


def test_who_left_no_mobile_is_said_and_other_goals_are_no_forms(in_workspace, page):
    make_thanks(in_workspace)

    without = answer_form(conversion=send_form(page, None), now=TUESDAY)
    call = answer_form(conversion=send_form(page, None, "2", Conversion.Goal.CALL), now=TUESDAY)

    assert (without, call) == ([decided.NO_MOBILE], [])


def test_a_form_of_the_day_before_is_too_old(in_workspace, page):
    make_thanks(in_workspace)
    sent = send_form(page, make_contact(in_workspace))

    assert answer_form(conversion=sent, now=TUESDAY + timedelta(hours=25)) == [decided.TOO_OLD]


def confirm(page, contact, key, *, at=TUESDAY, trust=Trust.TYPED):
    """The answer of the one automation to a form that was sent at that moment."""
    sent = record_conversion(
        workspace=page.workspace, goal=Conversion.Goal.FORM, dedup_key=key, now=at, page=page, contact=contact
    )
    [outcome] = answer_form(conversion=sent, now=at, trust=trust)
    return outcome


def test_a_number_that_anybody_typed_is_confirmed_once_a_day_and_thrice_a_month_over_all_forms(in_workspace, page):
    make_thanks(in_workspace)
    other, contact = make_page(in_workspace, "Autre"), make_contact(in_workspace)
    moments = [timedelta(hours=hours) for hours in (0, 1, 25, 50, 75, 24 * 30 + 25)]

    outcomes = [
        confirm((page, other)[number % 2], contact, f"{number}", at=TUESDAY + later)
        for number, later in enumerate(moments)
    ]

    refused = decided.CONFIRMED
    assert outcomes == [decided.SENT, refused, decided.SENT, decided.SENT, refused, decided.SENT]
    assert confirm(page, make_contact(in_workspace, "+33639980002"), "new", at=TUESDAY) == decided.SENT


def test_who_came_by_a_link_of_their_own_is_confirmed_once_a_day_for_each_page(in_workspace, page):
    make_thanks(in_workspace)
    other, contact = make_page(in_workspace, "Autre"), make_contact(in_workspace)

    outcomes = [confirm(where, contact, f"{n}", trust=Trust.OWN) for n, where in enumerate((page, other, page))]

    assert outcomes == [decided.SENT, decided.SENT, decided.CONFIRMED]


def test_one_line_that_types_number_after_number_makes_no_message_leave(in_workspace, page):
    make_thanks(in_workspace)

    outcome = confirm(page, make_contact(in_workspace), "1", trust=Trust.CROWD)

    assert (outcome, Message.objects.count()) == (decided.CROWD, 0)


def test_two_automations_may_answer_one_form_and_another_workspace_counts_for_itself(
    in_workspace, other_workspace, page
):
    sender = make_sender(make_account(in_workspace))
    make_thanks(in_workspace, sender=sender)
    make_thanks(in_workspace, sender=sender, name="Rappel")
    with scope(workspace=other_workspace):
        make_thanks(other_workspace)
        there = make_page(other_workspace, "Là-bas")
        far = confirm(there, make_contact(other_workspace), "1")

    outcomes = answer_form(conversion=send_form(page, make_contact(in_workspace)), now=TUESDAY)

    assert (far, outcomes) == (decided.SENT, [decided.SENT, decided.SENT])


def test_automations_of_another_workspace_do_not_hear_it(in_workspace, other_workspace, page):
    with scope(workspace=other_workspace):
        make_thanks(other_workspace)

    assert answer_form(conversion=send_form(page, make_contact(in_workspace)), now=TUESDAY) == []
