"""The redirect and its drainer as they run: real processes, real sockets, real disk."""

import os
import signal
import socket
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from accounts.models import TrackingMode
from shortlinks.journal import has_writer, segments
from shortlinks.models import Click, ShortLink, Source
from shortlinks.services import create_domain, publish_link, set_targets
from shortlinks.visits import Visit, read_visit
from tests.factories import make_workspace
from tests.installation import wait_until
from tests.shortlinks.conftest import delete_workspace

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


def location_of(answer):
    return answer.status_code, answer.headers.get("location")


def visit_of(live, answer):
    token = answer.headers["location"].partition("v=")[2].partition("#")[0].strip("/")
    return read_visit(workspace=live.workspace, token=token, now=timezone.now())


def test_a_code_leads_to_the_target_with_a_visit_token(live):
    answer = live.get(live.codes[7])

    before, _, rest = answer.headers["location"].partition("&v=")
    assert (answer.status_code, before, rest[22:]) == (302, "https://shop.example/sale?from=sms", "#top")
    assert visit_of(live, answer) == Visit(live.link, 7)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"


def test_clicks_land_as_human_bot_or_unsure(live):
    link, codes = live.new_link(4)

    live.get(codes[0])
    live.get(codes[1], method="HEAD")
    live.get(codes[2], sec_purpose="prefetch")
    live.get(codes[3], user_agent="SomeApp/1")
    live.get(codes[3], user_agent="WhatsApp/2.24")

    assert live.wait_for_clicks(5, link) == [
        (0, "GET", "human", "iphone"),
        (1, "HEAD", "bot", ""),
        (2, "GET", "bot", ""),
        (3, "GET", "unsure", ""),
        (3, "GET", "bot", ""),
    ]


def test_a_click_says_whether_a_message_a_qr_code_or_a_shared_address_led_to_it(live):
    link, [code] = live.new_link()
    link.alias = "vitrine"
    publish_link(link=link)
    wait_until(lambda: live.get("vitrine", method="HEAD").status_code == 302, "the alias")
    paths = (code, f"{code}/q", "vitrine", "vitrine/q")

    answers = [live.get(path, referer="https://insta.example/p/1") for path in paths]
    live.wait_for_clicks(5, link)

    assert {location_of(answer) for answer in answers} == {(302, "https://shop.example/new")}
    with scope(workspace=live.workspace):
        clicks = Click.objects.filter(link=link, method="GET").order_by("clicked_at")
        origins = list(clicks.values_list("source", "referrer"))
    sources = [Source.MESSAGE, Source.QR, Source.SHARED, Source.QR]
    assert origins == [(source, "insta.example") for source in sources]


def test_head_answers_like_get_and_other_methods_are_refused(live):
    _, [code] = live.new_link()

    answers = [live.get(code, method=method) for method in ("GET", "HEAD", "POST")]

    assert [location_of(answer) for answer in answers] == [
        (302, "https://shop.example/new"),
        (302, "https://shop.example/new"),
        (405, None),
    ]


def test_a_range_reserved_a_moment_ago_is_found_at_once(live):
    for _ in range(3):
        _, [code] = live.new_link()

        assert live.get(code).status_code == 302


def test_a_changed_link_is_followed_within_two_seconds(live):
    link, [code] = live.new_link()
    live.get(code)
    link.target_url, link.alias = "https://shop.example/changed", "soldes"
    publish_link(link=link)

    time.sleep(2)

    assert location_of(live.get(code)) == (302, "https://shop.example/changed")
    assert location_of(live.get("soldes")) == (302, "https://shop.example/changed")
    assert location_of(live.get("SOLDES/")) == (302, "https://shop.example/changed")
    assert [position for position, *_ in live.wait_for_clicks(4, link)] == [0, 0, None, None]


