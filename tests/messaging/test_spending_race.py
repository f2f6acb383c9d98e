"""PostgreSQL: two workers at one batch, where the first was thought dead: money adds up to the last part."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Sum
from django_scopes import scope

from integrations.models import PriceTier
from messaging import deliver
from messaging.models import Attempt, Message, SendingMinute, Spending
from messaging.services import pace
from messaging.services.results import record_results
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender, make_workspace
from tests.messaging.helpers import send_to_all
from tests.messaging.scripted import ScriptedGateway

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
EACH, DEAR, CHEAP = 10, 45_000, 40_000
# The first seven parts of the month are dear, and fifteen messages may leave.
MAY_LEAVE, FIRST_CHEAP = 15, 8
BUDGET = 7 * DEAR + 8 * CHEAP


def test_what_two_workers_hand_over_at_once_is_charged_once_and_within_the_budget():
    workspace = make_workspace()
    account = make_account(workspace, gateway="scripted", rate_per_second=10 * EACH)
    with scope(workspace=workspace):
        for first, price in ((1, DEAR), (FIRST_CHEAP, CHEAP)):
            tier = {"country": "", "valid_from": date(2026, 11, 1), "from_part": first, "price_micros": price}
            PriceTier.objects.create(workspace=workspace, account=account, **tier)
    for number in range(2 * EACH):
        make_contact(workspace, f"+336399802{number:02}")
    batch = send_to_all(make_batch(make_sender(account), budget_micros=BUDGET))
    claims = [claim_as(name, account, moment) for name, moment in (("slow", 0), ("next", 1))]

    together = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda claimed: hand_over(claimed, together), claims))

    batch.refresh_from_db()
    assert [len(claimed.messages) for claimed in claims] == [EACH, EACH]
    with scope(workspace=workspace):
        left = Message.objects.filter(state="accepted")
        (spent,) = Spending.objects.values_list("parts", "cost_micros")
        assert left.aggregate(parts=Sum("parts"), cost=Sum("cost_micros")) == {"parts": MAY_LEAVE, "cost": BUDGET}
        assert (spent, batch.spent_micros) == ((MAY_LEAVE, BUDGET), BUDGET)
        assert sum(SendingMinute.objects.values_list("messages", flat=True)) == Attempt.objects.count() == MAY_LEAVE
        assert Message.objects.filter(state="queued", reason="budget").count() == 2 * EACH - MAY_LEAVE
    assert len({each.to for each in ScriptedGateway.taken}) == len(ScriptedGateway.taken) == MAY_LEAVE


def claim_as(name, account, second):
    with scope(workspace=account.workspace):
        claimed = deliver.claim(account=account, claimer=name, now=TUESDAY.replace(second=second))
        pace.resign(account, name)
    return claimed


def hand_over(claimed, together):
    """What a worker does with its claim, from the gate on."""
    try:
        with scope(workspace=claimed.account.workspace):
            together.wait(30)
            submissions = deliver.admit(claimed, now=TUESDAY)
            results = deliver.send(claimed.account, [each.outgoing for each in submissions])
            attempts = [each.attempt for each in submissions]
            record_results(account=claimed.account, attempts=attempts, results=results, now=TUESDAY)
    finally:
        connection.close()
