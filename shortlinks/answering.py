"""Is it really we who answer at a short host? Asked as a visitor would.

The question carries a nonce; only this installation's redirect can make the answer, because it has the key of that very
domain: a parking page, another installation or a proxy that answers everything with 200 does not pass.
"""

import hmac
import ipaddress
import re
import secrets
import socket
import ssl
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from django.conf import settings

from shortlinks.hosts import is_private
from shortlinks.models import ShortDomain, Trouble

PREFIX = "_us-"
NONCE = re.compile(r"[0-9a-f]{32}")
# For each step of the call, and for all of it.
TIMEOUT_SECONDS, DEADLINE_SECONDS = 4.0, 6.0
MOST_BYTES = 64

# What a failed call means; the first that fits.
TROUBLES: tuple[tuple[tuple[type[Exception], ...], Trouble], ...] = (
    ((socket.gaierror, UnicodeError), Trouble.UNKNOWN_HOST),
    ((ssl.SSLError,), Trouble.BAD_CERTIFICATE),
    ((TimeoutError,), Trouble.TOO_SLOW),
    ((OSError,), Trouble.NO_CONNECTION),
    ((HTTPException,), Trouble.SOMEBODY_ELSE),
)


def answer_to(key: bytes, nonce: str) -> str:
    """What the redirect says to a nonce under this domain's key; empty to what is none."""
    if not NONCE.fullmatch(nonce):
        return ""
    return hmac.digest(key, f"it is us {nonce}".encode(), "sha256").hex()[:MOST_BYTES]


def trouble_of(domain: ShortDomain) -> str:
    """Why the host does not answer for us, as a `Trouble`; empty when it does."""
    nonce = secrets.token_hex(16)
    try:
        answer = _ask(domain.host, f"/{PREFIX}{nonce}")
    except _Refused as refused:
        return refused.trouble
    except (OSError, HTTPException, UnicodeError) as error:
        return next(trouble for kinds, trouble in TROUBLES if isinstance(error, kinds))
    return "" if hmac.compare_digest(answer, answer_to(domain.key, nonce).encode()) else Trouble.SOMEBODY_ELSE


class _Refused(Exception):
    def __init__(self, trouble: str) -> None:
        self.trouble = trouble


def _ask(host: str, path: str) -> bytes:
    """The first bytes of the answer. No redirect is followed, and only the address that was looked at is called."""
    name, _, port = host.partition(":")
    is_plain = settings.SHORT_LINK_SCHEME == "http"
    number = int(port or (80 if is_plain else 443))
    address = _address_of(name, number)
    connection = _Plain(name, number, address) if is_plain else _Secure(name, number, address)
    # Who sends a byte now and then keeps every single step within its time.
    deadline = threading.Timer(DEADLINE_SECONDS, connection.hang_up)
    deadline.start()
    try:
        connection.request("GET", path, headers={"Host": host, "User-Agent": "Chappe", "Connection": "close"})
        answer = connection.getresponse()
        return answer.read(MOST_BYTES + 1) if answer.status == 200 else b""
    except (OSError, HTTPException) as error:
        if connection.is_late:
            raise TimeoutError from error
        raise
    finally:
        deadline.cancel()
        connection.close()


def _address_of(name: str, port: int) -> str:
    """Where the name leads; never into a private network, but for a demo's own loopback."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    public = [address for address in addresses if not is_private(address)]
    if settings.IS_DEMO:
        public += [address for address in addresses if ipaddress.ip_address(address).is_loopback]
    if not public:
        raise _Refused(Trouble.PRIVATE_ADDRESS)
    return public[0]


class _Plain(HTTPConnection):
    """Calls an address that was looked at, under the name it was found by."""

    def __init__(self, name: str, port: int, address: str) -> None:
        super().__init__(name, port, timeout=TIMEOUT_SECONDS)
        self._address = address
        self.is_late = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)

    def hang_up(self) -> None:
        self.is_late = True
        if self.sock:
            self.sock.shutdown(socket.SHUT_RDWR)


class _Secure(_Plain):
    """The same, with the certificate checked against the name."""

    default_port = HTTPSConnection.default_port

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
