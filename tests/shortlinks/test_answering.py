"""Is it we who answer? Asked over real sockets on the loopback."""

import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.urls import reverse
from django.utils import translation
from django_scopes import scope

from accounts.models import Role
from campaigns.review import Review
from shortlinks import answering, directory
from shortlinks.answering import PREFIX, answer_to, trouble_of
from shortlinks.models import ShortDomain, Trouble
from shortlinks.redirect import Redirect, Request
from shortlinks.services import check_answering, check_due_domains, create_domain
from tests.factories import TUESDAY, make_campaign, make_domain, make_member

pytestmark = pytest.mark.django_db


@contextmanager
def server(answer):
    """A host that says what `answer(path, host)` says: status, headers, body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answer(self.path, self.headers["host"])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def demo(settings):
    settings.SHORT_LINK_SCHEME, settings.IS_DEMO = "http", True


def our_redirect(monkeypatch):
    monkeypatch.setattr(directory, "close_old_connections", lambda: None)
    redirect = Redirect()
    redirect.directory._take(redirect.directory._read)

    def answer(path, host):
        said = redirect.answer_now(Request("GET", host, path, "", {}.get, "127.0.0.1"))
        return said.status, dict(said.headers), said.body

    return answer


class Late:
    """An answer that is known only once the host is."""

    def __call__(self, path, host):
        return self.answer(path, host)


def test_our_own_redirect_answers_for_each_of_its_domains(workspace, other_workspace, monkeypatch):
    late = Late()
    with server(late) as host:
        domain = create_domain(workspace=workspace, host=host)
        make_domain(other_workspace)
        late.answer = our_redirect(monkeypatch)

        assert trouble_of(domain) == ""


def test_another_installation_does_not_pass_for_us(workspace, monkeypatch):
    """It has the same program, and even the same host, but not the domain's key."""
    late = Late()
    with server(late) as host:
        domain = create_domain(workspace=workspace, host=host)
        ShortDomain._base_manager.filter(pk=domain.pk).update(key=bytes(16))
        late.answer = our_redirect(monkeypatch)

        assert trouble_of(domain) == Trouble.SOMEBODY_ELSE


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"parked"),
        (200, {}, b""),
        (404, {}, b""),
        (302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""),
        (200, {}, b"x" * 100_000),
    ],
)
def test_whoever_says_something_else_is_somebody_else(workspace, answer):
    asked = []

    def note(path, host):
        asked.append(path)
        return answer

    with server(note) as host:
        domain = create_domain(workspace=workspace, host=host)

        assert trouble_of(domain) == Trouble.SOMEBODY_ELSE
    assert len(asked) == 1


def test_an_answer_heard_before_is_no_answer(workspace):
    with server(lambda path, host: (200, {}, answer_to(domain.key, "0" * 32).encode())) as host:
        domain = create_domain(workspace=workspace, host=host)

        assert trouble_of(domain) == Trouble.SOMEBODY_ELSE


@pytest.mark.parametrize("nonce", ["", "0" * 31, "0" * 33, "visit token", "G" * 32, "0" * 32 + "\n"])
def test_nothing_but_a_nonce_is_answered(nonce):
    assert answer_to(b"k" * 16, nonce) == ""


def test_a_port_that_nobody_listens_at(workspace):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        domain = create_domain(workspace=workspace, host=f"127.0.0.1:{taken.getsockname()[1]}")

        assert trouble_of(domain) == Trouble.NO_CONNECTION


def test_whoever_sends_a_byte_now_and_then_is_not_waited_for(workspace, monkeypatch):
    monkeypatch.setattr(answering, "DEADLINE_SECONDS", 0.3)
    over = threading.Event()

    def drip(listening):
        visitor, _ = listening.accept()
        with visitor:
            while not over.wait(0.05):
                try:
                    visitor.sendall(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        domain = create_domain(workspace=workspace, host=f"127.0.0.1:{listening.getsockname()[1]}")
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        started = time.monotonic()
        trouble = trouble_of(domain)
        waited = time.monotonic() - started
        over.set()
        thread.join()

    assert trouble == Trouble.TOO_SLOW
    assert waited < answering.TIMEOUT_SECONDS


def test_a_name_that_dns_can_t_know(workspace):
    domain = create_domain(workspace=workspace, host="a" * 80 + ".example")

    assert trouble_of(domain) == Trouble.UNKNOWN_HOST


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "10.0.0.1", "169.254.169.254:80", "127.1:22"])
def test_no_private_network_is_called_outside_a_demo(workspace, settings, host):
    settings.IS_DEMO = False
    domain = create_domain(workspace=workspace, host=host)

    assert trouble_of(domain) == Trouble.PRIVATE_ADDRESS


