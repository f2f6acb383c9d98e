"""The bucket of tokens: in Redis, in its row, and while Redis is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import transaction
from django_scopes import scope

from messaging.services import pace
from tests.factories import TUESDAY
from tests.servers import MissingServer, free_port, redis_server


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    try:
        with redis_server() as url:
            yield url
    except MissingServer as error:
        pytest.skip(str(error))


@pytest.fixture(params=["row", "redis"])
def where(request, settings):
    settings.REDIS_URL = request.getfixturevalue("redis_url") if request.param == "redis" else ""


def take(account, wanted, seconds=0.0, rate=10.0, size=5):
    with scope(workspace=account.workspace), transaction.atomic():
        now = TUESDAY + timedelta(seconds=seconds)
        row = pace.lock_pace(account, TUESDAY)
        taken = pace.take(account, row, wanted=wanted, rate=rate, size=size, now=now)
        pace.keep(row, claimer="claimer", now=now)
    return taken


@pytest.mark.usefixtures("where")
def test_a_bucket_starts_full_and_fills_at_the_rate(account):
    taken = [take(account, 9), take(account, 9), take(account, 9, 0.3), take(account, 2, 9), take(account, 9, 9)]

    assert taken == [5, 0, 3, 2, 3]


@pytest.mark.usefixtures("where")
def test_a_clock_that_was_put_back_leaves_nobody_dry(account):
    take(account, 5, 3_600)

    taken = [take(account, 5), take(account, 5, 1)]

    assert taken == [0, 5]


@pytest.mark.usefixtures("where")
def test_a_clock_a_little_behind_makes_no_tokens(account):
    take(account, 5, 2)

    assert [take(account, 5), take(account, 5, 2)] == [0, 0]


def test_workers_that_take_at_once_share_one_bucket(account, settings, redis_url):
    settings.REDIS_URL = redis_url

    def take_some(_worker):
        return sum(pace._take_from_redis(account, 1, 0.001, 40, TUESDAY) for _ in range(25))

    with ThreadPoolExecutor(8) as workers:
        taken = sum(workers.map(take_some, range(8)))

    assert taken == 40


def test_without_its_redis_an_account_goes_at_a_tenth_of_its_rate(account, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    taken = [take(account, 9, second, rate=100.0, size=10) for second in range(3)]

    assert taken == [1, 1, 1]
    assert sum(take(account, 9, 3 + tick / 100, rate=100.0, size=10) for tick in range(100)) == 10
