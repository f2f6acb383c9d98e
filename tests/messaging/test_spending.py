from datetime import date, timedelta

import pytest
from django_scopes import scope

from integrations.gateways.base import Accepted, ErrorClass, Rejected, Unknown
from integrations.models import PriceTier
from messaging.models import Batch, BatchPurpose, Message, SendingMinute, Spending
from messaging.services.batches import resume_batch
from messaging.services.spending import set_batch_budget, set_month_budget
from messaging.spending import Budget, Spent, estimate, month_budget_of, spent_by_account, spent_by_purpose
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender, make_workspace
from tests.messaging.helpers import outcome, run_step, send_to_all

PART = 45_000


@pytest.fixture
def people(workspace):
    return [make_contact(workspace, f"+3363998000{number}") for number in range(3)]


def spent(workspace):
    with scope(workspace=workspace):
        return list(Spending.objects.order_by("territory").values_list("month", "territory", "parts", "cost_micros"))


def costs(batch):
    with scope(workspace=batch.workspace):
        return list(Message.objects.filter(batch=batch).order_by("position").values_list("cost_micros", flat=True))


def test_what_is_handed_over_is_charged_to_message_batch_and_month(account, sender, workspace, people, gateway):
    make_contact(workspace, "+33639980009", territory="MQ")

    batch = send_to_all(make_batch(sender))
    run_step(account)

    batch.refresh_from_db()
    assert costs(batch) == [PART] * 4
    assert batch.spent_micros == 4 * PART
    november = date(2026, 11, 1)
    assert spent(workspace) == [(november, "FR", 3, 3 * PART), (november, "MQ", 1, PART)]


def test_hand_overs_are_counted_by_the_minute(account, sender, workspace, people, gateway):
    account.rate_per_second = 2
    with scope(workspace=workspace):
        account.save()

    batch = send_to_all(make_batch(sender))
    for seconds in (0, 1, 61):
        run_step(account, TUESDAY + timedelta(seconds=seconds))

    with scope(workspace=workspace):
        minutes = list(SendingMinute.objects.filter(batch=batch).order_by("minute").values_list("minute", "messages"))
    assert minutes == [(TUESDAY, 2), (TUESDAY + timedelta(minutes=1), 1)]


def test_the_month_is_told_by_kind_and_by_account(account, sender, workspace, people, gateway):
    send_to_all(make_batch(sender))
    run_step(account)
    send_to_all(make_batch(sender, purpose=BatchPurpose.SERVICE, text="Commande prete " + "x" * 160))
    for seconds in (1, 2):
        run_step(account, TUESDAY + timedelta(seconds=seconds))

    with scope(workspace=workspace):
        found = spent_by_purpose(TUESDAY), spent_by_account(TUESDAY)
    assert found == (
        [Spent(BatchPurpose.SERVICE.label, 6, 27), Spent(BatchPurpose.MARKETING.label, 3, 14)],
        [Spent(account.name, 9, 41)],
    )


def test_tiers_go_on_from_message_to_message(account, sender, workspace, people, gateway):
    with scope(workspace=workspace):
        for from_part, price in ((1, 50_000), (3, 20_000)):
            PriceTier.objects.create(
                workspace=workspace, account=account, from_part=from_part, price_micros=price, valid_from=TUESDAY.date()
            )

    batch = send_to_all(make_batch(sender))
    run_step(account)

    assert costs(batch) == [50_000, 50_000, 20_000]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Rejected(ErrorClass.RECIPIENT), None),
        (Rejected(ErrorClass.THROTTLED), None),
        (Accepted(("a", "b"), parts=2), 2 * PART),
        (Unknown("timeout"), PART),
    ],
)
def test_what_the_provider_answers_corrects_the_cost(account, sender, workspace, gateway, result, expected):
    make_contact(workspace, "+33639980001")
    gateway.results["+33639980001"] = result

    batch = send_to_all(make_batch(sender))
    run_step(account)

    batch.refresh_from_db()
    parts = (expected or 0) // PART
    assert (costs(batch), batch.spent_micros) == ([expected], expected or 0)
    assert spent(workspace) == [(date(2026, 11, 1), "FR", parts, expected or 0)]


