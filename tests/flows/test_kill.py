"""Workers that are killed lose nothing and send nothing twice. Counted in the books of a provider of its own."""

import os

import pytest
from django.db import connection

from bench import crash
from tests.installation import Installation

MESSAGES, KILLS = 2_000, 10

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_ten_kills_lose_nothing_and_send_nothing_twice(tmp_path, settings):
    settings.GATEWAYS = [*settings.GATEWAYS, "bench.askable.AskableGateway"]
    site = Installation(tmp_path, redis_url=os.environ.get("REDIS_URL", ""))

    told = crash.play(site, crash.WORKERS[connection.vendor], MESSAGES, KILLS)

    assert (told["duplicates"], told["lost"], told["unknown"]["left"]) == (0, 0, 0)
    assert told["deaths"] == sum(told["kills"].values()) == KILLS
    assert told["stop"]["got_nothing"] == told["stop"]["asked"] == crash.STOPS
