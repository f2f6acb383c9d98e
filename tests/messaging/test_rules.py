from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from messaging import law
from messaging.models import Message, SendingRules
from messaging.rules import Cap, cap_by, limits_of, rules_of
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender
from tests.messaging.helpers import outcome, run_step, send_to_all

TUESDAY_NIGHT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)  # nine in the evening in Paris
SATURDAY = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
MONDAY_EIGHT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
OVH, SMSFACTOR = law.provider_texts()["ovh"], law.provider_texts()["smsfactor"]


@pytest.fixture
def camille(workspace):
    return make_contact(workspace)


def set_rules(workspace, **fields):
    with scope(workspace=workspace):
        SendingRules.objects.update_or_create(workspace=workspace, defaults=fields)


def test_rules_are_prudent_as_long_as_nobody_has_changed_them(workspace, settings):
    settings.MARKETING_WEEKLY_CAP = 5
    rules = rules_of(workspace)

    facts = (rules.policy, rules.allows_sundays, rules.allows_holidays, rules.is_reminders_only, cap_by(rules))

    assert facts == ("prudent", False, False, False, Cap(5, 7))


def test_a_workspace_that_chose_the_charter_sends_until_half_past_nine_and_its_neighbour_does_not(
    account, sender, camille, workspace, other_workspace
):
    set_rules(workspace, policy="af2m-2026")
    other = make_sender(make_account(other_workspace, gateway="scripted"), "OTHER")
    make_contact(other_workspace, "+33639980002")
    batches = [send_to_all(make_batch(one), now=TUESDAY_NIGHT) for one in (sender, other)]

    run_step(account, now=TUESDAY_NIGHT)
    run_step(other.account, now=TUESDAY_NIGHT)

    assert [outcome(batch) for batch in batches] == [[("accepted", "")], [("queued", "")]]


def test_a_choice_that_is_taken_back_holds_what_is_queued(account, sender, camille, workspace):
    set_rules(workspace, policy="af2m-2026")
    batch = send_to_all(make_batch(sender), now=TUESDAY_NIGHT)
    set_rules(workspace, policy="prudent")

    run_step(account, now=TUESDAY_NIGHT)

    assert outcome(batch) == [("queued", "legal_hour")]


def test_a_message_keeps_the_hours_of_its_own_provider(workspace, camille, monkeypatch):
    account = make_account(workspace, gateway="scripted")
    batch = make_batch(make_sender(account))
    monkeypatch.setattr("messaging.law.provider_texts", lambda: {"scripted": OVH})
    send_to_all(batch, now=SATURDAY)

    with scope(workspace=workspace):
        assert [each.due_at for each in Message.objects.all()] == [MONDAY_EIGHT]
        assert limits_of(workspace, account).gateway == "scripted"


def test_the_gate_holds_what_became_illegal_since_it_was_queued(account, sender, camille, monkeypatch):
    batch = send_to_all(make_batch(sender), now=SATURDAY)
    monkeypatch.setattr("messaging.law.provider_texts", lambda: {"scripted": OVH})

    run_step(account, now=SATURDAY)

    assert outcome(batch) == [("queued", "legal_hour")]


def test_who_can_never_be_reached_at_a_legal_hour_is_told_apart(account, sender, workspace, monkeypatch):
    make_contact(workspace, territory="PF", time_zone="Pacific/Tahiti")
    summer = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)
    monkeypatch.setattr("messaging.law.provider_texts", lambda: {"scripted": SMSFACTOR})
    batch = send_to_all(make_batch(sender), now=summer)

    run_step(account, now=summer)

    assert outcome(batch) == [("suppressed", "never_legal")]


def test_each_workspace_has_its_own_cap(account, sender, camille, workspace, other_workspace):
    set_rules(workspace, cap_messages=1, cap_days=30)
    other = make_sender(make_account(other_workspace, gateway="scripted"), "OTHER")
    make_contact(other_workspace, "+33639980002")
    later = TUESDAY + timedelta(days=21)
    for one in (sender, other):
        send_to_all(make_batch(one))
        run_step(one.account)

    batches = [send_to_all(make_batch(one, name="Again"), now=later) for one in (sender, other)]
    run_step(account, now=later)
    run_step(other.account, now=later)

    assert [outcome(batch) for batch in batches] == [[("suppressed", "frequency")], [("accepted", "")]]


@pytest.mark.parametrize("purpose", ["marketing", "information", "service"])
def test_a_practice_that_sends_reminders_only_sends_no_marketing(account, sender, camille, workspace, purpose):
    batch = send_to_all(make_batch(sender, purpose=purpose))
    set_rules(workspace, sector="health")

    run_step(account)

    assert outcome(batch) == [("suppressed", "sector") if purpose == "marketing" else ("accepted", "")]
