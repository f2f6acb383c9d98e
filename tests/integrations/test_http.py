import socket
import time
from ipaddress import ip_network

import pytest

from integrations.gateways.base import ErrorClass, Rejected, Unknown
from integrations.http import Call, NoAnswer, NotSent, PrivateHost, request, request_all
from tests.integrations import faulty_server as faults
from tests.integrations.faulty_server import faulty_server


def test_an_answer_is_returned_whole():
    with faulty_server(faults.answer) as server:
        response = request("POST", server.url, content=b"body END")

    assert (response.status_code, response.text, server.requests) == (200, "ok", 1)


def test_a_redirect_is_an_answer_and_not_followed():
    with faulty_server(faults.redirect) as server:
        response = request("POST", server.url, content=b"body END")

    assert (response.status_code, server.requests) == (307, 1)


def test_a_closed_port_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(NotSent) as raised:
        request("POST", f"http://127.0.0.1:{port}/send", content=b"body END")

    assert raised.value.outcome == Rejected(ErrorClass.GATEWAY_DOWN)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://[::1/"])
def test_an_impossible_address_means_that_nothing_was_sent(url):
    with pytest.raises(NotSent):
        request("GET", url)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.say_nothing, "TimeoutError"),
        (faults.close, "RemoteProtocolError"),
        (faults.half_a_body, "RemoteProtocolError"),
        (faults.babble, "RemoteProtocolError"),
        (faults.reset, "ReadError"),
        (faults.drip, "TimeoutError"),
    ],
)
def test_whoever_may_have_taken_it_is_asked_once_and_the_outcome_is_unknown(fault, reason):
    started = time.monotonic()

    with faulty_server(fault) as server, pytest.raises(NoAnswer) as raised:
        request("POST", server.url, content=b"body END", deadline_seconds=0.6)

    assert raised.value.outcome == Unknown(reason)
    assert server.requests == 1
    assert time.monotonic() - started < 3


def test_an_error_never_repeats_the_address():
    with faulty_server(faults.close) as server, pytest.raises(NoAnswer) as raised:
        request("POST", server.url + "?key=secret", content=b"body END")

    assert "secret" not in repr(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://2130706433:{port}/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
    ],
)
def test_a_typed_address_leads_into_no_private_network(url):
    with faulty_server(faults.answer) as server, pytest.raises(PrivateHost) as raised:
        port = server.url.split(":")[2].split("/")[0]
        request("POST", url.format(port=port), only_public=True, content=b"body END")

    assert raised.value.outcome == Rejected(ErrorClass.AUTH, code="private_host")
    assert server.requests == 0


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [found("93.184.216.34"), found("10.0.0.1")])

    with pytest.raises(PrivateHost):
        request("GET", "https://two-faced.example/", only_public=True)


def test_a_name_is_looked_up_once_and_called_at_that_address(monkeypatch, settings):
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.0/8")]
    looked_up = []
    with faulty_server(faults.answer) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *_a, **_k: looked_up.append(host) or [found("127.0.0.1", port)]
        )
        response = request("POST", f"http://rebound.example:{port}/send", only_public=True, content=b"body END")

    assert (response.status_code, server.requests) == (200, 1)
    assert looked_up[0] == "rebound.example"
    assert set(looked_up[1:]) <= {"127.0.0.1"}


def test_a_typed_address_is_not_followed_elsewhere(settings):
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.0/8")]

    with faulty_server(faults.redirect) as server:
        response = request("POST", server.url, only_public=True, content=b"body END")

    assert (response.status_code, server.requests) == (307, 1)


@pytest.mark.parametrize(
    "url", ["gopher://x.example/", "https:///x", "file:///etc/passwd", "http://no-such-name.invalid/"]
)
def test_a_typed_address_that_leads_nowhere_gets_nothing(url):
    with pytest.raises(NotSent):
        request("GET", url, only_public=True)


def test_several_calls_go_side_by_side_and_fail_alone():
    with faulty_server(faults.answer) as fine, faulty_server(faults.close) as broken:
        calls = [Call("POST", server.url, {"content": b"body END"}) for server in (fine, broken, fine)]

        answers = request_all(calls)

    assert [type(answer).__name__ for answer in answers] == ["Response", "NoAnswer", "Response"]


def found(address: str, port: int = 443):
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
