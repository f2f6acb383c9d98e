"""Reads of form answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, Q

from accounts.models import Workspace
from landing.models import FormAnswer


@dataclass(frozen=True)
class Form:
    """One form that somebody has answered; its key is of letters and digits."""

    page_id: int
    block: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.page_id}x{self.block.replace('-', '')}"


def forms_of(workspace: Workspace) -> list[Form]:
    """Those with answers, of pages that are still there, the latest first."""
    rows = FormAnswer.objects.filter(workspace=workspace, page__isnull=False).order_by()
    found = rows.values_list("page_id", "block", "page__title").annotate(name=Max("form"), latest=Max("answered_at"))
    return [Form(page, block, f"{name} · {title}") for page, block, title, name, _at in found.order_by("-latest")]


def form_names(workspace: Workspace) -> Iterator[tuple[str, str]]:
    yield from ((form.key, form.name) for form in forms_of(workspace))


def of_form(key: str) -> Q:
    """The answers to that form."""
    page, _x, block = key.partition("x")
    dashed = "-".join([block[:8], block[8:12], block[12:16], block[16:20], block[20:]])
    return Q(page=int(page), block=dashed) if page.isdecimal() else Q(pk__in=[])
