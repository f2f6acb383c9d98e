"""The gate: the last questions before a message leaves. Every "no" is a stored, readable reason.

`examine` reads what it needs about a handful of messages at once, inside the transaction that marks them
`submitting`; the questions themselves look at these facts and at nothing else.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Count

from accounts.keys import opt_out_hashes_of
from audience.models import Block, Contact, Frequency, OptOut, OptOutScope, Preference, TopicRefusal
from audience.queries import YES, with_last_word
from integrations.gateways.registry import gateway_of
from integrations.models import GatewayAccount
from integrations.services.accounts import may_send
from messaging.clock import workspace_now
from messaging.compliance import Limits, NeverLegal, Place, next_legal, place_of
from messaging.compose import CODE_FIELD, HIDDEN_CODE, MissingValue, Template, parts_of
from messaging.models import Batch, BatchPurpose, Message
from messaging.reasons import Reason, reason_label
from messaging.rules import Cap, cap_by, limits_by, rules_of
from messaging.services.senders import BadSender, check_sender_name
from messaging.services.stop_route import has_stop_route
from messaging.spending import Purse, territory_of
from shortlinks.queries import codes_at

__all__ = ["Reason", "examine", "reason_label"]

# A service message speaks of something that has just happened: the longest night is shorter than this.
SERVICE_KEEPS = timedelta(hours=24)
ASKS_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True)
class Admit:
    """It may leave, with this text, to this number."""

    to: str
    body: str
    parts: int
    cost_micros: int = 0
    # What is kept of the text, where that is not all of it.
    kept: str = ""


@dataclass(frozen=True)
class Suppress:
    reason: Reason


@dataclass(frozen=True)
class Defer:
    """It stays in the queue; `until` is on the workspace's clock."""

    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True)
class Cancel:
    reason: Reason = Reason.CANCELLED


No = Suppress | Defer | Cancel
Verdict = Admit | No


@dataclass
class Facts:
    """What the questions look at."""

    account: GatewayAccount
    now: datetime
    clock: datetime
    batches: Mapping[int, Batch]
    contacts: Mapping[int, Contact]
    phones: Mapping[int, str]  # by message
    opted_out: frozenset[tuple[str, str]]  # number, scope
    blocks: Mapping[str, Sequence[Block]]  # by number
    refused_topics: frozenset[tuple[int, int]]  # contact, topic
    # Marketing messages of the last days, by contact; grows as messages are admitted.
    recent: Counter[int]
    # How seldom contacts want to read us, where they said so; and what they got in the days that they want between two.
    seldom: Mapping[int, str]
    rarely: Counter[int]
    is_live: bool
    limits: Limits
    cap: Cap
    is_reminders_only: bool
    purse: Purse
    # The next legal moment, by purpose, place and whether it waits; None for never.
    legal: dict[tuple[str, Place, bool], datetime | None] = field(default_factory=dict)

    def batch_of(self, message: Message) -> Batch:
        return self.batches[message.batch_id]

    def contact_of(self, message: Message) -> Contact | None:
        return self.contacts.get(message.contact_id or 0)

    def purpose_of(self, message: Message) -> str:
        """A test goes to a colleague who asked for it, whatever it is a test of."""
        batch = self.batch_of(message)
        return BatchPurpose.SERVICE if batch.is_test else batch.purpose

    def is_marketing(self, message: Message) -> bool:
        return self.purpose_of(message) == BatchPurpose.MARKETING


Question = Callable[[Message, Facts], No | None]


def examine(messages: Sequence[Message], *, account: GatewayAccount, now: datetime) -> dict[int, Verdict]:
    """A verdict for each message. Runs in the transaction that hands them over, messages locked."""
    facts = read_facts(messages, account=account, now=now)
    bodies = Bodies(facts, messages)
    return {message.pk: _judge(message, facts, bodies) for message in messages}


