"""Texts with holes: merge fields `{first_name|there}`, links `{link}`, a promo code `{code}`."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from integrations.gateways.encoding import EACH_PART, EXTENSION, GSM_7, ONE_PART, Encoding, measure

# What every contact may have; each needs a fallback, because not every contact has it. A workspace's own
# attributes are fields too (messaging/merge_fields.py).
CONTACT_FIELDS = ("first_name", "last_name", "city")
CODE_FIELD = "code"
# What stands where a one-time code stood.
HIDDEN_CODE = "••••••"
# The opt-out address of the recipient: their link with `/s` behind it.
STOP_LINK = "stop_link"

HOLE = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
UNRESOLVED_NUMBER = re.compile(r"\b3[68]x{3}\b", re.IGNORECASE)
UNRESOLVED_CODE = re.compile(r"\[STOP[_ ]?CODE\]", re.IGNORECASE)
WRITTEN_STOP = re.compile(r"\bstop\b\D{0,12}\b3[68]\d{3}\b", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class MissingValue(Exception):
    """A hole has neither a value nor a fallback; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Hole:
    name: str
    fallback: str | None

    @property
    def is_link(self) -> bool:
        return self.name == "link" or self.name.endswith("_link")


@dataclass(frozen=True)
class Template:
    """A text as a marketer writes it."""

    text: str

    @cached_property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(Hole(match[1].strip(), match[2]) for match in HOLE.finditer(self.text))

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the merge fields, once each, in the order of the text."""
        return tuple(dict.fromkeys(hole.name for hole in self.holes if not hole.is_link))

    @property
    def links(self) -> tuple[str, ...]:
        """Names of the links; the opt-out address is not one of them."""
        names = (hole.name for hole in self.holes if hole.is_link and hole.name != STOP_LINK)
        return tuple(dict.fromkeys(names))

    @property
    def has_stop_link(self) -> bool:
        return any(hole.name == STOP_LINK for hole in self.holes)

    @property
    def needs_link(self) -> bool:
        """The opt-out address, too, is a link with something behind it."""
        return bool(self.links) or self.has_stop_link

    def problems(
        self,
        extra_fields: Collection[str] = (),
        links: Collection[str] | None = None,
        own_fields: Collection[str] = (),
    ) -> list[str]:
        """What keeps the text from being sent, in words. `extra_fields` are always filled by their caller; `own_fields`
        are the workspace's, and some contacts have none.
        """
        return [
            *([] if self.text.strip() else [_("Write a message.")]),
            *self._brace_problems(),
            *self._field_problems(extra_fields, own_fields),
            *self._link_problems(links),
            *self._stop_problems(),
        ]

    def _brace_problems(self) -> list[str]:
        rest = HOLE.sub("", self.text)
        return [_("A brace is not closed: write {first_name|there}.")] if "{" in rest or "}" in rest else []

    def _field_problems(self, extra_fields: Collection[str], own_fields: Collection[str]) -> list[str]:
        found = []
        for hole in self.holes:
            if hole.is_link or hole.name in extra_fields:
                continue
            if hole.name == CODE_FIELD:
                found.append(_("{code} needs promo codes: choose an offer or remove it."))
            elif hole.name not in CONTACT_FIELDS and hole.name not in own_fields:
                found.append(_("There is no field {%(name)s}.") % {"name": hole.name})
            elif hole.fallback is None:
                example = f"{{{hole.name}|…}}"
                message = _("{%(name)s} needs words for those who have none: %(example)s.")
                found.append(message % {"name": hole.name, "example": example})
        return list(dict.fromkeys(found))

    def _link_problems(self, links: Collection[str] | None) -> list[str]:
        if links is None:
            return []
        missing = [name for name in self.links if name not in links]
        problems = [_("{%(name)s} has no address: choose a page or remove it.") % {"name": name} for name in missing]
        if self.has_stop_link and not links:
            problems.append(_("{stop_link} needs a link in the message."))
        return problems

    def _stop_problems(self) -> list[str]:
        if UNRESOLVED_NUMBER.search(self.text) or UNRESOLVED_CODE.search(self.text):
            return [_("Remove “36XXX” or “[STOP_CODE]”: the real STOP number is added by itself.")]
        if WRITTEN_STOP.search(self.text):
            return [_("Remove the STOP mention: it is added by itself, and must not be there twice.")]
        return []

    def render(self, values: Mapping[str, str], links: Mapping[str, str], stop_clause: str) -> str:
        """The text that one person reads. Raises MissingValue."""

        def fill(match: re.Match[str]) -> str:
            return self._value_of(Hole(match[1].strip(), match[2]), values, links)

        return HOLE.sub(fill, self.text).rstrip() + stop_clause

    def _value_of(self, hole: Hole, values: Mapping[str, str], links: Mapping[str, str]) -> str:
        if hole.name == STOP_LINK:
            address = next(iter(links.values()), "")
            value = f"{address}/s" if address else ""
        else:
            value = links.get(hole.name, "") if hole.is_link else tidy(values.get(hole.name, ""))
        if value:
            return value
        if hole.fallback is None or hole.is_link:
            raise MissingValue(hole.name)
        return hole.fallback.strip()


def tidy(value: str) -> str:
    """A value on one line: what comes from a form or a shop may hold anything."""
    return CONTROL.sub(" ", str(value)).strip()


@dataclass(frozen=True)
class PartCounter:
    """Counts parts of many renderings of one text: the fixed words are measured once, then only values are."""

    template: Template
    # As long as a real one will be.
    links: Mapping[str, str]
    # What ends the text on the phone, whoever writes it there.
    ending: str

    @cached_property
    def fixed(self) -> str:
        blank = dict.fromkeys(self.template.fields, "")
        holes = {hole.name for hole in self.template.holes if not hole.is_link}
        text = HOLE.sub(lambda match: "" if match[1].strip() in holes else match[0], self.template.text)
        return Template(text).render(blank, self.links, self.ending)

    @cached_property
    def fixed_is_plain(self) -> bool:
        return is_plain(self.fixed)

    def count(self, values: Mapping[str, str]) -> int:
        """Parts of the text with these values."""
        filled = [self.template._value_of(hole, values, self.links) for hole in self.template.holes if not hole.is_link]
        if self.fixed_is_plain and all(map(is_plain, filled)):
            return parts_of_plain(len(self.fixed) + sum(map(len, filled)))
        return measure(self.template.render(values, self.links, self.ending)).parts


def is_plain(text: str) -> bool:
    """Every character is one septet: no cut can fall inside one."""
    return GSM_7.issuperset(text) and EXTENSION.isdisjoint(text)


def parts_of(text: str) -> int:
    return parts_of_plain(len(text)) if is_plain(text) else measure(text).parts


def parts_of_plain(units: int) -> int:
    return min(units, 1) if units <= ONE_PART[Encoding.GSM_7] else -(-units // EACH_PART[Encoding.GSM_7])


def sample_links(names: Sequence[str], address: str = "maison.fr/AbCd123") -> dict[str, str]:
    """Addresses that look and measure like real ones, for previews."""
    return dict.fromkeys(names or ("link",), address)
