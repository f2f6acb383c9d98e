"""Visit tokens: how a landing page knows who has just followed a short link, for half an hour.

Number, time and a constant are enciphered as one AES block under a key of the short domain: 22 characters that
say nothing to whoever reads them, and whose constant comes out right under that domain's key only.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB
from django_scopes import scope

from accounts.models import Workspace
from shortlinks.models import CodeRange, ShortDomain, ShortLink

VALID_FOR = timedelta(minutes=30)
# A clock of another machine may be ahead of ours.
AHEAD = timedelta(minutes=1)
LENGTH = 22

# 48 bits of number, 32 of time, and 48 zeros that a forger would have to hit.
BLOCK = Struct(">HIIHI")
MARK = (0, 0)


@dataclass(frozen=True, slots=True)
class Visit:
    link: ShortLink
    position: int
    # Whether its range says so; who has refused since is a QuietNumber.
    is_followed: bool = True


class VisitCipher:
    """Makes and opens the tokens of one domain."""

    def __init__(self, key: bytes) -> None:
        # One block that never repeats within a second and a number.
        cipher = Cipher(AES128(hmac.digest(key, b"visit token", "sha256")[:16]), ECB())  # noqa: S305
        self._encrypt = cipher.encryptor().update
        self._decrypt = cipher.decryptor().update

    def seal(self, number: int, seconds: int) -> str:
        block = BLOCK.pack(number >> 32, number & 0xFFFFFFFF, seconds, *MARK)
        return urlsafe_b64encode(self._encrypt(block))[:LENGTH].decode()

    def open(self, token: str) -> tuple[int, int] | None:
        """Number and time in seconds, or None for what this domain did not make."""
        try:
            block = urlsafe_b64decode(token.encode() + b"==")
        except (BadBase64, UnicodeEncodeError):
            return None
        if len(token) != LENGTH or len(block) != BLOCK.size:
            return None
        high, low, seconds, *mark = BLOCK.unpack(self._decrypt(block))
        return (high << 32 | low, seconds) if tuple(mark) == MARK else None


@lru_cache(maxsize=1024)
def cipher_for(key: bytes) -> VisitCipher:
    return VisitCipher(key)


def make_visit_token(*, domain: ShortDomain, number: int, now: datetime) -> str:
    return cipher_for(domain.key).seal(number, int(now.timestamp()))


def read_visit(*, workspace: Workspace, token: str, now: datetime) -> Visit | None:
    """Whose visit the token announces; None when it is old, foreign or made up."""
    with scope(workspace=workspace):
        for domain in ShortDomain.objects.filter(workspace=workspace):
            opened = cipher_for(domain.key).open(token)
            if opened is not None:
                number, seconds = opened
                age = now - datetime.fromtimestamp(seconds, UTC)
                return visit_at(workspace, domain, number) if -AHEAD <= age <= VALID_FOR else None
    return None


def visit_at(workspace: Workspace, domain: ShortDomain, number: int) -> Visit | None:
    """Whose number of the workspace's domain it is; None for one that no range holds."""
    before = CodeRange.objects.filter(domain=domain, start__lte=number).order_by("-start")
    code_range = before.select_related("link").first()
    if code_range is None or number >= code_range.start + code_range.size:
        return None
    code_range.link.workspace = workspace
    position = code_range.first_position + number - code_range.start
    return Visit(code_range.link, position, code_range.is_followed)
