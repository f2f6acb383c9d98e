"""A draft as it would read, cost and leave: facts only, nothing is judged and nothing written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from math import ceil
from typing import Self

from django.db.models import QuerySet

from accounts.figures import smallest_units
from audience.models import Contact
from audience.registry import Explanation
from audience.segments.rules import BadRules
from campaigns.audience import audience_of, words_of_audience
from campaigns.changes import Change, changes_between
from campaigns.departures import Departure, departures_of
from campaigns.models import Campaign
from campaigns.readers import Group, Reading, groups_of, read_by
from integrations.gateways.encoding import Encoding, Measure, Mended, drop_emoji, measure, mend
from messaging.compose import CODE_FIELD, CONTACT_FIELDS, MissingValue, PartCounter, Template, sample_links
from messaging.forecast import finish_at
from messaging.merge_fields import MergeField, merge_fields_of, offered_attributes
from messaging.models import Sender, SendingRules
from messaging.queries import explain_audience, writable_contacts
from messaging.rules import cap_by, limits_by, rules_of
from messaging.services.promo import sample_code
from messaging.services.stop_route import NoStopRoute, appended_clause, clause_of_text
from messaging.spending import estimate
from shortlinks.queries import NoShortDomain, default_domain

LINK = "link"
SAMPLE_CODE = "Ab3dE9x"
REVIEWED = (
    "workspace",
    "name",
    "purpose",
    "purpose_reason",
    "topic",
    "contact_list",
    "segment",
    "sender",
    "page",
    "target_url",
    "promo_pool",
    "scheduled_at",
    "budget",
    "per_hour",
    "pilot_percent",
)


@dataclass(frozen=True)
class Draft:
    """A draft as it would leave now. `now` is on the workspace's clock."""

    campaign: Campaign
    now: datetime
    # Of a draft that differs in a few characters only.
    known_groups: list[Group] | None = None

    @cached_property
    def template(self) -> Template:
        return Template(self.campaign.text)

    @cached_property
    def sender(self) -> Sender | None:
        return self.campaign.sender

    @cached_property
    def host(self) -> str:
        try:
            return default_domain(workspace=self.campaign.workspace).host
        except NoShortDomain:
            return ""

    @cached_property
    def links(self) -> Mapping[str, str]:
        """Addresses as long as the real ones will be."""
        return sample_links(self.template.links, f"{self.host or 'example.fr'}/{SAMPLE_CODE}")

    @cached_property
    def ending(self) -> str:
        """The STOP mention, whoever writes it."""
        if self.sender is None:
            return ""
        try:
            clause = clause_of_text(self.template, self.sender.account)
        except NoStopRoute:
            return ""
        return clause + appended_clause(self.sender.account)

    @cached_property
    def audience(self) -> QuerySet[Contact]:
        """Everybody it would be for, at the moment it leaves; nobody where the segment can't be read."""
        try:
            return audience_of(self.campaign, self.leaves_at)
        except BadRules:
            return Contact.objects.none()

    @cached_property
    def audience_problem(self) -> str:
        """What is wrong with the segment."""
        try:
            audience_of(self.campaign, self.leaves_at)
        except BadRules as error:
            return str(error)
        return ""

    @property
    def audience_words(self) -> str:
        return words_of_audience(self.campaign)

    @cached_property
    def reach(self) -> Explanation:
        if self.campaign.audience is None:
            return Explanation(0, 0)
        campaign = self.campaign
        return explain_audience(
            self.audience, purpose=campaign.purpose, topic=campaign.topic, now=self.leaves_at, cap=cap_by(self.rules)
        )

    @cached_property
    def text_problems(self) -> list[str]:
        own = [field.name for field in self.merge_fields if field.attribute]
        return self.template.problems(
            extra_fields=(CODE_FIELD,) if self.campaign.promo_pool else (),
            links=(LINK,) if self.campaign.leads_somewhere else (),
            own_fields=own,
        )

    @cached_property
    def code(self) -> dict[str, str]:
        """What stands for `{code}`: the one of all, or one as long as the longest."""
        pool = self.campaign.promo_pool
        return {CODE_FIELD: sample_code(pool)} if pool and CODE_FIELD in self.template.fields else {}

    @cached_property
    def merge_fields(self) -> list[MergeField]:
        """What the readers fill the text with."""
        return merge_fields_of(self.template)

    @cached_property
    def groups(self) -> list[Group]:
        """The readers, together where they are alike."""
        if self.known_groups is not None:
            return self.known_groups
        if self.campaign.audience is None:
            return []
        return groups_of(self.readers, self.merge_fields)

    @cached_property
    def rules(self) -> SendingRules:
        return rules_of(self.campaign.workspace)

    @property
    def readers(self) -> QuerySet[Contact]:
        """Those of the audience who may be written to."""
        campaign = self.campaign
        return writable_contacts(
            self.audience, purpose=campaign.purpose, topic=campaign.topic, now=self.leaves_at, cap=cap_by(self.rules)
        )

    @cached_property
    def reading(self) -> Reading | None:
        """Parts over the real audience; None while there is none, or the text can't be filled."""
        try:
            counter = PartCounter(self.template, self.links, self.ending)
            return read_by(self.groups, counter, self.code) if self.groups else None
        except MissingValue:
            return None

    def render(self, contact: Contact | None) -> str:
        """The text on this person's phone; holes that can't be filled stay as written."""
        known = {field.name: value for field in self.merge_fields if contact and (value := field.read(contact))}
        known |= self.code
        bare = [hole.name for hole in self.template.holes if hole.fallback is None and not hole.is_link]
        return self.template.render({name: f"{{{name}}}" for name in bare} | known, self.links, self.ending)

    @cached_property
    def worst(self) -> Contact | None:
        reading = self.reading
        return Contact.objects.filter(pk=reading.worst_contact_id or 0).first() if reading else None

    @cached_property
    def measured(self) -> Measure:
        """The text of the worst reader, or of nobody in particular."""
        return measure(self.render(self.worst) if self.campaign.text.strip() else "")

    @property
    def room(self) -> int:
        """Units that this many parts have."""
        return self.measured.per_part * max(self.measured.parts, 1)

    @property
    def pieces(self) -> list[int]:
        """How full each part is."""
        full, last = divmod(self.measured.units, self.measured.per_part)
        return [self.measured.per_part] * full + ([last] if last else [])

    @property
    def is_plain(self) -> bool:
        return self.measured.encoding == Encoding.GSM_7

    @property
    def all_parts(self) -> int:
        """Of all readers together; of one where there is nobody yet."""
        return self.reading.parts if self.reading else self.measured.parts

    @cached_property
    def cost_micros(self) -> int | None:
        if self.reading is None or self.sender is None:
            return None
        return estimate(self.sender.account, self.reading.parts_by_territory, at=self.leaves_at)

    @property
    def cost(self) -> int | None:
        """In the smallest unit of the workspace's currency."""
        return self._in_units(self.cost_micros)

    @property
    def saved(self) -> int | None:
        return self._in_units(self.saved_micros)

    def _in_units(self, micros: int | None) -> int | None:
        return None if micros is None else smallest_units(micros, self.campaign.workspace.currency)

    @cached_property
    def guilty(self) -> tuple[str, ...]:
        """Characters of the text itself that double its price."""
        return tuple(dict.fromkeys(character for _index, character in measure(self.campaign.text).guilty))

    @cached_property
    def mended(self) -> "Self | None":
        """The same draft with its guilty characters replaced and its emoji dropped, where that helps."""
        text = self._bare.text
        return self.with_text(text) if self.guilty and text != self.campaign.text else None

    def with_text(self, text: str) -> Self:
        """The same draft, had it been written so."""
        draft = Campaign(**{name: getattr(self.campaign, name) for name in REVIEWED}, text=text)
        return replace(self, campaign=draft, known_groups=self.groups)

    @cached_property
    def with_emoji(self) -> "Self | None":
        """What one emoji would make of a text that has none: told before it is put in."""
        return self.with_text(f"{self.campaign.text}🙂") if self.campaign.text.strip() and not self.guilty else None

    @cached_property
    def _bare(self) -> Mended:
        return drop_emoji(mend(self.campaign.text).text)

    @property
    def drops_emoji(self) -> bool:
        """Mending takes something away: said on its button."""
        return bool(self._bare.replacements)

    @property
    def changes(self) -> list[Change]:
        """What mending would do to the text, word by word."""
        return list(changes_between(self.campaign.text, self._bare.text))

    @property
    def saved_micros(self) -> int | None:
        if self.mended is None or self.cost_micros is None or self.mended.cost_micros is None:
            return None
        return self.cost_micros - self.mended.cost_micros

    @property
    def leaves_at(self) -> datetime:
        return max(self.campaign.scheduled_at or self.now, self.now)

    @property
    def first_share(self) -> int | None:
        """How many get it first, where somebody looks before the rest follows."""
        percent = self.campaign.pilot_percent
        return None if percent is None else ceil(self.reach.writable * percent / 100)

    @property
    def finishes_at(self) -> datetime | None:
        """When the last one leaves, of the first share where there is one; None when nobody can tell."""
        if self.sender is None:
            return None
        messages, per_hour = self.first_share or self.reach.writable, self.campaign.per_hour
        account, purpose = self.sender.account, self.campaign.purpose
        return finish_at(account, messages, purpose=purpose, per_hour=per_hour, at=self.leaves_at)

    @cached_property
    def departures(self) -> list[Departure]:
        """When the message leaves, place by place, the largest audience first; together they are all readers."""
        if self.campaign.audience is None:
            return []
        account = self.sender.account if self.sender else None
        limits = limits_by(self.rules, account)
        return departures_of(self.readers, purpose=self.campaign.purpose, at=self.leaves_at, limits=limits)

    @property
    def local_facts(self) -> str:
        """What the browser needs to count the worst reader's text by itself while somebody types."""
        offered = [*map(MergeField, CONTACT_FIELDS), *(MergeField(one.slug, one) for one in offered_attributes())]
        fields = {field.name: field.read(self.worst) for field in offered} if self.worst else {}
        fields |= self.code
        address = next(iter(self.links.values()))
        return json.dumps({"values": fields, "address": address, "ending": self.ending})