def test_in_a_demo_nothing_private_is_called_but_the_loopback(workspace):
    domain = create_domain(workspace=workspace, host="10.0.0.1")

    assert trouble_of(domain) == Trouble.PRIVATE_ADDRESS


def test_an_https_host_without_a_certificate_is_told(workspace, settings):
    settings.SHORT_LINK_SCHEME = "https"
    with server(lambda path, host: (200, {}, b"")) as host:
        domain = create_domain(workspace=workspace, host=host)

        assert trouble_of(domain) == Trouble.BAD_CERTIFICATE


def test_hosts_are_asked_again_sooner_while_they_do_not_answer(in_workspace, other_workspace):
    domains = [create_domain(workspace=in_workspace, host=f"10.0.0.{number}") for number in (1, 2, 3)]
    theirs = create_domain(workspace=other_workspace, host="10.0.0.4")
    for domain, minutes, trouble in zip(domains, (30, 30, 5), ("", "no-connection", "no-connection"), strict=True):
        ShortDomain.objects.filter(pk=domain.pk).update(
            checked_at=TUESDAY - timedelta(minutes=minutes), trouble=trouble
        )

    asked = check_due_domains(now=TUESDAY)

    checked = set(ShortDomain._base_manager.filter(checked_at=TUESDAY).values_list("pk", "trouble"))
    assert (asked, checked) == (2, {(domains[1].pk, "private-address"), (theirs.pk, "private-address")})


def test_an_owner_checks_a_domain_and_is_told_what_to_do(owner_client, workspace, settings):
    settings.BASE_URL = "https://sms.example.fr"
    domain = create_domain(workspace=workspace, host="10.0.0.1")
    page = reverse("shortlinks_domains:page", args=[domain.pk])

    before = owner_client.get(page, headers={"accept-language": "en"}).content.decode()
    after = owner_client.post(
        reverse("shortlinks_domains:check", args=[domain.pk]), follow=True, headers={"accept-language": "en"}
    ).content.decode()

    assert "not checked yet" in before
    assert "CNAME  sms.example.fr." in before
    assert "10.0.0.1 does not answer for us: The name leads to a private network." in after
    with scope(workspace=workspace):
        assert ShortDomain.objects.get().trouble == Trouble.PRIVATE_ADDRESS


@pytest.mark.parametrize(("role", "method"), [(Role.MARKETER, "post"), (Role.ANALYST, "post"), (Role.OWNER, "get")])
def test_nobody_asks_by_looking_and_nobody_but_owners_asks(client, workspace, role, method):
    domain = create_domain(workspace=workspace, host="10.0.0.1")
    client.force_login(make_member(workspace, role))

    getattr(client, method)(reverse("shortlinks_domains:check", args=[domain.pk]))

    with scope(workspace=workspace):
        assert ShortDomain.objects.get().checked_at is None


def test_the_report_card_of_a_campaign_warns_of_a_host_that_does_not_answer(in_workspace):
    campaign = make_campaign(in_workspace)

    def line():
        with translation.override("en"):
            lines = Review(campaign, TUESDAY).lines
        return next((each.tone, each.text) for each in lines if each.subject == "Link")

    unasked = line()
    check_answering(domain=ShortDomain.objects.get(), now=TUESDAY)
    ShortDomain.objects.update(trouble=Trouble.NO_CONNECTION)

    assert unasked == ("ok", "go.lambert.example")
    assert line() == ("warn", "go.lambert.example does not answer for us: the link would lead nowhere.")


def test_the_question_is_no_code_and_no_click():
    assert PREFIX.startswith("_")
