"""Codes of an offer: lists of them as shops hand them over, and how many are left."""

import re
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from audience.sheets.text import detect_encoding, lines_of
from messaging.models import PromoCode, PromoPool

IS_FREE = Q(contact=None, assigned_at=None)
# What a till and the SMS alphabet both know: none of these characters makes a message dearer than it was counted.
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/#+%!*-]{0,38}[A-Za-z0-9%!*])?")
CELL_ENDS = re.compile(r"[;,\t|]")
HEADERS = {"code", "codes", "coupon", "coupons", "code promo", "codes promo", "promo code", "promo codes", "voucher"}
MOST_CODES = 100_000


class TooManyCodes(Exception):
    """A list is longer than what is taken at once."""


@dataclass
class CodeList:
    """What a list holds: each code once, in its order, and what was passed over."""

    codes: list[str] = field(default_factory=list)
    blank: int = 0
    repeated: int = 0
    # Numbers of the lines that hold no code.
    refused: list[int] = field(default_factory=list)


def read_codes(content: bytes) -> CodeList:
    """One code a line; of a table, its first column. Raises TooManyCodes, UnreadableFile."""
    lines = lines_of([content], detect_encoding([content]))
    cells = [CELL_ENDS.split(line, 1)[0].strip(" \xa0\"'") for line in islice(lines, MOST_CODES + 2)]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_CODES + 1:  # one may be a header
        raise TooManyCodes
    return _sorted_out(cells)


def _sorted_out(cells: list[str]) -> CodeList:
    found, known = CodeList(), set[str]()
    for number, cell in enumerate(cells, 1):
        if not cell:
            found.blank += 1
        elif cell in known:
            found.repeated += 1
        elif not CODE.fullmatch(cell):
            found.refused.append(number)
        elif number > 1 or cell.casefold() not in HEADERS:
            known.add(cell)
            found.codes.append(cell)
    return found


def with_stock(pools: QuerySet[PromoPool]) -> QuerySet[PromoPool]:
    """Pools with `left` and `handed_out`: codes of their own, none where one serves all."""
    codes = PromoCode.objects.filter(pool=OuterRef("pk"))
    return pools.annotate(left=_counted(codes.filter(IS_FREE)), handed_out=_counted(codes.exclude(IS_FREE)))


def _counted(codes: QuerySet[PromoCode]) -> Coalesce:
    counts = codes.order_by().values("pool").annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)
