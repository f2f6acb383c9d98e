"""Whatever is sent to the redirect: no error but the deliberate ones, and nothing of it in the answer's head."""

import socket
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shortlinks.conftest import HOST

pytestmark = pytest.mark.usefixtures("db")

bounded = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NASTY = [
    "\r\nX-Injected: 1",
    "%0d%0aX-Injected:%201",
    "\x00",
    "%00",
    "%",
    "%zz",
    "%ff%fe",
    "é",
    "😀",
    "..",
    "//",
    "\\",
    "?",
]
TEXT = st.lists(st.text(max_size=20) | st.sampled_from(NASTY), max_size=6).map("".join)
LONG = st.integers(min_value=1000, max_value=9000).map(lambda length: "a" * length)
NAMES = st.from_regex(r"[A-Za-z-]{1,20}", fullmatch=True)
# Wait for nobody: what asks for a body, or for another protocol, is a test of its own.
HEADERS = st.dictionaries(
    NAMES.filter(
        lambda name: name.lower() not in {"content-length", "transfer-encoding", "upgrade", "connection", "host"}
    ),
    TEXT | LONG,
    max_size=4,
)


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


@dataclass
class Answer:
    status: int
    lines: list[str]


def send(live, request: bytes) -> Answer | None:
    """The answer; None where the connection was closed without one, as is good enough for what is no HTTP."""
    with socket.create_connection(("127.0.0.1", live.installation.short_port), timeout=15) as visitor:
        try:
            visitor.sendall(request)
            visitor.shutdown(socket.SHUT_WR)
            head = visitor.makefile("rb").read().partition(b"\r\n\r\n")[0].decode("latin-1")
        except ConnectionError:
            return None
    if not head:
        return None
    status, *lines = head.split("\r\n")
    return Answer(int(status.split()[1]), lines)


def request_of(target: str, host: str = HOST, headers: dict[str, str] | None = None) -> bytes:
    named = {"Host": host, "Connection": "close", **(headers or {})}
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode(errors="surrogatepass")


def assert_harmless(answer: Answer | None) -> None:
    if answer is None:
        return
    assert answer.status < 500, answer
    names = [line.partition(":")[0].lower() for line in answer.lines]
    assert "x-injected" not in names
    assert len(names) == len(set(names))
    for line in answer.lines:
        assert line.isprintable(), line
        assert line.isascii(), line


@bounded
@given(path=TEXT | LONG, query=TEXT | LONG)
def test_any_path_and_query(live, path, query):
    assert_harmless(send(live, request_of(f"/{path}?{query}")))


@bounded
@given(query=TEXT)
def test_any_query_behind_a_code_that_exists(live, query):
    raw = send(live, request_of(f"/{live.codes[0]}?{query}"))
    quoted = send(live, request_of(f"/{live.codes[0]}?q={quote(query, errors='surrogatepass')}"))

    assert_harmless(raw)
    assert_harmless(quoted)
    assert quoted is not None
    assert quoted.status == 302


@bounded
@given(host=TEXT | LONG)
def test_any_host(live, host):
    assert_harmless(send(live, request_of("/nothing", host)))


@bounded
@given(headers=HEADERS)
def test_any_headers_behind_a_code_that_exists(live, headers):
    assert_harmless(send(live, request_of(f"/{live.codes[0]}", headers=headers)))


@bounded
@given(noise=st.binary(max_size=2000))
def test_any_bytes(live, noise):
    assert_harmless(send(live, noise))


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /{code} HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT shop.example:443 HTTP/1.1",
        "GET http://evil.example/{code} HTTP/1.1",
        "GET //evil.example/{code} HTTP/1.1",
        "GET /{code} HTTP/9.9",
        "GET /{code}/../{code} HTTP/1.1",
        "get /{code} HTTP/1.1",
    ],
)
def test_odd_request_lines(live, request_line):
    line = request_line.format(code=live.codes[0])

    answer = send(live, f"{line}\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())

    assert_harmless(answer)
    assert not answer or answer.status != 302 or "https://shop.example/" in "".join(answer.lines)


def test_after_all_that_it_is_well(live):
    assert live.get(live.codes[0]).status_code == 302
    assert (live.health["status"], live.health["lost"]) == ("ok", 0)
