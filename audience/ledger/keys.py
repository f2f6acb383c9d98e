"""The key that signs the chain's head and proof files (Ed25519). Its public half may be shown to anybody."""

import base64
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@lru_cache(maxsize=4)
def _private(secret: bytes) -> Ed25519PrivateKey:
    if len(secret) != 32:
        raise ImproperlyConfigured("CHAPPE_PROOF_KEY holds base64 of 32 bytes (see .env.example).")
    return Ed25519PrivateKey.from_private_bytes(secret)


def sign(content: bytes) -> bytes:
    """64 bytes that only the holder of the key can make."""
    return _private(settings.PROOF_KEY).sign(content)


def public_key() -> str:
    """Base64 of 32 bytes: what somebody needs to check a signature of ours."""
    return base64.b64encode(_private(settings.PROOF_KEY).public_key().public_bytes_raw()).decode()


def is_signed(content: bytes, signature: bytes, key: str) -> bool:
    """Whether the holder of this key (base64) signed the content."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
