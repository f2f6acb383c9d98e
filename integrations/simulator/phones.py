"""What the phone page shows: phones, their threads, and the life of one message."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.keys import keyed_index
from audience.models import Contact
from audience.phone import FICTION, mask
from audience.queries import contacts_like
from integrations.gateways.encoding import measure
from integrations.simulator import bulk
from integrations.simulator.operator import moment
from integrations.simulator.registry import Step, life_of, outcomes_of
from integrations.simulator.texts import shown_text

THREAD_LENGTH = 30
# Stands for the id of a chosen message where nobody chose one.
NEWEST = "newest"
# Beside the two that are open.
OTHER_PHONES = 6


@dataclass(frozen=True)
class Bubble:
    """One message on a phone; `is_reply` when it was written there."""

    id: str
    reference: str
    text: SafeString
    note: str
    written_at: datetime
    is_reply: bool
    is_selected: bool = False


@dataclass(frozen=True)
class Phone:
    number: str
    name: str
    sender: str
    # The same whatever happens on the phone, and not its number.
    key: str
    # The id of its last message: names the phone in addresses, which must not carry numbers.
    last_id: str
    bubbles: list[Bubble] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Changes when there is something new to read."""
        return self.bubbles[-1].id


@dataclass(frozen=True)
class Screen:
    """Everything that changes by itself."""

    phones: list[Phone]
    others: list[Phone]
    life: list[Step]
    # Nobody chose a message: the newest one on the left phone is selected.
    follows_newest: bool

    @property
    def state(self) -> str:
        """Changes when other phones belong on the screen."""
        return " ".join(phone.key for phone in self.phones)


def phone_of(accounts: Sequence[str], message_id: str, chosen_id: str) -> Phone | None:
    """The phone that this message is on."""
    message = bulk.find(accounts, message_id)
    if message is None:
        return None
    thread = bulk.thread(message.account, message.phone_index, THREAD_LENGTH)
    outcomes = outcomes_of([each.provider_id for each in thread if each.is_inbound])
    selected = _selected([thread], None) if chosen_id == NEWEST else bulk.find(accounts, chosen_id)
    return _phone(thread, _contacts_by_number([message.phone]), outcomes, selected)


def screen(accounts: Sequence[str], chosen_id: str) -> Screen:
    """Two phones, the chosen one or else the newest on the left; the chosen message, or else the newest."""
    chosen = bulk.find(accounts, chosen_id) if chosen_id else None
    newest = bulk.newest_of_each_phone(accounts, limit=OTHER_PHONES + 2)
    lasts = _without_repeats([chosen, *newest] if chosen else newest)
    contacts = _contacts_by_number([last.phone for last in lasts])
    threads = [bulk.thread(last.account, last.phone_index, THREAD_LENGTH) for last in lasts[:2]]
    selected = _selected(threads, chosen)
    outcomes = outcomes_of([each.provider_id for thread in threads for each in thread if each.is_inbound])
    return Screen(
        phones=[_phone(thread, contacts, outcomes, selected) for thread in threads],
        others=[_phone([last], contacts, {}, None) for last in lasts[2:]],
        life=_life(selected) if selected else [],
        follows_newest=chosen is None or chosen.is_inbound,
    )


def _selected(threads: list[list[bulk.Stored]], chosen: bulk.Stored | None) -> bulk.Stored | None:
    """An answer has no life of its own: then it is the last message before it."""
    if chosen and not chosen.is_inbound:
        return chosen
    return next((each for each in reversed(threads[0]) if not each.is_inbound), None) if threads else None


def _without_repeats(messages: list[bulk.Stored]) -> list[bulk.Stored]:
    """The first message of each phone."""
    firsts: dict[tuple[str, str], bulk.Stored] = {}
    for message in messages:
        firsts.setdefault((message.account, message.phone_index), message)
    return list(firsts.values())


def _contacts_by_number(phones: Sequence[str]) -> dict[str, Contact]:
    """The workspace's contacts with these numbers, in one query."""
    contacts = Contact.objects.filter(phone_index__in=[keyed_index(phone) for phone in phones])
    return {contact.phone: contact for contact in contacts}


def search(accounts: Sequence[str], words: str) -> bulk.Stored | None:
    """The last message on a phone whose owner has this name, or that has this number."""
    contacts: QuerySet[Contact] = contacts_like(Contact.objects.all(), words)
    return bulk.newest_on(accounts, [contact.phone for contact in contacts[:50]])


def _phone(
    thread: list[bulk.Stored], contacts: dict[str, Contact], outcomes: dict[str, str], selected: bulk.Stored | None
) -> Phone:
    last = thread[-1]
    contact = contacts.get(last.phone)
    name = f"{contact.first_name} {contact.last_name}".strip() if contact else ""
    return Phone(
        number=shown_number(last.phone),
        name=name or _("Unknown number"),
        sender=next((each.sender for each in reversed(thread) if each.sender), ""),
        key=f"{last.account[:8]}-{last.phone_index[:12]}",
        last_id=last.provider_id,
        bubbles=[_bubble(each, outcomes, selected) for each in thread],
    )


def _bubble(message: bulk.Stored, outcomes: dict[str, str], selected: bulk.Stored | None) -> Bubble:
    return Bubble(
        id=message.provider_id,
        reference=message.reference,
        text=shown_text(message.text),
        note=outcomes.get(message.provider_id, "") if message.is_inbound else _note(message),
        written_at=moment(message.written_at),
        is_reply=message.is_inbound,
        is_selected=selected is not None and message.id == selected.id,
    )


def shown_number(e164: str) -> str:
    """In full where it is fiction; a number that may belong to somebody is masked."""
    if not FICTION.fullmatch(e164):
        return mask(e164)
    digits = "0" + e164.removeprefix("+33")
    return " ".join(digits[start : start + 2] for start in range(0, 10, 2))


def _note(message: bulk.Stored) -> str:
    """Parts and why, delay and what happened."""
    measured = measure(message.text)
    parts = ngettext("%(count)s part", "%(count)s parts", measured.parts) % {"count": measured.parts}
    if measured.parts > 1 and measured.guilty:
        letters = " ".join(dict.fromkeys(character for _index, character in measured.guilty[:3]))
        parts = _("%(parts)s (“%(letters)s”)") % {"parts": parts, "letters": letters}
    return f"{parts} · {_fate(message)}"


def _fate(message: bulk.Stored) -> str:
    if message.reported_at is None:
        return _("on its way")
    seconds = round(message.reported_at - message.written_at)
    return {
        "delivered": _("delivered in %(seconds)s s") % {"seconds": seconds},
        "undelivered": _("not delivered"),
        "expired": pgettext("message", "expired"),
    }.get(message.status, message.status)


def _life(message: bulk.Stored) -> list[Step]:
    """What the rooms know, or else what the operator's books say; and always whether it was taken twice."""
    steps = life_of(message.reference) or _operator_steps(message)
    taken = bulk.taken(message.account, message.reference)
    repeats = [Step(moment(each.written_at), _("Taken once more"), "stop", each.provider_id) for each in taken[1:]]
    return sorted([*steps, *repeats], key=lambda step: step.at)


def _operator_steps(message: bulk.Stored) -> list[Step]:
    steps = [Step(moment(message.written_at), _("Taken by the operator"), "info", message.provider_id)]
    if message.reported_at is not None:
        words = {"delivered": _("Delivered"), "undelivered": _("Not delivered"), "expired": _("Expired")}
        tone = "ok" if message.status == "delivered" else "warn"
        steps.append(Step(moment(message.reported_at), words.get(message.status, message.status), tone))
    return steps
