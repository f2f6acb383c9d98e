"""A file on its way: sealed, piece by piece. Neither memory nor a disk ever holds a large one in clear."""

import hashlib
import tempfile
from collections.abc import Iterator
from functools import cached_property
from typing import IO

from django.conf import settings

from accounts.keys import open_sealed, seal

PIECE_BYTES = 1 << 20


class Spool:
    """Bytes, written once and read in pieces any number of times.

    Its file has no name, and goes with it. What does not fill a piece yet stays in memory: so does a small file.
    """

    def __init__(self, content: bytes = b"") -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._ends: list[int] = []
        self._rest = bytearray()
        self.write(content)

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._hash.update(chunk)
        self._rest += chunk
        while len(self._rest) >= PIECE_BYTES:
            self._put(bytes(self._rest[:PIECE_BYTES]))
            del self._rest[:PIECE_BYTES]

    def __iter__(self) -> Iterator[bytes]:
        begin = 0
        for end in self._ends:
            self._file.seek(begin)
            yield open_sealed(self._file.read(end - begin))
            begin = end
        if self._rest:
            yield bytes(self._rest)

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    @cached_property
    def _file(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)

    def _put(self, piece: bytes) -> None:
        self._file.seek(self._ends[-1] if self._ends else 0)
        self._file.write(seal(piece))
        self._ends.append(self._file.tell())

    def close(self) -> None:
        """Forgets everything."""
        if self._ends:
            self._file.close()
        self._ends, self._rest = [], bytearray()

    def __del__(self) -> None:
        self.close()