def _judge(message: Message, facts: Facts, bodies: "Bodies") -> Verdict:
    for question in QUESTIONS:
        if no := question(message, facts):
            return no
    try:
        admitted = bodies.admit(message)
    except MissingValue:
        return Suppress(Reason.TEXT)
    return _spend(message, facts, admitted)


def has_somebody(message: Message, facts: Facts) -> No | None:
    return None if message.pk in facts.phones else Suppress(Reason.NO_CONTACT)


def has_not_opted_out(message: Message, facts: Facts) -> No | None:
    is_service = facts.purpose_of(message) == BatchPurpose.SERVICE
    refused = OptOutScope.SERVICE if is_service else OptOutScope.MARKETING
    return Suppress(Reason.OPTED_OUT) if (facts.phones[message.pk], refused) in facts.opted_out else None


def is_not_blocked(message: Message, facts: Facts) -> No | None:
    """What a block bars: docs/decisions/0011-what-lifts-an-opt-out.md."""
    batch, blocks = facts.batch_of(message), facts.blocks.get(facts.phones[message.pk], ())
    if facts.purpose_of(message) == BatchPurpose.SERVICE and not batch.asks_consent:
        blocks = [] if batch.is_immediate else [block for block in blocks if block.bars_service]
    if any(block.kind == Block.Kind.HOLD for block in blocks):
        return Suppress(Reason.ON_HOLD)
    return Suppress(Reason.BLOCKED) if blocks else None


def wants_topic(message: Message, facts: Facts) -> No | None:
    about = (message.contact_id, facts.batch_of(message).topic_id)
    return Suppress(Reason.TOPIC) if facts.is_marketing(message) and about in facts.refused_topics else None


def has_consented(message: Message, facts: Facts) -> No | None:
    if not facts.is_marketing(message):
        return None
    last_word = getattr(facts.contact_of(message), "latest_act", None)  # annotated by with_last_word
    return None if last_word in YES else Suppress(Reason.NO_CONSENT)


def fits_sector(message: Message, facts: Facts) -> No | None:
    """A practice that sends reminders only: what was queued before it said so does not leave either."""
    return Suppress(Reason.SECTOR) if facts.is_marketing(message) and facts.is_reminders_only else None


def is_still_news(message: Message, facts: Facts) -> No | None:
    """After an account was out of order for days, nobody wants to hear of last week's orders; a code expires."""
    is_service, lifetime = facts.purpose_of(message) == BatchPurpose.SERVICE, facts.batch_of(message).lifetime_minutes
    keeps = timedelta(minutes=lifetime) if lifetime else SERVICE_KEEPS
    return Suppress(Reason.TOO_OLD) if is_service and facts.now - message.created_at > keeps else None


def is_legal_hour(message: Message, facts: Facts) -> No | None:
    place = place_of(facts.contact_of(message)).as_law_sees_it
    asked = facts.purpose_of(message), place, facts.batch_of(message).is_immediate
    if asked not in facts.legal:
        facts.legal[asked] = _next_legal(*asked, facts)
    legal = facts.legal[asked]
    if legal is None:
        return Suppress(Reason.NEVER_LEGAL)
    return Defer(Reason.LEGAL_HOUR, legal) if legal > facts.clock else None


def _next_legal(purpose: str, place: Place, never_waits: bool, facts: Facts) -> datetime | None:
    try:
        return next_legal(purpose=purpose, place=place, at=facts.clock, limits=facts.limits, never_waits=never_waits)
    except NeverLegal:
        return None


def is_not_too_often(message: Message, facts: Facts) -> No | None:
    if not facts.is_marketing(message):
        return None
    if facts.rarely[message.contact_id or 0]:
        return Suppress(Reason.RARELY)
    has_had_enough = facts.recent[message.contact_id or 0] >= facts.cap.messages
    return Suppress(Reason.FREQUENCY) if has_had_enough else None


def is_running(message: Message, facts: Facts) -> No | None:
    state = facts.batch_of(message).state
    if state == Batch.State.CANCELLED:
        return Cancel()
    return None if state == Batch.State.RUNNING else Defer(Reason.PAUSED)


