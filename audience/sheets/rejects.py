"""The file of refused lines: it says what is wrong with each, and can be brought again once they are mended."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from audience.cells import harmless
from audience.refusals import Refusal


class _Echo:
    """Gives back what a csv writer writes."""

    def write(self, text: str) -> str:
        return text


def rejects_file(header: Sequence[str], rejects: Iterable[dict[str, Any]]) -> Iterator[str]:
    """CSV, piece by piece: line, refused value, reason in the reader's language, then the cells as they came."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff"
    yield writer.writerow([_("line"), _("value"), _("reason"), *map(harmless, header)])
    for reject in rejects:
        yield writer.writerow(
            [reject["line"], harmless(value_of(reject)), reason_of(reject["code"]), *map(harmless, reject["cells"])]
        )


def value_of(reject: dict[str, Any]) -> str:
    """The cell that is to blame, where one is."""
    place, cells = reject["cell"], reject["cells"]
    return cells[place] if place is not None and place < len(cells) else ""


def reason_of(code: str) -> str:
    return str(Refusal(code).label) if code in Refusal.values else code
