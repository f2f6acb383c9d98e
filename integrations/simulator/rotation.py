"""The operator's books under a new sealing key (accounts/rotation.py)."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from accounts.keys import CannotOpen, current_prefix, open_sealed, seal
from accounts.rotation import CHUNK, Progress
from integrations.simulator import bulk


def rotate() -> Iterator[Progress]:
    """Seal anew, a piece at a time; messages never change, so nobody can be in between."""
    done = unreadable = last = 0
    if not Path(settings.SIMULATOR_PATH).exists():
        return
    while rows := bulk.others_under(current_prefix(), after=last, limit=CHUNK):
        renewed = [(*values, message) for message, phone, text in rows if (values := _renewed(phone, text))]
        bulk.replace_sealed(renewed)
        done, unreadable, last = done + len(renewed), unreadable + len(rows) - len(renewed), rows[-1][0]
        yield Progress("simulator", done, unreadable, done + unreadable)


def _renewed(phone: bytes, text: bytes) -> tuple[bytes, bytes] | None:
    try:
        return seal(open_sealed(phone)), seal(open_sealed(text))
    except CannotOpen:
        return None
