"""Delays, newer news, caps, budgets and switching off: each event is decided once, and the log says why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import decided
from campaigns.models import Automation, Decision
from campaigns.services import answer_event, decisions, resolve_due, switch_automation
from integrations.models import ShopEvent
from integrations.services.orders import apply_snapshot
from integrations.shops.base import PhoneCandidate
from messaging.models import Message
from tests.campaigns.test_automations import PLACED
from tests.factories import TUESDAY, make_account, make_automation, make_sender, make_shop

HOUR = timedelta(hours=1)
NIGHT = TUESDAY + timedelta(hours=13)
LADDER = ("order_placed", "order_paid", "order_shipped", "order_delivered", "order_cancelled")


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


@pytest.fixture
def make(in_workspace):
    sender = make_sender(make_account(in_workspace))

    def make_one(trigger="order_placed", **fields):
        fields = {"name": trigger, "text": "Merci", "sender": sender, "page": None, **fields}
        return make_automation(in_workspace, trigger=trigger, **fields)

    return make_one


def events_of(shop, **changes):
    """What an order became, by kind."""
    return {event.kind: event for event in apply_snapshot(shop=shop, snapshot=replace(PLACED, **changes))}


def tell(events, now=TUESDAY):
    return [answer_event(event=event, now=now) for event in events]


def log_of(automation):
    return list(automation.decisions.order_by("pk").values_list("outcome", flat=True))


def test_what_comes_at_night_waits_for_eight_and_says_so(shop, make):
    automation = make()

    [outcome] = tell(events_of(shop, placed_at=NIGHT).values(), NIGHT)

    message = Message.objects.get()
    assert (outcome, log_of(automation)) == (decided.DEFERRED, [decided.DEFERRED])
    assert (message.due_at.hour, message.due_at.date()) == (7, NIGHT.date() + timedelta(days=1))


def test_a_delay_is_waited_for_and_then_everything_is_asked_again(shop, make):
    automation = make(delay_minutes=120)
    events = events_of(shop)

    first = tell(events.values())
    early = resolve_due(now=TUESDAY + HOUR)
    messages_before = Message.objects.count()
    late = resolve_due(now=TUESDAY + 2 * HOUR)

    assert (first, early, messages_before, late) == ([decided.WAITS], 0, 0, 1)
    assert (log_of(automation), Message.objects.count()) == ([decided.SENT], 1)
    assert resolve_due(now=TUESDAY + 3 * HOUR) == 0


def test_a_delay_that_is_over_long_ago_sends_nothing(shop, make):
    automation = make(delay_minutes=60)
    tell(events_of(shop).values())

    resolve_due(now=TUESDAY + 8 * HOUR)

    assert (log_of(automation), Message.objects.count()) == ([decided.TOO_OLD], 0)


@pytest.mark.parametrize(("fields", "now"), [({"delay_minutes": 60}, TUESDAY), ({}, NIGHT)])
def test_switching_off_withdraws_what_waits(shop, make, fields, now):
    automation = make(**fields)
    tell(events_of(shop, placed_at=now).values(), now)

    switch_automation(automation=automation, to_on=False, by=None, now=now)
    resolve_due(now=now + HOUR)

    assert log_of(automation) == [decided.OFF]
    assert not Message.objects.filter(state=Message.State.QUEUED).exists()


def test_of_a_jump_through_states_only_the_latest_is_told(shop, make):
    automations = {slug: make(slug) for slug in ("order_paid", "order_shipped", "order_delivered")}
    events = events_of(shop, paid_at=TUESDAY, shipped_at=TUESDAY, delivered_at=TUESDAY)

    tell(events.values())

    said = {slug: log_of(automation) for slug, automation in automations.items()}
    assert said == {
        "order_paid": [decided.OVERTAKEN],
        "order_shipped": [decided.OVERTAKEN],
        "order_delivered": [decided.SENT],
    }


def test_news_that_nobody_tells_takes_nobodys_place(shop, make):
    paid = make("order_paid")
    make("order_shipped", is_enabled=False)
    make("order_delivered", conditions={"countries": ["BE"]})

    tell(events_of(shop, paid_at=TUESDAY, shipped_at=TUESDAY, delivered_at=TUESDAY).values())

    assert log_of(paid) == [decided.SENT]


def test_newer_news_takes_the_place_of_what_waits_for_the_morning(shop, make):
    placed, shipped = make("order_placed"), make("order_shipped")
    tell(events_of(shop, placed_at=NIGHT).values(), NIGHT)

    tell(events_of(shop, placed_at=NIGHT, version=2_000, shipped_at=NIGHT + HOUR).values(), NIGHT + HOUR)

    assert (log_of(placed), log_of(shipped)) == ([decided.OVERTAKEN], [decided.DEFERRED])
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "queued"]


def test_an_automation_that_does_not_give_way_tells_its_news_all_the_same(shop, make):
    placed = make("order_placed", gives_way=False)
    make("order_shipped")

    tell(events_of(shop, shipped_at=TUESDAY).values())

    assert log_of(placed) == [decided.SENT]


def test_a_bill_that_is_paid_after_the_parcel_left_is_news(shop, make):
    paid, shipped = make("order_paid"), make("order_shipped")
    tell(events_of(shop, shipped_at=TUESDAY).values())

    tell(events_of(shop, version=2_000, paid_at=TUESDAY + HOUR).values(), TUESDAY + HOUR)

    assert (log_of(paid), log_of(shipped)) == ([decided.SENT], [decided.SENT])


def test_nobody_hears_of_an_order_that_was_cancelled_meanwhile(shop, make):
    placed = make("order_placed")
    paid = make("order_paid", gives_way=False)
    tell(events_of(shop, placed_at=NIGHT).values(), NIGHT)

    tell(events_of(shop, placed_at=NIGHT, version=2_000, paid_at=NIGHT, cancelled_at=NIGHT).values(), NIGHT)

    assert (log_of(placed), log_of(paid)) == ([decided.CANCELLED], [decided.CANCELLED])


def test_an_event_older_than_the_automation_wants_is_not_answered(shop, make):
    automation = make(max_age_hours=2)

    tell(events_of(shop).values(), TUESDAY + 3 * HOUR)

    assert log_of(automation) == [decided.TOO_OLD]


def test_one_person_hears_of_an_automation_so_many_times_in_so_many_days(shop, make):
    automation = make(cap_messages=2, cap_days=7)

    for number in range(3):
        tell(events_of(shop, external_id=str(number)).values())
    tell(events_of(shop, external_id="9", phones=(PhoneCandidate("0639981299", "FR"),)).values())
    later = TUESDAY + timedelta(days=8)
    tell(events_of(shop, external_id="10", placed_at=later).values(), later)

    assert log_of(automation) == [decided.SENT, decided.SENT, decided.CAP, decided.SENT, decided.SENT]


def test_the_budget_of_a_month_counts_what_left_and_what_waits(shop, make):
    automation = make(budget=10)

    for number in range(3):
        tell(events_of(shop, external_id=str(number)).values())
    Message.objects.update(state=Message.State.SENT, cost_micros=45_000)
    tell(events_of(shop, external_id="4").values())
    december = TUESDAY + timedelta(days=8)
    tell(events_of(shop, external_id="5", placed_at=december).values(), december)

    assert log_of(automation) == [decided.SENT, decided.SENT, decided.BUDGET, decided.BUDGET, decided.SENT]


@pytest.mark.parametrize("changes", [{"is_test": True}, {"is_backfill": True}, {"placed_at": TUESDAY - 7 * HOUR}])
def test_the_law_stands_before_every_choice(shop, make, changes):
    automation = make(max_age_hours=48, delay_minutes=60)

    tell(events_of(shop, **changes).values())

    assert log_of(automation)[0].startswith("not sent: ")
    assert Decision.objects.get().due_at is None


def test_delays_of_every_workspace_are_looked_at(workspace, other_workspace):
    for each in (workspace, other_workspace):
        with scope(workspace=each):
            make_automation(each, delay_minutes=10)
            tell(events_of(make_shop(each)).values())

    assert resolve_due(now=TUESDAY + HOUR) == 2

    for each in (workspace, other_workspace):
        with scope(workspace=each):
            assert (Message.objects.count(), Decision.objects.get().outcome) == (1, decided.SENT)


def test_a_decision_that_fails_is_put_off_and_holds_nobody_up(shop, make, monkeypatch):
    broken, whole = make(delay_minutes=60), make(delay_minutes=60)
    tell(events_of(shop).values())
    real = decisions.why_not
    monkeypatch.setattr(decisions, "why_not", lambda each, *rest: 1 / (each.pk != broken.pk) and real(each, *rest))

    resolve_due(now=TUESDAY + HOUR)

    assert log_of(whole) == [decided.SENT]
    assert broken.decisions.get().due_at == TUESDAY + HOUR + decisions.ASKS_AGAIN


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_told_in_any_order_and_any_number_of_times_each_event_is_decided_once_and_alike(in_workspace, shop, make, data):
    """The same order with other numbers stands for a fresh start: what is told in order says what must come out."""
    for slug in LADDER:
        if not Automation.objects.filter(trigger=slug).exists():
            make(slug)
    facts = data.draw(st.sets(st.sampled_from(("paid_at", "shipped_at", "delivered_at", "cancelled_at"))))
    in_order, shuffled = [fresh_events(shop, facts) for _ in range(2)]

    tell(in_order)
    tell(data.draw(st.permutations(shuffled + data.draw(st.lists(st.sampled_from(shuffled), max_size=6)))))

    logs = [
        {decision.event.kind: decision.outcome for decision in Decision.objects.filter(event__in=events)}
        for events in (in_order, shuffled)
    ]
    sent = [outcome for outcome in logs[1].values() if outcome == decided.SENT]
    assert logs[0] == logs[1]
    assert (len(logs[1]), Decision.objects.filter(event__in=shuffled).count()) == (len(facts) + 1, len(facts) + 1)
    assert len(sent) == Message.objects.filter(decisions__event__in=shuffled).count() == 1


def fresh_events(shop, facts):
    number = ShopEvent.objects.count()
    return list(events_of(shop, external_id=str(number), **dict.fromkeys(facts, TUESDAY)).values())


def test_a_shop_s_history_is_not_decided_on_and_what_is_fresh_says_why_it_does_not_leave(shop, make):
    automations = [make(), make("order_shipped"), make("order_delivered")]
    old, recent = TUESDAY - 9 * 24 * HOUR, TUESDAY - HOUR
    history = events_of(shop, external_id="1", placed_at=old, shipped_at=old, delivered_at=recent, is_backfill=True)
    late = events_of(shop, external_id="2", placed_at=TUESDAY - 9 * HOUR)

    outcomes = tell([*history.values(), *late.values()])

    from_before = "not sent: from before the shop was connected"
    assert outcomes == [None, None, from_before, decided.TOO_OLD]
    assert [log_of(each) for each in automations] == [[decided.TOO_OLD], [], [from_before]]


def test_what_waits_for_an_order_is_taken_back_when_its_past_says_it_was_cancelled(shop, make):
    automation = make(delay_minutes=120)
    tell(events_of(shop).values())

    tell(events_of(shop, cancelled_at=TUESDAY, is_backfill=True).values(), TUESDAY + 90 * 24 * HOUR)

    assert log_of(automation) == [decided.CANCELLED]