def test_dead_links_say_so_and_unborn_ones_are_not_found(live):
    now = timezone.now()
    expired, [late_code] = live.new_link(expires_at=now - timedelta(minutes=1))
    disabled, [off_code] = live.new_link()
    disabled.is_enabled = False
    unborn, [early_code] = live.new_link()
    unborn.starts_at = now + timedelta(hours=1)
    for link in (disabled, unborn):
        publish_link(link=link)
    live.wait_for_news()

    answers = [live.get(code, accept_language="en-GB") for code in (late_code, off_code, early_code)]

    assert [answer.status_code for answer in answers] == [410, 410, 404]
    assert "This link is no longer valid" in answers[0].text
    assert "It was open until" in answers[0].text
    assert "The offer or the information behind it has ended" in answers[1].text
    assert "This link opens on" in answers[2].text
    assert "Maison Vive" in answers[0].text
    assert live.clicks(expired) + live.clicks(disabled) + live.clicks(unborn) == []


@pytest.mark.parametrize("path", ["", "nothing", "AAAAAAA", "AAAAAAAA", "a/b/c", "favicon.ico", "é", "%00", "a" * 3000])
def test_what_does_not_exist_is_a_friendly_404(live, path):
    answer = live.get(path)

    assert answer.status_code == 404
    assert '<html lang="fr">' in answer.text
    assert "Maison Vive" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_pages_style_sheet_is_served(live):
    answer = live.get("_pages.css")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert ".brand" in answer.text


def test_the_opt_out_page_is_reached_from_any_code_even_a_dead_one(live):
    dead, [code] = live.new_link(expires_at=timezone.now() - timedelta(minutes=1))

    answer = live.get(f"{code}/s")

    assert answer.headers["location"].startswith(f"{live.installation.site}/stop/{live.workspace.slug}/")
    token = answer.headers["location"].removesuffix("/").rpartition("/")[2]
    assert read_visit(workspace=live.workspace, token=token, now=timezone.now()) == Visit(dead, 0)
    assert live.get("AAAAAAA/s").status_code == 404


def test_a_number_s_own_target_is_used_and_the_link_s_where_it_has_none(live):
    link, codes = live.new_link(2, is_per_number=True)
    set_targets(link=link, targets={1: "https://carrier.example/track/é"})

    answers = [location_of(live.get(code)) for code in codes]

    assert answers == [(302, "https://shop.example/new"), (302, "https://carrier.example/track/%C3%A9")]


def test_an_unknown_host_is_a_404_once_there_are_two_and_the_only_one_in_a_demo(live):
    _, [code] = live.new_link()
    alone = live.get(code, host="else.example").status_code
    other = make_workspace("live-other")
    try:
        create_domain(workspace=other, host="b.example")
        time.sleep(2)
        answers = [
            live.get(code, host=host).status_code for host in ("else.example", "b.example", "GO.live.example:443")
        ]
    finally:
        delete_workspace(other)

    assert (alone, answers) == (302, [404, 404, 302])


def test_in_aggregate_mode_nobody_is_told_apart(live):
    live.workspace.tracking_mode = TrackingMode.AGGREGATE
    live.workspace.save()
    time.sleep(2)
    try:
        link, codes = live.new_link(3, carries_visit=True)
        answer = live.get(codes[2])
        rows = live.wait_for_clicks(1, link)
    finally:
        live.workspace.tracking_mode = TrackingMode.INDIVIDUAL
        live.workspace.save()
        time.sleep(2)

    assert location_of(answer) == (302, "https://shop.example/new")
    assert rows == [(None, "GET", "human", "iphone")]


def test_headers_that_are_not_ascii_disturb_nothing(live):
    link, [code] = live.new_link()
    headers = b"user-agent: T\xe9l\xe9phone \xff\r\naccept-language: \xe9\r\naccept: \xe9\r\npurpose: \xe9\r\n"

    answers = [raw_answer(live, path, headers) for path in (code, "AAAAAAA", "%FF%FE")]

    assert [answer.split()[1] for answer in answers] == [b"302", b"404", b"404"]
    assert len(live.wait_for_clicks(1, link)) == 1


def raw_answer(live, path, headers):
    with socket.create_connection(("127.0.0.1", live.installation.short_port), timeout=10) as visitor:
        line = f"GET /{path} HTTP/1.1\r\nhost: go.live.example\r\nconnection: close\r\n"
        visitor.sendall(line.encode() + headers + b"\r\n")
        return visitor.makefile("rb").read()


