import socket
import time

import pytest

from integrations.gateways.base import ErrorClass, Rejected, Unknown
from integrations.http import NoAnswer, NotSent, request
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
