"""What other rooms know about a contact. A lower room never asks an upper one: each registers when it starts.

A model that points at Contact registers an erasure and a merge (`tests/audience/test_registry.py` fails otherwise).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from audience.models import Contact
from audience.segments.conditions import Condition


@dataclass(frozen=True)
class Entry:
    """Something that happened to, or was done by, a contact; `icon` is the name of one of Wagtail's or ours."""

    at: datetime
    icon: str
    title: str | Promise
    detail: str | Promise = ""
    url: str = ""


@dataclass(frozen=True)
class Kept:
    """How many of an audience are not written to now, and why: “60” “opted out”."""

    reason: str
    contacts: int
    words: str


@dataclass(frozen=True)
class Explanation:
    """An audience and who of it may be written to now; `writable` and the parts add up to `total`."""

    total: int
    writable: int
    parts: tuple[Kept, ...] = ()


class Explain(Protocol):
    def __call__(self, contacts: QuerySet[Contact], *, now: datetime) -> Explanation: ...


class Refusal(Protocol):
    def __call__(self, *, contact: Contact) -> object: ...


Timeline = Callable[[Contact], Iterable[Entry]]
Export = Callable[[Contact], Any]


class Erasure(Protocol):
    def __call__(self, *, contact: Contact, now: datetime) -> None: ...


class Merge(Protocol):
    def __call__(self, *, kept: Contact, gone: Contact) -> None: ...


timelines: dict[str, Timeline] = {}
exports: dict[str, Export] = {}
erasures: dict[type[Model], Erasure] = {}
merges: dict[type[Model], Merge] = {}
refusals: list[Refusal] = []
conditions: dict[str, Condition] = {}
_explain: list[Explain] = []


def register_timeline(name: str, function: Timeline) -> None:
    """`function(contact)` yields the room's latest entries of this contact, in any order; a hundred are plenty."""
    timelines[name] = function


def register_export(name: str, function: Export) -> None:
    """`function(contact)` answers all that the room holds about the person, as values that JSON knows."""
    exports[name] = function


def register_erasure(model: type[Model], function: Erasure) -> None:
    """`function(contact=, now=)` deletes the person's rows of `model`, or takes from them what names a person.

    Counts stay as they are: a report shows the same figures afterwards. It runs in the erasure's transaction, in the
    contact's workspace, before the contact itself goes.
    """
    erasures[model] = function


def register_merge(model: type[Model], function: Merge) -> None:
    """`function(kept=, gone=)` makes rows of `model` that point at `gone` point at `kept`; nothing may be lost.

    Where both have a row and only one can stay, the stricter stays. It runs in the merge's transaction.
    """
    merges[model] = function


def register_refusal(function: Refusal) -> None:
    """`function(contact=)` follows somebody's refusal to be followed, in the transaction that writes it down."""
    refusals.append(function)


def register_condition(condition: Condition) -> None:
    """Segments may ask this of contacts. Its Q sees rows of the current workspace only, and is never NULL."""
    conditions[condition.slug] = condition


def no_trace(model: type[Model]) -> None:
    """Rows of `model` hold nothing of a person but the pointer, which the database empties when the contact goes."""
    register_erasure(model, _nothing_to_do)


def follows(model: type[Model]) -> None:
    """Rows of `model` simply go over to the contact that is kept."""
    register_merge(model, partial(_repoint, model))


def _nothing_to_do(*, contact: Contact, now: datetime) -> None:
    """The foreign key is SET_NULL."""


def _repoint(model: type[Model], *, kept: Contact, gone: Contact) -> None:
    model._default_manager.filter(contact=gone).update(contact=kept)


def register_explanation(function: Explain) -> None:
    """`function(contacts, now=)` says who may be written to for marketing; one room knows, the one with the gate."""
    _explain[:] = [function]


def explain(contacts: QuerySet[Contact], *, now: datetime) -> Explanation:
    """Who of these contacts may be written to now, and why the others may not. Two queries."""
    return _explain[0](contacts, now=now)
