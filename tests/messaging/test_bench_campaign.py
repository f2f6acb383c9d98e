import pytest
from django.db import connection

from bench import campaign

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the benchmark measures PostgreSQL"),
]


def test_the_benchmark_writes_a_message_and_a_place_for_everybody_both_ways(settings):
    settings.GATEWAYS = ["integrations.gateways.simulator.SimulatorGateway"]
    campaign.prepare(40)
    connection.check_constraints()

    whole, plain = campaign.work(40), campaign.naive(40)

    counted = {name: whole[name] for name in ("queued", "people", "places", "state")}
    assert counted == {"queued": 40, "people": 40, "places": 40, "state": "running"}
    # Eight of forty have a name that is not in the alphabet of text messages: two parts.
    assert whole["parts"] == 48
    assert plain["written"] == 40


def test_the_benchmark_says_which_promise_is_broken():
    whole = {"peak_mb": 301, "queued": 10, "people": 10, "places": 9}

    told = campaign.broken({"times_naive": 7.9, "times_for_ten_times_the_work": 11.1, "whole": whole}, 10)

    assert len(told) == 4
