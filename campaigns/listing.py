"""Lists that a bar of choices narrows and that are read page by page: orders, decisions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

ON_A_PAGE = 50
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Choice:
    """A drop-down of the bar."""

    name: str
    label: str | Promise
    # What it says where nothing is chosen.
    nothing: str | Promise
    options: Sequence[tuple[str, str | Promise]]
    chosen: str = ""


def keys_of(rows: QuerySet[Any]) -> list[tuple[str, str]]:
    """Rows as options."""
    return [(str(row.pk), str(row)) for row in rows]


def listed(query: QueryDict, rows_of: Callable[[Mapping[str, str]], QuerySet[Any]]) -> dict[str, Any]:
    """What was asked, the page of it and its rows, and what links to other pages keep. What stands beside a row is read
    for one page of them, and not for all before they are sorted."""
    asked: dict[str, Any] = query.dict()
    rows = rows_of(asked)
    page = Paginator(rows.values_list("pk", flat=True), ON_A_PAGE).get_page(asked.pop("p", 1))
    kept = query.copy()
    kept.pop("p", None)
    return {"asked": asked, "page": page, "rows": rows.filter(pk__in=list(page)), "rest": kept.urlencode()}


def row_with(rows: QuerySet[Row], key: str) -> Row | None:
    """A row by what stands in an address, if it is one."""
    return rows.filter(pk=key).first() if key.isdecimal() and len(key) < 18 else None
