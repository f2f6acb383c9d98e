"""A server of one connection at a time that misbehaves as told, and counts the whole requests it saw."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class FaultyServer:
    url: str
    requests: int = 0


Fault = Callable[[socket.socket, threading.Event], None]


def answer(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(ANSWER)


def redirect(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 307 Temporary\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")


def say_nothing(connection: socket.socket, stopped: threading.Event) -> None:
    stopped.wait(10)


def close(connection: socket.socket, stopped: threading.Event) -> None:
    pass


def half_a_body(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")


def babble(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"SMTP ready\r\n\r\n")


def reset(connection: socket.socket, stopped: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    with suppress(OSError):
        while not stopped.wait(0.05):
            connection.sendall(b".")


@contextmanager
def faulty_server(fault: Fault) -> Iterator[FaultyServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()
    server = FaultyServer(f"http://127.0.0.1:{listener.getsockname()[1]}/send")

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    if _read_request(connection):
                        server.requests += 1
                    fault(connection, stopped)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def _read_request(connection: socket.socket) -> bool:
    received = b""
    while b"\r\n\r\n" not in received or not received.endswith(b"END"):
        chunk = connection.recv(65_536)
        if not chunk:
            return False
        received += chunk
    return True
