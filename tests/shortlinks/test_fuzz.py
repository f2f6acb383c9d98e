"""Nonsense and half-sense at the real redirect: an answer or an end every time, and never a 5xx."""

import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("db")

bounded = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
token = st.text(
    st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters=" :"), min_size=1, max_size=12
)
value = st.binary(max_size=60).map(lambda data: re.sub(rb"[\r\n\x00]", b"", data))
known = st.sampled_from(
    ["User-Agent", "Accept", "Accept-Language", "Purpose", "Connection", "Content-Length", "Transfer-Encoding", "Host",
     "X-Forwarded-For", "Authorization", "Expect", "Upgrade"]
)  # fmt: skip
header = st.tuples(st.one_of(known, token).map(str.encode), value)
method = st.one_of(st.sampled_from([b"GET", b"HEAD", b"POST", b"OPTIONS", b"CONNECT"]), token.map(str.encode))
segment = st.one_of(st.text(max_size=20).map(str.encode), st.binary(max_size=20))


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


@st.composite
def requests(draw, codes):
    """A request that is right, but for what chance does to its parts."""
    path = draw(st.one_of(st.sampled_from(codes).map(str.encode), segment))
    tail = draw(st.one_of(st.just(b""), segment, st.just(b"/s"), st.just(b"?a=%0d%0ab")))
    version = draw(st.sampled_from([b"1.1", b"1.1", b"1.1", b"1.0", b"2.0", b""]))
    lines = [b"%s /%s%s HTTP/%s" % (draw(method), path, tail, version)]
    lines += [b"host: go.live.example"] * draw(st.sampled_from([1, 1, 1, 0, 2]))
    lines += [b"%s: %s" % each for each in draw(st.lists(header, max_size=6))]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def answer(live, parts):
    with socket.create_connection(("127.0.0.1", live.installation.short_port), timeout=10) as visitor:
        try:
            for part in parts:
                visitor.sendall(part)
            visitor.shutdown(socket.SHUT_WR)
            data = b""
            while part := visitor.recv(65536):
                data += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # it has heard enough
        return data


def statuses(data):
    return {int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)}


@bounded
@given(data=st.data())
def test_requests_of_any_kind_get_an_answer_that_is_no_failure(live, data):
    some = data.draw(st.lists(requests(live.codes[:3]), min_size=1, max_size=4))
    whole = b"".join(some)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))

    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    assert statuses(answer(live, parts)) <= {200, 302, 400, 404, 405, 410, 413, 429, 431}


@bounded
@given(st.binary(max_size=2000))
def test_noise_gets_a_refusal_or_nothing(live, noise):
    assert statuses(answer(live, [noise])) <= {400, 404, 405}


def test_after_all_that_it_still_leads_on(live):
    assert live.get(live.codes[0]).status_code == 302
    assert "could not be answered" not in live.installation.log("redirect")