def has_valid_sender(message: Message, facts: Facts) -> No | None:
    try:
        check_sender_name(facts.batch_of(message).sender_name)
    except BadSender:
        return Suppress(Reason.SENDER)
    return None


def can_say_stop(message: Message, facts: Facts) -> No | None:
    """Nothing is lost by it: the messages wait until the number is back, or somebody resumes with the new one."""
    has_route = has_stop_route(facts.batch_of(message))
    return None if has_route else Defer(Reason.STOP_ROUTE, facts.clock + ASKS_AGAIN)


def is_live(_message: Message, facts: Facts) -> No | None:
    return None if facts.is_live else Defer(Reason.NOT_LIVE)


QUESTIONS: tuple[Question, ...] = (
    has_somebody,
    has_not_opted_out,
    is_not_blocked,
    has_consented,
    wants_topic,
    fits_sector,
    is_still_news,
    is_legal_hour,
    is_not_too_often,
    is_running,
    has_valid_sender,
    can_say_stop,
    is_live,
)


def _spend(message: Message, facts: Facts, admitted: Admit) -> Verdict:
    """The last question, budget; what is admitted counts for the next message of the same handful."""
    batch, is_service = facts.batch_of(message), facts.purpose_of(message) == BatchPurpose.SERVICE
    cost = facts.purse.spend(batch, territory_of(message), admitted.parts, is_service=is_service)
    if isinstance(cost, Reason):
        return Defer(cost, facts.clock + ASKS_AGAIN if batch.is_standing else None)
    if facts.is_marketing(message):
        facts.recent[message.contact_id or 0] += 1
        facts.rarely[message.contact_id or 0] += message.contact_id in facts.seldom
    return replace(admitted, cost_micros=cost)


def read_facts(messages: Sequence[Message], *, account: GatewayAccount, now: datetime) -> Facts:
    """Locks the batches that have a budget, and the contacts of marketing messages, before anything is counted."""
    batches = _batches({message.batch_id for message in messages}, account)
    contacts = _contacts({message.contact_id for message in messages if message.contact_id})
    for message in messages:
        message.batch, message.contact = batches[message.batch_id], contacts.get(message.contact_id or 0)
    phones = {message.pk: phone for message in messages if (phone := _phone_of(message, contacts))}
    digests = _digests(set(phones.values()))
    rules = rules_of(account.workspace)
    cap, seldom = cap_by(rules), _seldom(contacts)
    return Facts(
        account=account,
        now=now,
        clock=workspace_now(account.workspace, now),
        batches=batches,
        contacts=contacts,
        phones=phones,
        opted_out=_opted_out(digests),
        blocks=_blocks(digests),
        refused_topics=_refused_topics(contacts, batches.values()),
        recent=_recent(contacts, now - timedelta(days=cap.days)),
        seldom=seldom,
        rarely=_rarely(seldom, now),
        is_live=may_send(account),
        limits=limits_by(rules, account),
        cap=cap,
        is_reminders_only=rules.is_reminders_only,
        purse=Purse(account, now),
    )


def _batches(keys: Iterable[int], account: GatewayAccount) -> dict[int, Batch]:
    batches = Batch.objects.in_bulk(list(keys))
    if limited := [batch.pk for batch in batches.values() if batch.budget_micros is not None]:
        locked = Batch.objects.filter(pk__in=limited).order_by("pk").select_for_update()
        batches |= {batch.pk: batch for batch in locked}
    for batch in batches.values():
        batch.account = account
    return batches


def _contacts(keys: Collection[int]) -> dict[int, Contact]:
    those = Contact.objects.filter(pk__among=keys)
    list(those.order_by("pk").select_for_update().values_list("pk"))
    people = with_last_word(those)
    return {contact.pk: contact for contact in people.only("workspace", "phone", "territory", "time_zone", "postcode")}


