"""What the tests of the door do again and again."""

from datetime import datetime

from django_scopes import scope

from audience.models import Contact
from integrations.models import GatewayAccount
from messaging import deliver
from messaging.models import Batch, Message
from messaging.services.batches import add_recipients, start_batch
from tests.factories import TUESDAY


def send_to_all(batch: Batch, now: datetime = TUESDAY) -> Batch:
    """A running batch with everybody of the workspace in it."""
    with scope(workspace=batch.workspace):
        add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=now, now=now)
        return start_batch(batch=batch, by=None, now=now)


def run_step(account: GatewayAccount, now: datetime = TUESDAY, claimer: str = "worker") -> int | None:
    """One claim handed over, at exactly `now`."""
    with scope(workspace=account.workspace):
        return deliver.step(account=account, claimer=claimer, clock=lambda: now)


def outcome(batch: Batch) -> list[tuple[str, str]]:
    """State and reason of each message, by place."""
    with scope(workspace=batch.workspace):
        rows = Message.objects.filter(batch=batch).order_by("position")
        return list(rows.values_list("state", "reason"))
