"""The installation's keys: sealing (AES-GCM, rotatable), the number index, and opt-out keys (for ever).

Phone numbers are stored sealed; they are found again by a keyed index (HMAC-SHA256). Opt-outs
have keys of their own, because an opposition must outlive every rotation and every erasure.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
KEY_BYTES = 32


class CannotOpen(Exception):
    """The sealed value was not written with any key we hold, or was altered."""


@dataclass(frozen=True)
class Key:
    id: str
    secret: bytes

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(b"chappe-key:" + self.secret).hexdigest()[:32]


def parse_keys(items: tuple[str, ...]) -> tuple[Key, ...]:
    """Keys from `id:base64` items, 32 bytes each; the first one is the current one."""
    try:
        keys = tuple(Key(id_, base64.b64decode(secret)) for id_, _, secret in (item.partition(":") for item in items))
    except ValueError:
        keys = ()
    if not keys or any(len(key.secret) != KEY_BYTES or not key.id.isalnum() for key in keys):
        raise ImproperlyConfigured("Keys are a list of id:base64 with 32 bytes each (see .env.example).")
    return keys


@lru_cache(maxsize=8)
def _ring(items: tuple[str, ...]) -> tuple[Key, ...]:
    return parse_keys(items)


def seal_keys() -> tuple[Key, ...]:
    return _ring(tuple(settings.SEAL_KEYS))


def opt_out_keys() -> tuple[Key, ...]:
    return _ring(tuple(settings.OPT_OUT_KEYS))


def index_key() -> bytes:
    """Without a key of its own, an index of numbers is a list of numbers: there are only so many to try."""
    if len(settings.INDEX_KEY) != KEY_BYTES:
        raise ImproperlyConfigured("CHAPPE_INDEX_KEY holds base64 of 32 bytes (see .env.example).")
    return settings.INDEX_KEY


def key_fingerprints() -> dict[str, str]:
    """Of the keys that must never change: the index key, and every opt-out key ever used."""
    return {"index": Key("index", index_key()).fingerprint} | {
        f"opt-out:{key.id}": key.fingerprint for key in opt_out_keys()
    }


@lru_cache(maxsize=64)
def _cipher(secret: bytes) -> AESGCM:
    """Made ready once: it may be used by all threads."""
    return AESGCM(secret)


def seal(plain: bytes) -> bytes:
    """`id ‖ 0x1f ‖ nonce ‖ ciphertext+tag`, under the current key."""
    nonce, prefix = os.urandom(NONCE_BYTES), current_prefix()
    return prefix + nonce + _cipher(seal_keys()[0].secret).encrypt(nonce, plain, prefix)


def seal_many(plains: Sequence[bytes]) -> list[bytes]:
    """`seal` for each; the system is asked for nonces once."""
    encrypt, prefix = _cipher(seal_keys()[0].secret).encrypt, current_prefix()
    nonces = os.urandom(NONCE_BYTES * len(plains))
    return [
        prefix + (nonce := nonces[at : at + NONCE_BYTES]) + encrypt(nonce, plain, prefix)
        for at, plain in zip(range(0, len(nonces), NONCE_BYTES), plains, strict=True)
    ]


def current_prefix() -> bytes:
    """What every value begins with that the current key has sealed."""
    return seal_keys()[0].id.encode() + b"\x1f"


def open_sealed(sealed: bytes) -> bytes:
    """The plain bytes; raises CannotOpen for an unknown key or an altered value."""
    key_id, separator, rest = bytes(sealed).partition(b"\x1f")
    for key in seal_keys():
        if key.id.encode() == key_id and separator:
            try:
                return _cipher(key.secret).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], key_id + separator)
            except InvalidTag as error:
                raise CannotOpen("The sealed value was altered.") from error
    raise CannotOpen("No key of this installation opens this value.")


def keyed_indexes(values: Sequence[str]) -> list[bytes]:
    """`keyed_index` for each."""
    key = index_key()
    return [hmac.digest(key, value.encode(), "sha256") for value in values]


def keyed_index(value: str) -> bytes:
    """32 bytes that find `value` again without storing it (HMAC-SHA256 under the index key)."""
    return hmac.digest(index_key(), value.encode(), "sha256")


def opt_out_hash(value: str) -> bytes:
    """The hash an opposition is written under: the first opt-out key."""
    return hmac.digest(opt_out_keys()[0].secret, value.encode(), "sha256")


def opt_out_hashes(value: str) -> list[bytes]:
    """Every hash under which an opposition may have been written, newest key first."""
    return [hmac.digest(key.secret, value.encode(), "sha256") for key in opt_out_keys()]


def opt_out_hashes_of(values: Sequence[str]) -> list[list[bytes]]:
    """`opt_out_hashes` for each; the first one of each is its `opt_out_hash`."""
    secrets = [key.secret for key in opt_out_keys()]
    return [[hmac.digest(secret, value.encode(), "sha256") for secret in secrets] for value in values]


def dated_address_hash(address: str, date_text: str) -> bytes:
    """16 bytes that tell visitors of one day apart; not linkable from one day to the next."""
    day_key = hmac.digest(index_key(), b"visitor:" + date_text.encode(), "sha256")
    return hmac.digest(day_key, address.encode(), "sha256")[:16]
