"""While a campaign leaves: somebody pauses it, two schedulers run by mistake, the database and Redis come and go.

Counted in the books of a provider of its own, as in test_kill.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from bench import crash
from messaging.models import Batch, Message
from messaging.services.batches import cancel_batch, pause_batch, resume_batch
from tests.installation import Installation
from tests.servers import PostgresServer, RedisServer

MESSAGES = 900
# What an account may have in one call: a tenth of a second of its rate.
IN_ONE_CALL = crash.RATE // 10
WORKER = ["-m", "bench.nest", "2"]
BEAT = ["-m", "celery", "-A", "chappe", "beat", "--loglevel", "error", "--schedule"]

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@contextmanager
def leaving(site: Installation) -> Iterator[crash.Provider]:
    """Campaigns on their way, with workers and two beats."""
    with ExitStack() as stack:
        provider = stack.enter_context(crash.Provider.open(site))
        crash.plan(provider.url, MESSAGES)
        stack.enter_context(crash.running([*WORKER, str(site.home)], site, "nest"))
        for name in ("beat", "another-beat"):
            stack.enter_context(crash.running([*BEAT, str(site.home / name)], site, name))
        crash.wait_for(lambda: provider.taken, "the first message")
        yield provider


@pytest.fixture(autouse=True)
def askable(settings):
    settings.GATEWAYS = [*settings.GATEWAYS, "bench.askable.AskableGateway"]


def to_all(act: Callable[..., Batch]) -> None:
    with scopes_disabled():
        batches = list(Batch.objects.select_related("workspace", "account"))
    for batch in batches:
        with scope(workspace=batch.workspace):
            act(batch=batch, by=None, now=timezone.now())


def taken_after(provider: crash.Provider, act: Callable[..., Batch]) -> int:
    """How many the provider still takes once the act is done; prints how long it went on."""
    to_all(act)
    done_at, before = time.time(), provider.taken
    time.sleep(2)
    (last_at,) = provider.ask("SELECT max(at) FROM taken")[0]
    sys.stdout.write(f"{act.__name__}: the last one {max(0, last_at - done_at):.3f} s after it\n")
    return provider.taken - before


def test_a_pause_and_a_cancellation_hold_all_but_the_calls_that_are_out(tmp_path):
    site = Installation(tmp_path, redis_url=os.environ.get("REDIS_URL", ""))
    with leaving(site) as provider:
        after_pause = taken_after(provider, pause_batch)
        left = provider.taken
        to_all(resume_batch)
        crash.wait_for(lambda: provider.taken > left, "messages that go on")
        after_cancel = taken_after(provider, cancel_batch)

        assert left < MESSAGES
        assert max(after_pause, after_cancel) <= crash.ACCOUNTS * IN_ONE_CALL
        assert_nobody_got_two(provider)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there is no server that could go away")
def test_a_database_and_a_redis_that_go_away_cost_nobody_a_message_and_send_none_twice(tmp_path):
    redis = RedisServer()
    with ExitStack() as stack:
        database = stack.enter_context(server_of_its_own())
        stack.callback(redis.remove)
        redis.start()
        provider = stack.enter_context(leaving(Installation(tmp_path, redis_url=redis.url)))

        connection.close()
        database.stop(signal.SIGQUIT)
        time.sleep(0.5)
        database.start()
        crash.wait_for(lambda before=provider.taken: provider.taken > before + 50, "messages after the database")
        redis.stop(signal.SIGKILL)
        time.sleep(1)
        redis.start()
        crash.wait_for(lambda before=provider.taken: provider.taken > before, "messages after Redis")
        crash.settle()

        assert_nobody_got_two(provider)
        assert provider.taken == MESSAGES
        with scopes_disabled():
            assert Message.objects.exclude(state__in=["accepted", "sent"]).count() == 0


@contextmanager
def server_of_its_own() -> Iterator[PostgresServer]:
    """A copy of the server that all tests share, for this process and those it starts: it may go away."""
    told = connection.settings_dict
    shared = told["PORT"]
    server = PostgresServer(copied_from=shared)
    try:
        server.start()
        connection.close()
        told["PORT"] = server.port
        yield server
    finally:
        connection.close()
        told["PORT"] = shared
        server.remove()


def assert_nobody_got_two(provider: crash.Provider) -> None:
    assert provider.ask("SELECT phone, count(*) FROM taken GROUP BY phone HAVING count(*) > 1") == []