def _phone_of(message: Message, contacts: Mapping[int, Contact]) -> str:
    if message.team_number:
        return message.team_number.phone
    contact = contacts.get(message.contact_id or 0)
    return contact.phone if contact else ""


def _digests(phones: Collection[str]) -> dict[bytes, str]:
    """Whose each is, under every key that an opposition or a block may have been written with."""
    hashes = zip(phones, opt_out_hashes_of(list(phones)), strict=True)
    return {digest: phone for phone, digests in hashes for digest in digests}


def _opted_out(owners: Mapping[bytes, str]) -> frozenset[tuple[str, str]]:
    """Which of the numbers said no to what."""
    rows = OptOut.objects.filter(number_hash__among=owners).values_list("number_hash", "scope")
    return frozenset((owners[bytes(digest)], scope) for digest, scope in rows)


def _blocks(owners: Mapping[bytes, str]) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in Block.objects.filter(number_hash__among=owners):
        found.setdefault(owners[bytes(block.number_hash)], []).append(block)
    return found


def _refused_topics(contacts: Iterable[int], batches: Iterable[Batch]) -> frozenset[tuple[int, int]]:
    """Contact and topic, of the topics that the batches are about."""
    topics = {batch.topic_id for batch in batches if batch.topic_id}
    refused = TopicRefusal.objects.filter(contact__among=contacts, topic__among=topics)
    return frozenset(refused.values_list("contact_id", "topic_id"))


def _seldom(contacts: Iterable[int]) -> dict[int, str]:
    return dict(Preference.objects.filter(contact__among=contacts).values_list("contact", "frequency"))


def _rarely(seldom: Mapping[int, str], now: datetime) -> Counter[int]:
    """Marketing in the days that each wants between two messages; nothing for those who never chose."""
    counts = Counter[int]()
    for frequency in Frequency:
        if those := [contact for contact, chosen in seldom.items() if chosen == frequency]:
            counts += _recent(those, now - timedelta(days=frequency.days))
    return counts


def _recent(contacts: Iterable[int], since: datetime) -> Counter[int]:
    sent = Message.objects.filter(
        contact__among=set(contacts),
        batch__purpose=BatchPurpose.MARKETING,
        batch__is_test=False,
        submitted_at__gt=since,
    ).exclude(state=Message.State.REJECTED)
    return Counter(dict(sent.values_list("contact").annotate(count=Count("pk"))))


class Bodies:
    """Texts as each recipient reads them."""

    def __init__(self, facts: Facts, messages: Sequence[Message]) -> None:
        self.facts = facts
        self.addresses = {key: _addresses(batch, messages) for key, batch in facts.batches.items()}
        self.appended = gateway_of(facts.account).capabilities.appended_stop_clause

    def admit(self, message: Message) -> Admit:
        """Raises MissingValue."""
        batch = self.facts.batch_of(message)
        links = {name: by_place[message.position] for name, by_place in self.addresses[batch.pk].items()}
        body = Template(batch.text).render(message.merge_values, links, batch.stop_clause)
        admitted = Admit(self.facts.phones[message.pk], body, self._parts(batch, body))
        if batch.lifetime_minutes is None:
            return admitted
        hidden = message.merge_values | {CODE_FIELD: HIDDEN_CODE}
        return replace(admitted, kept=Template(batch.text).render(hidden, links, batch.stop_clause))

    def _parts(self, batch: Batch, body: str) -> int:
        return parts_of(body if batch.purpose == BatchPurpose.SERVICE else body + self.appended)


def _addresses(batch: Batch, messages: Sequence[Message]) -> dict[str, dict[int, str]]:
    """`host/code` by placeholder and place."""
    places = [message.position for message in messages if message.batch_id == batch.pk]
    return {
        row.placeholder: {
            place: f"{row.link.domain.host}/{code}" for place, code in codes_at(link=row.link, positions=places).items()
        }
        for row in batch.links.select_related("link__domain", "link__workspace").order_by("pk")
    }
