"""What the page of a contact says: their standing in words, their facts, and all that happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from operator import attrgetter

from django.conf.locale import LANG_INFO
from django.utils.timezone import localtime
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.days import in_words
from audience import registry
from audience.attributes import show_value
from audience.lifecycle import Lifecycle, state_of
from audience.models import (
    LAST_WORDS,
    OPTIONAL_FIELDS,
    Attribute,
    Block,
    Consent,
    ConsentAct,
    Contact,
    OptOutScope,
    Purpose,
)
from audience.places import name_of_territory
from audience.queries import YES, settings_of
from audience.registry import Entry

SHOWN = 200


@dataclass(frozen=True)
class Standing:
    """Whether a contact may be written to for a purpose, and why."""

    may: bool
    why: str


@dataclass(frozen=True)
class Fact:
    label: str
    value: str


def standing_of(contact: Contact) -> Standing:
    """Marketing: the number's opposition first, then the last word of the ledger."""
    opt_out = contact.opt_outs.filter(scope=OptOutScope.MARKETING).order_by("opted_out_at").first()
    if opt_out:
        return Standing(False, _("said no on %(day)s: %(source)s") % _said(opt_out.opted_out_at, opt_out.source))
    if block := contact.blocks.order_by("blocked_at").first():
        return _by_block(block)
    last = (
        contact.consents.filter(purpose=Purpose.MARKETING, act__in=LAST_WORDS).order_by("-occurred_at", "-pk").first()
    )
    return _by_ledger(last)


def service_standing_of(contact: Contact) -> Standing:
    """Service messages need no consent; only an opposition of their own stops them."""
    opt_out = contact.opt_outs.filter(scope=OptOutScope.SERVICE).order_by("opted_out_at").first()
    if opt_out:
        return Standing(False, _("said no on %(day)s: %(source)s") % _said(opt_out.opted_out_at, opt_out.source))
    if block := contact.blocks.filter(bars_service=True).order_by("blocked_at").first():
        return _by_block(block)
    return Standing(True, _("nobody has to agree to news of their own orders"))


def _by_block(block: Block) -> Standing:
    return Standing(False, _("blocked on %(day)s: %(source)s") % _said(block.blocked_at, block.get_kind_display()))


def _by_ledger(last: Consent | None) -> Standing:
    if last is None:
        return Standing(False, _("nothing is known of a consent"))
    if last.act in YES:
        return Standing(True, _("agreed on %(day)s: %(source)s") % _said(last.occurred_at, last.source))
    if last.act == ConsentAct.LAPSED:
        return Standing(False, _("has agreed for another number only"))
    return Standing(False, _("withdrew on %(day)s: %(source)s") % _said(last.occurred_at, last.source))


def _said(at: datetime, source: str) -> dict[str, str]:
    return {"day": in_words(localtime(at), "DATE_FORMAT"), "source": source}


def timeline_of(contact: Contact) -> list[Entry]:
    """What every room knows, the latest first."""
    entries = (entry for function in registry.timelines.values() for entry in function(contact))
    return nlargest(SHOWN, entries, key=attrgetter("at"))


def facts_of(contact: Contact, now: datetime) -> list[Fact]:
    """What is known, without what the workspace does not keep."""
    settings = settings_of(contact.workspace)
    known = [
        *_fields(contact, [name for name in OPTIONAL_FIELDS if settings.keeps(name)]),
        *(
            Fact(one.label, show_value(one, contact.attributes.get(one.slug)))
            for one in Attribute.objects.order_by("label")
        ),
        Fact(_("Number from"), name_of_territory(contact.territory)),
        Fact(_("Time zone"), contact.time_zone),
        Fact(_("Lists"), ", ".join(map(str, contact.lists.order_by("name")))),
        Fact(_("Tags"), ", ".join(map(str, contact.tags.order_by("name")))),
        Fact(_("Activity"), str(Lifecycle(state_of(contact, settings, now)).label)),
        Fact(_("Added"), _said(contact.created_at, "")["day"]),
        Fact(_("Last active"), _said(contact.last_active_at, "")["day"] if contact.last_active_at else ""),
    ]
    return [fact for fact in known if fact.value]


def _fields(contact: Contact, names: list[str]) -> Iterator[Fact]:
    for name in names:
        display = getattr(contact, f"get_{name}_display", None)
        value = display() if display else getattr(contact, name)
        if name == "language":
            value = name_of_language(value)
        label = str(Contact._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        yield Fact(
            label[:1].upper() + label[1:],
            in_words(value, "DATE_FORMAT") if name == "birth_date" and value else str(value or ""),
        )


def name_of_language(code: str) -> str:
    return get_language_info(code)["name_translated"] if code in LANG_INFO else code
