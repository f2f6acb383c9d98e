"""A worker that is killed loses nothing and sends nothing twice. Counted in the books of the simulated operator."""

import random
import time
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.models import Workspace
from integrations.simulator import bulk as operator_books
from messaging.models import Attempt, Batch, BatchPurpose, Message
from messaging.services.batches import add_recipients, create_batch, start_batch
from messaging.services.demo_clock import set_demo_clock
from messaging.services.reconciliation import reconcile_due
from messaging.services.recovery import sweep
from shortlinks.services import create_domain, create_tracked_link
from tests.factories import TUESDAY, make_account, make_audience, make_sender, make_workspace
from tests.installation import Installation, wait_until

RECIPIENTS = 2_000
KILLS = 10
State = Message.State
ON_THE_WAY = [State.QUEUED, State.CLAIMED]
FINAL = {State.DELIVERED, State.UNDELIVERED, State.EXPIRED, State.REJECTED}

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def start_campaign(workspace: Workspace, installation: Installation) -> Batch:
    now = timezone.now()
    create_domain(workspace=workspace, host=installation.short_host)
    set_demo_clock(workspace=workspace, shows_at=TUESDAY, now=now)
    sender = make_sender(make_account(workspace, rate_per_second=150))
    link = create_tracked_link(
        workspace=workspace, label="Sale", target_url="https://shop.example/sale", carries_visit=False
    )
    batch = create_batch(
        workspace=workspace,
        name="Two thousand",
        purpose=BatchPurpose.MARKETING,
        text="{first_name|Hello}, the sale is open: {link}",
        sender=sender,
        links={"link": link},
        now=now,
    )
    contacts = make_audience(workspace, RECIPIENTS).contacts.all()
    assert add_recipients(batch=batch, contacts=contacts, due_at=TUESDAY, now=now) == RECIPIENTS
    return start_batch(batch=batch, by=None, now=now)


def counts(batch: Batch) -> Counter[str]:
    return Counter(Message.objects.filter(batch=batch).values_list("state", flat=True))


def accepted_per_message(batch: Batch) -> Counter[int]:
    """How often the operator took each message, over all attempts."""
    owner = dict(Attempt.objects.filter(message__batch=batch).values_list("pk", "message"))
    taken: Counter[int] = Counter()
    for reference, times in operator_books.accept_counts(str(batch.account.public_id)).items():
        taken[owner[UUID(reference)]] += times
    return taken


def test_ten_kills_lose_nothing_and_send_nothing_twice(installation: Installation):
    workspace = make_workspace("lambert", is_demo=True)
    draw = random.Random(10)
    with scope(workspace=workspace):
        batch = start_campaign(workspace, installation)

        for _ in range(KILLS):
            before = counts(batch)[State.QUEUED]
            wait_until(lambda before=before: counts(batch)[State.QUEUED] < before, "the worker to take up its work")
            time.sleep(draw.uniform(0, 0.4))
            installation.kill("worker")
            installation.start("worker")
        assert counts(batch)[State.QUEUED] > 0, "the campaign was over before the last kill"
        wait_until(lambda: not Message.objects.filter(batch=batch, state__in=ON_THE_WAY).exists(), "the queue", 120)
        settle_what_the_dead_held(batch)
        wait_until(lambda: set(counts(batch)) <= FINAL, f"final states; now {counts(batch)}", 120)

        taken = accepted_per_message(batch)
        assert counts(batch).total() == RECIPIENTS
        assert (len(taken), max(taken.values())) == (RECIPIENTS, 1)


def settle_what_the_dead_held(batch: Batch) -> None:
    """Time passes: leases run out, the provider is asked. What it never took is queued again and leaves."""
    wait_until(
        lambda: not Message.objects.filter(batch=batch, state__in=ON_THE_WAY).exists(), "the living worker to be done"
    )
    time.sleep(2)
    sweep(now=timezone.now() + timedelta(seconds=100))
    while reconcile_due(now=timezone.now() + timedelta(minutes=5)):
        pass
    assert not Message.objects.filter(batch=batch, state=State.UNKNOWN).exists()
