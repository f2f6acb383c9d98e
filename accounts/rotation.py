"""Sealing everything anew under the current key, while the site runs.

Only sealing keys rotate. The index key and the opt-out keys never do: numbers and oppositions are found again by
them. A run that was interrupted is simply started again: what it has done is under the current key already.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Substr
from django_scopes import scopes_disabled

from accounts.fields import SealedTextField
from accounts.keys import CannotOpen, current_prefix, open_sealed, seal

CHUNK = 500
RAW = models.BinaryField()


@dataclass(frozen=True)
class Progress:
    """Values of one store: sealed anew so far, not opened by any key we hold, and how many there were to do."""

    store: str
    done: int
    unreadable: int
    total: int


Rotation = Callable[[], Iterator[Progress]]
_stores: dict[str, Rotation] = {}


def register_store(name: str, rotation: Rotation) -> None:
    """A room that keeps sealed values outside of our models says how they are sealed anew."""
    _stores[name] = rotation


def rotate() -> Iterator[Progress]:
    """Seal anew whatever is not under the current key; reports after every piece of work."""
    for model, field in sealed_columns():
        yield from _rotate_column(model, field)
    for rotation in _stores.values():
        yield from rotation()


def sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Every sealed column of the installation."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField) and not model._meta.proxy and field.model is model
    ]


def under_other_keys(model: type[models.Model], field: str) -> QuerySet[models.Model]:
    """Rows whose value another key than the current one has sealed."""
    prefix = current_prefix()
    rows = model._default_manager.filter(**{f"{field}__isnull": False})
    return rows.annotate(key_prefix=Substr(field, 1, len(prefix), output_field=RAW)).exclude(key_prefix=prefix)


def _rotate_column(model: type[models.Model], field: str) -> Iterator[Progress]:
    with scopes_disabled():
        total = under_other_keys(model, field).count()
    store, done, unreadable, last = f"{model._meta.label}.{field}", 0, 0, 0
    yield Progress(store, 0, 0, total)
    while total:
        with scopes_disabled():
            resealed, failed, last = _reseal_chunk(model, field, last)
        if not resealed + failed:
            return
        done, unreadable = done + resealed, unreadable + failed
        yield Progress(store, done, unreadable, max(total, done + unreadable))


@transaction.atomic
def _reseal_chunk(model: type[models.Model], field: str, last: int) -> tuple[int, int, int]:
    """How many were sealed anew, how many could not be opened, and the last key looked at."""
    rows = under_other_keys(model, field).filter(pk__gt=last).order_by("pk").select_for_update()
    # The bytes as they are: through the field, one altered value would hide its whole chunk.
    found = list(rows.values_list("pk", ExpressionWrapper(F(field), output_field=RAW))[:CHUNK])
    renewed = []
    for pk, sealed in found:
        try:
            renewed.append(model(pk=pk, **{field: Value(seal(open_sealed(bytes(sealed))), output_field=RAW)}))
        except CannotOpen:
            continue
    model._default_manager.bulk_update(renewed, [field])
    return len(renewed), len(found) - len(renewed), found[-1][0] if found else last
