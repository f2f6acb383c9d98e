import os
import sys
import time
from argparse import Namespace
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scopes_disabled

from bench import dispatch
from integrations.models import GatewayAccount
from integrations.services.inbox import sweep
from messaging.deliver import run
from messaging.models import Attempt, Message
from tests.servers import free_port

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the benchmark measures PostgreSQL"),
]


def test_the_benchmarks_provider_takes_each_message_once_and_reports_it(settings, live_server):
    settings.GATEWAYS, settings.BASE_URL = ["bench.provider.BatchGateway"], live_server.url
    port = free_port()
    dispatch.prepare(Namespace(messages=12, port=port))

    with dispatch.running([sys.executable, "-m", "bench.provider", str(port), "5"], dict(os.environ)):
        dispatch.wait_for_listener(port)
        states = states_when_told()

    with scopes_disabled():
        assert (states, Attempt.objects.count()) == ({"delivered": 12}, 12)


def states_when_told() -> Counter[str]:
    with scopes_disabled():
        account = GatewayAccount.objects.get()
    for _ in range(100):
        run(account.pk, clock=lambda: dispatch.NOW, seconds=0.1)
        sweep(now=timezone.now())
        with scopes_disabled():
            states = Counter(Message.objects.values_list("state", flat=True))
        if set(states) == {"delivered"}:
            break
        time.sleep(0.05)
    return states