def test_a_batch_pauses_where_its_budget_ends_and_goes_on_when_it_is_raised(account, sender, people, gateway):
    batch = send_to_all(make_batch(sender, budget_micros=2 * PART))

    run_step(account)

    batch.refresh_from_db()
    assert outcome(batch) == [("accepted", ""), ("accepted", ""), ("queued", "budget")]
    assert (batch.state, batch.paused_because, batch.spent_micros) == (Batch.State.PAUSED, "budget", 2 * PART)

    set_batch_budget(batch=batch, budget_micros=3 * PART)
    resume_batch(batch=batch, by=None, now=TUESDAY)
    run_step(account)

    assert outcome(batch) == [("accepted", "")] * 3
    assert (batch.state, batch.paused_because) == (Batch.State.RUNNING, "")


def test_the_budget_of_the_month_stops_marketing_and_lets_service_pass(account, sender, workspace, people, gateway):
    set_month_budget(workspace=workspace, month_budget=9, warn_percent=80)
    marketing = send_to_all(make_batch(sender))
    run_step(account)

    service = send_to_all(make_batch(sender, purpose=BatchPurpose.SERVICE, text="Commande prete"))
    for seconds in (1, 2):
        run_step(account, TUESDAY + timedelta(seconds=seconds))

    marketing.refresh_from_db()
    assert outcome(marketing) == [("accepted", ""), ("accepted", ""), ("queued", "month_budget")]
    assert (marketing.state, marketing.paused_because) == (Batch.State.PAUSED, "month_budget")
    assert outcome(service) == [("accepted", "")] * 3
    assert month_budget_of(workspace, TUESDAY) == Budget(5 * PART, 90_000, 80, "EUR")


def test_what_never_ends_waits_for_the_next_month_without_a_pause(account, sender, workspace, people, gateway):
    set_month_budget(workspace=workspace, month_budget=0, warn_percent=80)
    batch = send_to_all(make_batch(sender, is_standing=True))

    run_step(account)

    batch.refresh_from_db()
    assert (outcome(batch), batch.state) == ([("queued", "month_budget")] * 3, Batch.State.RUNNING)


def test_another_workspaces_month_counts_for_itself(account, sender, workspace, people, gateway):
    other = make_workspace("breton")
    theirs = make_account(other, gateway="scripted")
    make_contact(other, "+33639980001")
    set_month_budget(workspace=other, month_budget=9, warn_percent=80)
    send_to_all(make_batch(sender))
    run_step(account)

    batch = send_to_all(make_batch(make_sender(theirs)))
    run_step(theirs)

    assert outcome(batch) == [("accepted", "")]
    assert month_budget_of(other, TUESDAY) == Budget(PART, 90_000, 80, "EUR")
    assert month_budget_of(workspace, TUESDAY) == Budget(3 * PART, None, 80, "EUR")


def test_an_estimate_begins_where_the_month_stands(account, sender, workspace, people, gateway):
    with scope(workspace=workspace):
        for from_part, price in ((1, 50_000), (5, 20_000)):
            PriceTier.objects.create(
                workspace=workspace, account=account, from_part=from_part, price_micros=price, valid_from=TUESDAY.date()
            )
    send_to_all(make_batch(sender))
    run_step(account)

    with scope(workspace=workspace):
        assert estimate(account, {"FR": 2, "MQ": 1}, at=TUESDAY) == 50_000 + 2 * 20_000


@pytest.mark.parametrize(
    ("spent_micros", "budget", "is_low", "is_used_up", "left"),
    [(79, 100, False, False, 21), (80, 100, True, False, 20), (100, 100, True, True, 0), (5, None, False, False, None)],
)
def test_a_month_is_low_at_the_share_that_was_asked_for(spent_micros, budget, is_low, is_used_up, left):
    month = Budget(spent_micros, budget, 80, "EUR")

    assert (month.is_low, month.is_used_up, month.left_micros) == (is_low, is_used_up, left)


def test_a_handful_is_billed_together_each_part_at_its_place_in_the_month(account, sender, workspace, people, gateway):
    with scope(workspace=workspace):
        for from_part, price in ((1, 50_000), (4, 20_000)):
            PriceTier.objects.create(
                workspace=workspace, account=account, from_part=from_part, price_micros=price, valid_from=TUESDAY.date()
            )
    gateway.results["+33639980000"] = Rejected(ErrorClass.RECIPIENT)
    gateway.results["+33639980001"] = Accepted(("a",), parts=3)

    batch = send_to_all(make_batch(sender))
    run_step(account)

    batch.refresh_from_db()
    assert costs(batch) == [None, 90_000, 50_000]
    assert batch.spent_micros == 140_000
    assert spent(workspace) == [(date(2026, 11, 1), "FR", 4, 140_000)]
