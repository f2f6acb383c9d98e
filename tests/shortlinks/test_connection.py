"""What reality does to a connection, over real sockets: pieces, pipelines, bad manners, hang-ups, slowness."""

import socket
import time
from contextlib import suppress

import pytest

from shortlinks import connection
from tests.shortlinks.place import GET, bodies, hang_up, open_place, read_all, read_until, statuses


@pytest.fixture
def place():
    with open_place() as place:
        yield place


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("shortlinks.server.TICK_SECONDS", 0.05)
    for name in ("REQUEST_SECONDS", "IDLE_SECONDS", "WRITE_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(connection, name, 0.3)


def test_a_click_is_answered_when_it_is_on_disk(place):
    place.disk.works.clear()

    with place.visitor(GET % b"click1") as visitor:
        visitor.settimeout(0.1)
        with pytest.raises(TimeoutError):
            visitor.recv(1)
        place.disk.works.set()
        visitor.settimeout(10)
        answer = read_until(visitor, b"\r\n\r\n")

    lines = answer.split(b"\r\n")
    assert (lines[0], lines[1:3]) == (b"HTTP/1.1 302 Found", [b"x-kind: click", b"location: /click1"])
    assert lines[3].startswith(b"date: ")
    assert lines[4:] == [b"content-length: 0", b"", b""]
    assert place.disk.data == b"/click1"


def test_a_request_may_come_byte_by_byte(place):
    request = GET % b"click%20%C3%A9?a=b"

    answer = place.answers(*(request[at : at + 1] for at in range(len(request))))

    assert statuses(answer) == [302]
    assert place.stage.requests[0][:4] == ("GET", "go.example", "/click é", "a=b")
    assert b"location: /click%20%C3%A9\r\n" in answer


def test_long_names_of_headers_are_not_remembered(place):
    before = len(connection.NAMES)

    answer = place.answers(*(b"GET /click HTTP/1.1\r\nhost: a\r\n%s%d: b\r\n\r\n" % (b"x" * 9000, n) for n in range(3)))

    assert statuses(answer) == [302] * 3
    assert "host" in connection.NAMES.values()
    assert len(connection.NAMES) - before <= 1


def test_pipelined_requests_are_answered_in_their_order(place):
    names = [b"click1", b"a", b"ask", b"click2", b"ask", b"b", b"bug", b"c", b"ask-bug"]

    answer = place.answers(b"".join(GET % name for name in names))

    assert statuses(answer) == [302, 404, 200, 302, 200, 404, 500, 404, 500]
    assert bodies(answer) == [b"", b"/a", b"asked", b"", b"asked", b"/b", b"", b"/c", b""]


def test_thousands_of_pipelined_requests_are_answered_to_the_last(place):
    answer = place.answers(GET % b"click" * 5000)

    assert statuses(answer) == [302] * 5000
    assert place.disk.data == b"/click" * 5000


def test_a_connection_is_kept_for_the_next_request_unless_the_client_says_otherwise(place):
    with place.visitor() as visitor:
        for _ in range(3):
            visitor.sendall(GET % b"click")
            assert b"connection" not in read_until(visitor, b"\r\n\r\n")
        visitor.sendall(b"GET /click HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")

        assert b"connection: close\r\n" in read_all(visitor)


def test_http_1_0_needs_no_host_and_is_closed(place):
    with place.visitor(b"GET /click HTTP/1.0\r\n\r\n") as visitor:
        answer = read_all(visitor)

    assert statuses(answer) == [302]
    assert b"connection: close\r\n" in answer


def test_head_gets_the_headers_of_get_and_no_body(place):
    get, head = (place.answers(b"%s /abc HTTP/1.1\r\nhost: a\r\n\r\n" % method) for method in (b"GET", b"HEAD"))

    assert get == head + b"/abc"
    assert b"content-length: 4\r\n" in head


def test_an_absolute_address_names_the_host(place):
    place.answers(b"GET http://other.example:8080/click?x HTTP/1.1\r\nhost: a\r\n\r\n")

    assert place.stage.requests[0][:4] == ("GET", "other.example:8080", "/click", "x")


def test_headers_are_found_by_name_and_joined_where_they_repeat(place):
    place.answers(b"GET / HTTP/1.1\r\nHOST: a\r\nX-Forwarded-For: 1\r\nUser-Agent: \xe9\r\nx-forwarded-for: 2\r\n\r\n")

    [request] = place.stage.requests
    names = ("host", "x-forwarded-for", "user-agent", "accept")
    assert [request.header(name, "none") for name in names] == ["a", "1, 2", "\ufffd", "none"]
    assert request.peer == "127.0.0.1"


REFUSED = {
    b"POST /click HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nGET / HTT": 405,
    b"POST /click HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab": 405,
    b"CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n": 405,
    b"OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n": 405,
    b"GET /click HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nGET / HTT": 413,
    b"GET /click HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n": 413,
    b"GET /click HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n": 400,
    b"GET /click HTTP/1.1\r\n\r\n": 400,
    b"GET /click HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n": 400,
    b"GET /click HTTP/2.0\r\nhost: a\r\n\r\n": 400,
    b"GET /click\r\n\r\n": 400,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": 400,
    b"GET click HTTP/1.1\r\nhost: a\r\n\r\n": 400,
    b"GET http:///click HTTP/1.1\r\nhost: a\r\n\r\n": 400,
    b"GET /\x00 HTTP/1.1\r\nhost: a\r\n\r\n": 400,
    b"GET /click HTTP/1.1\r\nhost: a\r\n folded: yes\r\n\r\n": 400,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": 400,
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n": 414,
    b"GET /" + b"a" * 90_000: 414,
    b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 9_000: 431,
    b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 90_000: 431,
}  # fmt: skip


@pytest.mark.parametrize("request_", REFUSED, ids=lambda request: request[:50])
def test_what_can_t_be_understood_is_refused_and_the_connection_closed(place, request_):
    with place.visitor(GET % b"click", request_) as visitor:
        answer = read_all(visitor)

    assert statuses(answer) == [302, REFUSED[request_]]
    assert b"connection: close\r\n" in answer
    assert place.disk.data == b"/click"


def test_a_wish_for_another_protocol_is_answered_in_this_one(place):
    with place.visitor(b"GET /click HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: h2c\r\n\r\nmore") as visitor:
        answer = read_all(visitor)

    assert statuses(answer) == [302]


def test_a_location_can_t_break_out_of_its_line(place):
    answer = place.answers(GET % b"click%0D%0Aset-cookie:%20a=b%E2%80%A8")

    assert b"location: /click%0D%0Aset-cookie:%20a=b%E2%80%A8\r\n" in answer


def test_who_hangs_up_inside_a_batch_takes_nobody_along(place):
    place.disk.works.clear()
    first = socket.create_connection(place.address, timeout=10)
    first.sendall(GET % b"click0")
    others = [socket.create_connection(place.address, timeout=10) for _ in range(20)]
    for other in others:
        other.sendall(GET % b"click1" * 2)
    time.sleep(0.1)
    for gone in (first, *others[::2]):
        hang_up(gone)
    time.sleep(0.05)
    place.disk.works.set()

    answers = [read_until(other, b"\r\n\r\n") for other in others[1::2]]
    later = place.answers(GET % b"click2")

    assert [statuses(answer)[0] for answer in answers] == [302] * 10
    assert statuses(later) == [302]
    for other in others[1::2]:
        other.close()


def test_who_hangs_up_while_the_database_is_asked_is_not_missed(place):
    with place.visitor(GET % b"ask" * 3) as visitor:
        time.sleep(0.02)
        hang_up(visitor)
    time.sleep(0.2)

    assert statuses(place.answers(GET % b"click")) == [302]
    assert place.server.connections == set()


def test_a_silent_connection_is_closed(quick, place):
    with place.visitor() as visitor:
        assert read_all(visitor) == b""


def test_a_connection_that_falls_silent_after_an_answer_is_closed(quick, place):
    with place.visitor(GET % b"click") as visitor:
        assert statuses(read_all(visitor)) == [302]


def test_a_request_that_does_not_come_to_an_end_is_refused(quick, place):
    with place.visitor(GET % b"click", b"GET / HTTP/1.1\r\n") as visitor:
        for _ in range(10):
            with_luck(visitor.sendall, b"a: b\r\n")
            time.sleep(0.05)

        assert statuses(read_all(visitor)) == [302, 408]


def with_luck(send, data):
    with suppress(OSError):
        send(data)


def test_who_does_not_read_the_answers_is_not_read_either_and_let_go(quick, place):
    with place.visitor() as visitor:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        visitor.sendall(GET % b"large" * 100)
        time.sleep(1)

        assert len(place.stage.requests) < 30
        assert place.server.connections == set()


def test_a_slow_reader_gets_everything(place):
    with place.visitor(GET % b"large" * 10) as visitor:
        time.sleep(0.2)
        visitor.shutdown(socket.SHUT_WR)

        assert len(read_all(visitor)) > 10_000_000


def test_more_connections_than_may_be_are_told_to_come_back(place, monkeypatch):
    monkeypatch.setattr(place.server, "_most", 2)
    with place.visitor(GET % b"a"), place.visitor(GET % b"a") as second:
        second.recv(1)
        with place.visitor(GET % b"a") as third:
            answer = read_all(third)
    wait_until_empty(place)

    assert statuses(answer) == [503]
    assert b"retry-after: 5\r\n" in answer
    assert statuses(place.answers(GET % b"a")) == [404]


def wait_until_empty(place):
    for _ in range(100):
        if not place.server.connections:
            return
        time.sleep(0.02)


def test_an_end_answers_what_is_under_way_and_accepts_nobody(place):
    place.disk.works.clear()
    with place.visitor(GET % b"click") as click, place.visitor(GET % b"ask") as ask, place.visitor() as idle:
        time.sleep(0.05)
        place.stop()
        time.sleep(0.05)
        place.disk.works.set()
        answers = [read_all(visitor) for visitor in (click, ask, idle)]
    place.thread.join(10)

    assert [statuses(answer) for answer in answers] == [[302], [200], []]
    assert place.disk.data == b"/click"
    with pytest.raises(OSError):
        socket.create_connection(place.address, timeout=1)


def test_ipv6_visitors_are_served():
    with open_place(family=socket.AF_INET6) as place:
        answer = place.answers(GET % b"click")

        assert statuses(answer) == [302]
        assert place.stage.requests[0].peer == "::1"
