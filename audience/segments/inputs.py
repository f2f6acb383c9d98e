"""What a condition asks for: read strictly from JSON, shown in words."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.figures import decimals_of
from accounts.models import Workspace
from accounts.templatetags.ch import money

TEXT_LENGTH = 120
MOST_TEXTS = 60
BIGGEST = 10**12

Options = Callable[[Workspace], Iterable[tuple[str, str | Promise]]]


class BadInput(Exception):
    """What was given can't be used; the message says why, readable and translated."""


class Known(Protocol):
    """What an input may look up while it reads or shows a value."""

    workspace: Workspace

    def options(self, source: Options) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Input(ABC):
    """One thing to fill in; `name` is its key in the JSON and its hole in the sentence."""

    name: str
    label: str | Promise
    kind: ClassVar[str]

    @abstractmethod
    def read(self, raw: Any, known: Known) -> Any:
        """The value that is kept. Raises BadInput."""

    @abstractmethod
    def show(self, value: Any, known: Known) -> str: ...

    def facts(self, known: Known) -> dict[str, Any]:
        """What the rule builder needs to draw it."""
        return {"name": self.name, "label": str(self.label), "kind": self.kind}


@dataclass(frozen=True)
class Text(Input):
    kind = "text"

    def read(self, raw: Any, known: Known) -> str:
        text = raw.strip() if isinstance(raw, str) else ""
        if not text:
            raise BadInput(_("Fill in “%(field)s”.") % {"field": self.label})
        if len(text) > TEXT_LENGTH or "\x00" in text:
            raise BadInput(_("Write at most %(count)s characters.") % {"count": TEXT_LENGTH})
        return text

    def show(self, value: Any, known: Known) -> str:
        return _("“%(value)s”") % {"value": value}


@dataclass(frozen=True)
class Texts(Text):
    """Several, any of which will do; typed with commas between them. `pattern` is what each must look like."""

    kind = "texts"
    pattern: str = ""

    def read(self, raw: Any, known: Known) -> Any:
        if not isinstance(raw, list) or not raw:
            raise BadInput(_("Fill in “%(field)s”.") % {"field": self.label})
        if len(raw) > MOST_TEXTS:
            raise BadInput(_("Give at most %(count)s values.") % {"count": MOST_TEXTS})
        return tuple(dict.fromkeys(self._read_one(one, known) for one in raw))

    def _read_one(self, raw: Any, known: Known) -> str:
        text = super().read(raw, known)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise BadInput(_("“%(value)s” does not fit here.") % {"value": text})
        return text

    def show(self, value: Any, known: Known) -> str:
        return _listed([self._show_one(one, known) for one in value])

    def _show_one(self, value: str, known: Known) -> str:
        return _("“%(value)s”") % {"value": value}


@dataclass(frozen=True)
class Number(Input):
    kind = "number"
    least: int = 0
    most: int = BIGGEST
    is_whole: bool = True

    def read(self, raw: Any, known: Known) -> int | float:
        if not isinstance(raw, int if self.is_whole else int | float) or isinstance(raw, bool):
            raise BadInput(_("“%(field)s” is a number.") % {"field": self.label})
        if not self.least <= raw <= self.most:  # NaN neither
            bounds = {"field": self.label, "least": number_format(self.least), "most": number_format(self.most)}
            raise BadInput(_("“%(field)s” goes from %(least)s to %(most)s.") % bounds)
        return raw

    def show(self, value: Any, known: Known) -> str:
        return number_format(value, use_l10n=True, force_grouping=True)

    def facts(self, known: Known) -> dict[str, Any]:
        step = 1 if self.is_whole else "any"
        return super().facts(known) | {"min": self.least, "max": self.most, "step": step}


@dataclass(frozen=True)
class Amount(Number):
    """Money, in the smallest unit of the workspace's currency."""

    kind = "amount"

    def show(self, value: Any, known: Known) -> str:
        return money(value, known.workspace.currency)

    def facts(self, known: Known) -> dict[str, Any]:
        currency = known.workspace.currency
        return super().facts(known) | {"currency": currency, "decimals": decimals_of(currency)}


@dataclass(frozen=True)
class Day(Input):
    kind = "date"

    def read(self, raw: Any, known: Known) -> date:
        try:
            return date.fromisoformat(raw)
        except (TypeError, ValueError) as error:
            raise BadInput(_("“%(field)s” is a date.") % {"field": self.label}) from error

    def show(self, value: Any, known: Known) -> str:
        return date_format(value, "SHORT_DATE_FORMAT")


@dataclass(frozen=True)
class Choice(Input):
    """One of the options; each has a key of letters or digits and a name."""

    kind = "choice"
    source: Options

    def read(self, raw: Any, known: Known) -> str:
        if not raw:
            raise BadInput(_("Choose “%(field)s”.") % {"field": self.label})
        if not isinstance(raw, str) or raw not in known.options(self.source):
            raise BadInput(_("What was chosen for “%(field)s” is gone.") % {"field": self.label})
        return raw

    def show(self, value: Any, known: Known) -> str:
        return _("“%(value)s”") % {"value": known.options(self.source).get(value, value)}

    def facts(self, known: Known) -> dict[str, Any]:
        return super().facts(known) | {"options": list(known.options(self.source).items())}


@dataclass(frozen=True)
class Codes(Texts):
    """Several options by their codes, such as departments."""

    source: Options = dict[str, str]().items  # type: ignore[assignment]

    def _read_one(self, raw: Any, known: Known) -> str:
        text = super()._read_one(raw, known).upper()
        if text not in known.options(self.source):
            raise BadInput(_("“%(value)s” does not fit here.") % {"value": text})
        return text

    def _show_one(self, value: str, known: Known) -> str:
        return f"{known.options(self.source)[value]} ({value})"


def _listed(words: list[str]) -> str:
    """a, b or c"""
    if len(words) == 1:
        return words[0]
    return _("%(first)s or %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
