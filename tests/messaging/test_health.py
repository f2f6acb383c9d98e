from datetime import timedelta

from django_scopes import scope

from integrations.health import Health, health_of
from messaging.models import Attempt, Message
from tests.factories import TUESDAY, make_account, make_batch, make_contact
from tests.messaging.helpers import send_to_all

OUTCOMES = ["accepted", "accepted", "rejected", "unknown", "open"]


def test_an_account_fares_as_its_last_messages_did(account, sender, workspace):
    other = make_account(workspace, name="Another")
    make_contact(workspace)
    send_to_all(make_batch(sender))
    with scope(workspace=workspace):
        message = Message.objects.get()
        for minutes, outcome in enumerate(OUTCOMES):
            at = TUESDAY + timedelta(minutes=minutes)
            Attempt.objects.create(
                workspace=workspace, message=message, account=account, outcome=outcome, started_at=at, finished_at=at
            )

        found, nothing = health_of(account), health_of(other)

    assert found == Health(accepted_at=TUESDAY + timedelta(minutes=1), attempts=4, refused=1, unknown=1)
    assert (found.error_rate.count, found.error_rate.total) == (2, 4)
    assert nothing == Health()
