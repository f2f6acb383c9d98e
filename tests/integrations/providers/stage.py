"""Fake providers on real sockets: honest by default, faulty for the next submission where a test says so."""

import datetime
import socket
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # lower-case names
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Provider(ABC):
    """What a provider knows and says. A subclass answers honestly; tests script faults for its submissions."""

    def __init__(self) -> None:
        self.submissions: list[Request] = []
        self.faults: list[Answer | Callable[[socket.socket, threading.Event], None]] = []

    @abstractmethod
    def is_submission(self, request: Request) -> bool: ...

    @abstractmethod
    def answer(self, request: Request) -> Answer: ...


@contextmanager
def on_stage(provider: Provider, *, folder: Path | None = None) -> Iterator[str]:
    """Yields its address; with a folder for the certificate it speaks TLS that nobody vouches for."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            with suppress(OSError):
                super().handle_one_request()
                return
            self.close_connection = True

        def do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            fault: object = None
            if provider.is_submission(request):
                provider.submissions.append(request)
                fault = provider.faults.pop(0) if provider.faults else None
            if callable(fault):
                fault(self.connection, stopped)
                self.close_connection = True
                return
            self.give(fault if isinstance(fault, Answer) else provider.answer(request))

        do_GET = do_POST = do_PUT = do_HEAD = do  # noqa: N815  # the names that http.server calls

        def give(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: object) -> None:
            """A client that hangs up is what we came to see."""

    server = Server(("127.0.0.1", 0), Handler)
    if folder is not None:
        server.socket = _self_signed(folder).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if folder else ''}://127.0.0.1:{server.server_port}"
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _self_signed(folder: Path) -> ssl.SSLContext:
    certificate = folder / "self-signed.pem"
    certificate.write_bytes(_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@cache
def _pem() -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + built.public_bytes(serialization.Encoding.PEM)


# Faults of the line, in place of an answer -----------------------------------------------------------


def say_nothing(_connection: socket.socket, stopped: threading.Event) -> None:
    stopped.wait(10)


def close(connection: socket.socket, _stopped: threading.Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket, _stopped: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def half_a_body(connection: socket.socket, _stopped: threading.Event) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"ids"')
    connection.shutdown(socket.SHUT_RDWR)


def babble(connection: socket.socket, _stopped: threading.Event) -> None:
    connection.sendall(b"220 smtp ready\r\n\r\n")
    connection.shutdown(socket.SHUT_RDWR)
