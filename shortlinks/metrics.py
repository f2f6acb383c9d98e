"""Figures of all redirect processes and drainers in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shortlinks.heartbeats import DrainerFacts, RedirectFacts
from shortlinks.models import Heartbeat

Row = tuple[Heartbeat, RedirectFacts | DrainerFacts]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metric(NamedTuple):
    """`fact` of the heartbeats' facts, under a name that tells its unit."""

    name: str
    fact: str
    kind: str
    help: str


REDIRECT = [
    Metric(
        "chappe_redirect_clicks_kept_total", "kept", "counter", "Clicks on disk before their redirect was answered."
    ),
    Metric(
        "chappe_redirect_clicks_late_total", "late", "counter", "Redirects answered before a slow disk had the click."
    ),
    Metric("chappe_redirect_clicks_lost_total", "lost", "counter", "Clicks that could not be written."),
    Metric("chappe_redirect_unknown_codes_total", "missed", "counter", "Codes asked for that do not exist."),
    Metric("chappe_redirect_guessing_alarms_total", "alarms", "counter", "Networks found trying codes."),
    Metric("chappe_redirect_hosts", "hosts", "gauge", "Short domains in memory."),
    Metric("chappe_redirect_links", "links", "gauge", "Links in memory."),
    Metric("chappe_redirect_ranges", "ranges", "gauge", "Code ranges in memory."),
    Metric("chappe_redirect_links_read_timestamp_seconds", "read_at", "gauge", "When links were last read."),
    Metric("chappe_journal_backlog_bytes", "backlog_bytes", "gauge", "Journal of the machine that has not landed."),
    Metric("chappe_journal_backlog_records", "backlog_records", "gauge", "The same in clicks; an estimate."),
    Metric("chappe_journal_backlog_seconds", "backlog_seconds", "gauge", "Age of the oldest click not landed."),
]
DRAINER = [
    Metric("chappe_drainer_landed_total", "landed", "counter", "Clicks landed in the database."),
    Metric("chappe_drainer_landed_timestamp_seconds", "landed_at", "gauge", "When the last click landed."),
]


def exposition(rows: Sequence[Row], *, now: float) -> str:
    return "".join(f"{line}\n" for line in _lines([row for row in rows if row[0].stopped_at is None], now))


def _lines(rows: list[Row], now: float) -> Iterator[str]:
    for kind, metrics in ((RedirectFacts, REDIRECT), (DrainerFacts, DRAINER)):
        for metric in metrics:
            values = [(row, getattr(facts, metric.fact)) for row, facts in rows if isinstance(facts, kind)]
            yield from _samples(metric.name, metric.kind, metric.help, values)
    ages = [(row, max(0.0, now - row.seen_at.timestamp())) for row, _ in rows]
    yield from _samples("chappe_heartbeat_age_seconds", "gauge", "Since the process was last heard of.", ages)


def _samples(name: str, kind: str, words: str, values: list[tuple[Heartbeat, float]]) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"
    for row, value in values:
        # Machine and process names are letters, digits and hyphens: there is nothing to escape.
        yield f'{name}{{machine="{row.machine}",process="{row.name}",kind="{row.kind}"}} {value:.15g}'
