"""What an import refused, read back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audience.models import ContactImport, ImportPiece
from audience.refusals import mend_of
from audience.services.imports.files import pieces_of
from audience.sheets.rejects import reason_of, value_of

LOOKED_AT = 5


@dataclass(frozen=True)
class Reason:
    """Why so many lines were refused, one of their values, and what to do."""

    label: str
    mend: str
    lines: int
    example: str


def refused_lines(contact_import: ContactImport) -> Iterator[dict[str, Any]]:
    """Every refused line, in the order of the file, until the purge."""
    for piece in pieces_of(contact_import, ImportPiece.Kind.REJECTS):
        yield from json.loads(piece)


def reasons_of(contact_import: ContactImport) -> list[Reason]:
    """The reasons, the most frequent first; an example of those that the first pieces hold."""
    examples: dict[str, str] = {}
    for _piece, content in zip(range(LOOKED_AT), pieces_of(contact_import, ImportPiece.Kind.REJECTS), strict=False):
        for reject in json.loads(content):
            examples.setdefault(reject["code"], value_of(reject)[:40])
    found = sorted(contact_import.reasons.items(), key=lambda item: -item[1])
    return [Reason(reason_of(code), str(mend_of(code)), lines, examples.get(code, "")) for code, lines in found]
