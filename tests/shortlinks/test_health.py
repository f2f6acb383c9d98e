"""The world learns one word; whoever runs the machine learns everything."""

import os
import re
import signal

import pytest

from shortlinks.health import is_insider
from shortlinks.models import Heartbeat
from tests.installation import wait_until

pytestmark = pytest.mark.usefixtures("db")
# https://prometheus.io/docs/instrumenting/exposition_formats/
SAMPLE = re.compile(r'[a-z_]+\{machine="[A-Za-z0-9]+",process="[A-Za-z0-9-]+",kind="(redirect|drainer)"\} [0-9.e+-]+')


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


@pytest.mark.parametrize(
    ("peer", "forwarded", "authorization", "expected"),
    [
        ("127.0.0.1", "", "", True),
        ("::1", "", "", True),
        ("::ffff:127.0.0.1", "", "", True),
        ("203.0.113.9", "", "", False),
        # A front server on the same machine calls from there, for anybody.
        ("127.0.0.1", "203.0.113.9", "", False),
        ("127.0.0.1", "127.0.0.1", "", False),
        ("203.0.113.9", "", "Bearer open sesame", True),
        ("127.0.0.1", "203.0.113.9", "Bearer open sesame", True),
        ("203.0.113.9", "", "Bearer open", False),
        ("203.0.113.9", "", "Bearer é", False),
        ("", "", "", False),
    ],
)
def test_insiders_call_from_our_networks_or_show_the_token(settings, peer, forwarded, authorization, expected):
    settings.METRICS_TOKEN = "open sesame"

    assert is_insider(peer, forwarded, authorization) is expected


def test_without_a_token_none_opens(settings):
    settings.METRICS_TOKEN = ""

    assert not is_insider("203.0.113.9", "", "Bearer ")


def test_the_world_is_told_one_word(live):
    answers = [live.get(name, x_forwarded_for="203.0.113.9") for name in ("_health", "_metrics")]

    assert answers[0].json() == {"status": "ok"}
    assert [answer.status_code for answer in answers] == [200, 404]


def test_insiders_get_figures_of_every_process(live):
    live.get(live.codes[0])
    wait_until(lambda: "chappe_drainer_landed_total{" in live.get("_metrics").text, "the drainer's heartbeat")

    answer = live.get("_metrics")

    samples = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert [line for line in samples if not SAMPLE.fullmatch(line)] == []
    kept = next(line for line in samples if line.startswith("chappe_redirect_clicks_kept_total"))
    assert float(kept.rpartition(" ")[2]) >= 1


def test_processes_leave_heartbeats_and_say_when_they_end(live):
    live.restart(signal.SIGTERM)
    rows = wait_until(lambda: list(Heartbeat.objects.filter(stopped_at=None)), "heartbeats")

    wait_until(lambda: Heartbeat.objects.filter(stopped_at=None).count() == 2, "a redirect and a drainer")
    assert {row.kind for row in rows} <= {"redirect", "drainer"}
    os.kill(live.drainer, signal.SIGKILL)
    wait_until(lambda: Heartbeat.objects.filter(stopped_at=None, kind="drainer").count() == 2, "another drainer")