def test_an_alias_is_found_however_it_is_capitalised(live):
    for alias in ("vip", "soldes7", "noel2026", "s"):
        link, _ = live.new_link()
        link.alias = alias
        publish_link(link=link)

        assert [live.get(name).status_code for name in (alias, alias.title(), alias.upper())] == [302] * 3


def test_visitors_who_hang_up_do_not_disturb_the_others(live):
    link, codes = live.new_link(50)
    request = "GET /{} HTTP/1.1\r\nhost: go.live.example\r\nuser-agent: x\r\n\r\n"

    def hang_up(code):
        with socket.create_connection(("127.0.0.1", live.installation.short_port)) as visitor:
            # A reset at once, with the answer still to come.
            visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            visitor.sendall(request.format(code).encode())

    with ThreadPoolExecutor(8) as crowd:
        gone = [crowd.submit(hang_up, code) for code in codes for _ in range(4)]
        answers = list(crowd.map(lambda code: live.get(code).status_code, codes))
        for each in gone:
            each.result()

    assert answers == [302] * 50
    assert live.get(codes[0]).status_code == 302
    assert len(live.wait_for_clicks(51, link)) >= 51
    assert live.health["lost"] == 0


def test_killed_with_9_every_answered_click_lands_exactly_once(live):
    link, codes = live.new_link(300)
    answered = Counter()

    for position, code in enumerate(codes):
        answered[position] += live.get(code).status_code == 302
        if position in {100, 200}:
            os.kill(live.drainer, signal.SIGKILL)
        if position in {150, 299}:
            live.restart(signal.SIGKILL)

    assert sum(answered.values()) == 300
    live.wait_for_clicks(300, link)
    wait_until(lambda: live.health["backlog_bytes"] == 0, "the journal to land")
    assert Counter(position for position, *_ in live.clicks(link)) == answered
    wait_until(lambda: all(has_writer(path) for path in segments(live.journal)), "orphans to be put away")


def test_stopped_politely_everything_has_landed(live):
    link, codes = live.new_link(50)
    for code in codes:
        live.get(code)

    live.installation.kill("redirect", signal.SIGTERM)
    wait_until(lambda: segments(live.journal) == [], "the last segment to land")

    assert len(live.clicks(link)) == 50
    live.installation.start("redirect")


def test_with_the_database_gone_known_codes_lead_on_and_unknown_ones_may_try_again(live):
    link, [code] = live.new_link()
    live.get(code)
    tables = ["shortlinks_shortdomain", "shortlinks_journalsegment"]
    rename(*[(table, f"{table}_away") for table in tables])
    try:
        time.sleep(2)
        known = live.get(code)
        unknown = live.get("AAAAAAA", accept_language="en")
        health = live.health
    finally:
        rename(*[(f"{table}_away", table) for table in tables])

    assert known.status_code == 302
    assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "5")
    assert "One moment, please" in unknown.text
    assert (health["is_current"], health["lost"]) == (False, 0)
    assert len(live.wait_for_clicks(2, link)) == 2
    wait_until(lambda: live.get("AAAAAAA").status_code == 404, "the redirect to recover")


def rename(*pairs):
    with connection.schema_editor() as editor:
        for before, after in pairs:
            editor.alter_db_table(ShortLink, before, after)


def test_with_the_journal_unwritable_visitors_are_led_on_and_the_loss_is_counted(live):
    link, [code] = live.new_link()
    live.installation.kill("redirect", signal.SIGTERM)
    wait_until(lambda: segments(live.journal) == [], "the last segment to land")
    aside = live.journal.rename(live.journal.with_name("aside"))
    live.journal.touch()
    live.installation.start("redirect")
    try:
        answer = live.get(code)
        # Nobody waits for a slow disk: the visitor may have gone before the loss is known.
        lost = wait_until(lambda: live.health["lost"], "the loss")
    finally:
        live.journal.unlink()
        aside.rename(live.journal)

    assert (answer.status_code, lost, live.clicks(link)) == (302, 1, [])
    live.restart()
    live.get(code)
    assert len(live.wait_for_clicks(1, link)) == 1


def test_a_busy_port_is_refused(live):
    second = live.installation.commands()["redirect"]

    outcome = subprocess.run(
        second, env=live.installation.environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert outcome.returncode != 0
    assert "Can't listen on" in outcome.stderr
