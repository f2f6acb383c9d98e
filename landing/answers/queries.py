"""Reads of form answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, Q

from accounts.models import Workspace
from audience.phone import mask
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
    """Those with answers, of pages that are still there, the latest first; two queries, the long one by index alone."""
    rows = FormAnswer.objects.filter(workspace=workspace, page__isnull=False).order_by()
    asked = rows.values_list("page", "block").annotate(latest=Max("answered_at"), last=Max("pk")).order_by("-latest")
    found = FormAnswer.objects.select_related("page").defer("words", "agreed").in_bulk([row[-1] for row in asked])
    return [Form(page, block, f"{found[last].form} · {found[last].page}") for page, block, _latest, last in asked]


def in_short(answer: FormAnswer) -> str:
    """The answers on one line; a number only as far as one may see it at a glance."""
    number = answer.contact.phone if answer.contact else ""
    shown = (mask(text) if number and text == number else text for _label, text in answer.words)
    return " · ".join(text for text in shown if text)


def form_names(workspace: Workspace) -> Iterator[tuple[str, str]]:
    yield from ((form.key, form.name) for form in forms_of(workspace))


def of_form(key: str) -> Q:
    """The answers to that form."""
    page, _x, block = key.partition("x")
    dashed = "-".join([block[:8], block[8:12], block[12:16], block[16:20], block[20:]])
    return Q(page=int(page), block=dashed) if page.isdecimal() else Q(pk__in=[])
