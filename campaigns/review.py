"""The report card of a draft: what it costs, whom it reaches, and whether it may leave. Nothing is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.figures import smallest_units
from accounts.templatetags.ch import whole
from audience.models import Contact
from audience.queries import Reach, reachable, reachable_contacts
from campaigns.models import Campaign
from campaigns.readers import Reading, read_by
from campaigns.words import name_of_character, name_of_territory, words_of_moment
from integrations.gateways.encoding import Encoding, Measure, measure, mend
from messaging.compliance import Place, next_legal
from messaging.compose import CONTACT_FIELDS, MissingValue, PartCounter, Template, sample_links
from messaging.models import BatchPurpose, Sender
from messaging.services.senders import BadSender, check_sender_name
from messaging.services.stop_route import NoStopRoute, appended_clause, clause_of_text
from shortlinks.queries import NoShortDomain, default_domain

OK, WARN, STOP = "ok", "warn", "stop"
LINK = "link"
SAMPLE_CODE = "Ab3dE9x"


@dataclass(frozen=True)
class Line:
    """One rule of the report card: green, amber or red, and how to mend it."""

    tone: str
    subject: str | Promise
    text: str
    mend_label: str = ""
    mend_url: str = ""
    # A button of the composer instead of a link: "mend", "insert-link".
    mend_action: str = ""
    # The form field it speaks of.
    field: str | None = None


@dataclass(frozen=True)
class Departure:
    """Readers of one place, and when the message leaves for them."""

    territory: str
    readers: int
    leaves_at: datetime

    @property
    def words(self) -> str:
        place, moment = name_of_territory(self.territory), words_of_moment(self.leaves_at)
        return _("%(place)s: %(moment)s") % {"place": place, "moment": moment}


@dataclass(frozen=True)
class Review:
    """A draft as it would leave now. `now` is on the workspace's clock."""

    campaign: Campaign
    now: datetime

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

    @property
    def needs_consent(self) -> bool:
        return self.campaign.purpose == Campaign.Purpose.MARKETING

    @cached_property
    def reach(self) -> Reach:
        if self.campaign.contact_list is None:
            return Reach(0, 0, 0, 0)
        return reachable(self.campaign.contact_list, needs_consent=self.needs_consent)

    @cached_property
    def text_problems(self) -> list[str]:
        offered = (LINK,) if self.campaign.page_id else ()
        return self.template.problems(links=offered)

    @cached_property
    def reading(self) -> Reading | None:
        """Parts over the real audience; None while the text can't be filled."""
        return None if self.campaign.contact_list is None else self._read(self.template)

    def _read(self, template: Template) -> Reading | None:
        people = reachable_contacts(self.campaign.contact_list, needs_consent=self.needs_consent)  # type: ignore[arg-type]
        try:
            return read_by(people, PartCounter(template, self.links, self.ending))
        except MissingValue:
            return None

    def render(self, contact: Contact | None) -> str:
        """The text on this person's phone; holes that can't be filled stay as written."""
        known = {name: value for name in self.template.fields if (value := getattr(contact, name, ""))}
        bare = [hole.name for hole in self.template.holes if hole.fallback is None and not hole.is_link]
        return self.template.render({name: f"{{{name}}}" for name in bare} | known, self.links, self.ending)

    @cached_property
    def worst(self) -> Contact | None:
        reading = self.reading
        return Contact.objects.filter(pk=reading.worst_contact_id).first() if reading else None

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
    def cost_micros(self) -> int | None:
        if self.reading is None or self.sender is None:
            return None
        return self.reading.parts * self.sender.account.part_price_micros

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
    def mended(self) -> "Review | None":
        """The same draft with its guilty characters replaced, where that helps."""
        text = mend(self.campaign.text).text
        if not self.guilty or text == self.campaign.text:
            return None
        draft = Campaign(**{name: getattr(self.campaign, name) for name in REVIEWED}, text=text)
        return replace(self, campaign=draft)

    @property
    def replacements(self) -> tuple[tuple[str, str], ...]:
        """What mending would replace by what, a few of them."""
        return mend(self.campaign.text).replacements[:3]

    @property
    def saved_micros(self) -> int | None:
        if self.mended is None or self.cost_micros is None or self.mended.cost_micros is None:
            return None
        return self.cost_micros - self.mended.cost_micros

    @property
    def leaves_at(self) -> datetime:
        return max(self.campaign.scheduled_at or self.now, self.now)

    @cached_property
    def departures(self) -> list[Departure]:
        """When the message leaves, place by place, the largest audience first; together they are all readers."""
        if self.campaign.contact_list is None:
            return []
        people = reachable_contacts(self.campaign.contact_list, needs_consent=self.needs_consent).order_by()
        places = Contact.objects.filter(pk__in=people.values("pk")).values_list("territory", "time_zone")
        groups = places.annotate(readers=Count("pk")).order_by("-readers")
        return [
            Departure(territory, readers, self._legal_at(Place(territory, time_zone)))
            for territory, time_zone, readers in groups
        ]

    def _legal_at(self, place: Place) -> datetime:
        return next_legal(purpose=self.campaign.purpose, place=place, at=self.leaves_at)

    @property
    def local_facts(self) -> str:
        """What the browser needs to count the worst reader's text by itself while somebody types."""
        fields = {name: getattr(self.worst, name, "") for name in CONTACT_FIELDS} if self.worst else {}
        address = next(iter(self.links.values()))
        return json.dumps({"values": fields, "address": address, "ending": self.ending})

    @cached_property
    def lines(self) -> list[Line]:
        return [line for rule in RULES for line in rule(self)]

    @property
    def problems(self) -> list[Line]:
        return [line for line in self.lines if line.tone == STOP]

    @property
    def to_see(self) -> list[Line]:
        return [*self.problems, *(line for line in self.lines if line.tone == WARN)]

    @property
    def greens(self) -> list[Line]:
        return [line for line in self.lines if line.tone == OK]


REVIEWED = ("workspace", "name", "purpose", "purpose_reason", "contact_list", "sender", "page", "scheduled_at")


def build_problems(campaign: Campaign, *, now: datetime) -> list[str]:
    """What keeps the campaign from leaving, in words that say what to do. `now` is on the workspace's clock."""
    return [line.text for line in Review(campaign, now).problems]


# The rules -----------------------------------------------------------------------------------------------


def _audience(review: Review) -> Iterator[Line]:
    subject, reach = _("Audience"), review.reach
    if review.campaign.contact_list is None:
        yield Line(STOP, subject, _("Choose the list that gets this message."), field="contact_list")
    elif not reach.total:
        text = _("“%(list)s” is empty: bring in contacts, or choose another list.")
        yield Line(STOP, subject, text % {"list": review.campaign.contact_list}, field="contact_list")
    elif not reach.reachable:
        text = _("Nobody can be reached: %(opted_out)s opted out, %(without)s without proof of consent.")
        counts = {"opted_out": whole(reach.opted_out), "without": whole(reach.without_proof)}
        yield Line(STOP, subject, text % counts, field="contact_list")
    else:
        yield Line(OK, subject, _("%(count)s reachable") % {"count": whole(reach.reachable)})


def _text(review: Review) -> Iterator[Line]:
    for problem in review.text_problems:
        yield Line(STOP, _("Message"), problem, field="text")


def _encoding(review: Review) -> Iterator[Line]:
    measured = review.measured
    if review.mended:
        text = _("%(character)s is not in the SMS alphabet: %(count)s parts instead of %(after)s.") % {
            "character": name_of_character(review.guilty[0]),
            "count": measured.parts,
            "after": review.mended.measured.parts,
        }
        yield Line(WARN, _("Encoding"), text, mend_label=_("Mend"), mend_action="mend")
    elif review.guilty:
        text = _("%(characters)s is not in the SMS alphabet: a part holds 70 characters instead of 160.")
        yield Line(WARN, _("Encoding"), text % {"characters": " ".join(review.guilty[:3])})
    elif measured.parts > 1:
        yield Line(OK, _("Encoding"), _("%(count)s parts, SMS alphabet") % {"count": measured.parts})
    elif measured.parts:
        yield Line(OK, _("Encoding"), _("one part, SMS alphabet"))


def _names(review: Review) -> Iterator[Line]:
    reading = review.reading
    if reading and reading.odd_readers and not review.guilty and reading.most_parts > 1:
        text = ngettext(
            "%(count)s reader (%(names)s) gets up to %(parts)s parts.",
            "%(count)s readers (%(names)s…) get up to %(parts)s parts.",
            reading.odd_readers,
        )
        names = ", ".join(reading.odd_names)
        counts = {"count": whole(reading.odd_readers), "parts": reading.most_parts, "names": names}
        yield Line(WARN, _("Names"), text % counts)


def _sender(review: Review) -> Iterator[Line]:
    subject = _("Sender")
    if review.sender is None:
        yield Line(STOP, subject, _("Choose the sender that phones show."), field="sender")
        return
    try:
        check_sender_name(review.sender.name)
    except BadSender as error:
        yield Line(STOP, subject, str(error), field="sender")
        return
    if review.sender.account.is_enabled:
        yield Line(OK, subject, review.sender.name)
    else:
        text = _("“%(account)s” is switched off: choose another sender.")
        yield Line(STOP, subject, text % {"account": review.sender.account}, field="sender")


def _stop(review: Review) -> Iterator[Line]:
    if review.sender is None:
        return
    try:
        clause = clause_of_text(review.template, review.sender.account)
    except NoStopRoute as error:
        yield Line(STOP, _("STOP mention"), str(error), field="sender")
        return
    appended = appended_clause(review.sender.account)
    if appended and review.template.has_stop_link:
        text = _("Remove {stop_link}: the provider adds its own STOP mention.")
        yield Line(STOP, _("STOP mention"), text, field="text")
    else:
        yield Line(OK, _("STOP mention"), (clause or appended).strip() or _("opt-out address"))


def _link(review: Review) -> Iterator[Line]:
    page, has_link = review.campaign.page, bool(review.template.links)
    if page is None and not has_link:
        yield Line(WARN, _("Link"), _("No link: nothing will tell who is interested."))
    elif page is not None and not has_link:
        text = _("The text has no {link}: nobody finds the page.")
        yield Line(WARN, _("Link"), text, mend_label=_("Insert"), mend_action="insert-link")
    elif page is not None and not review.host:
        yield Line(STOP, _("Link"), _("There is no short domain yet: add one first."), field="page")
    elif page is not None:
        yield Line(OK, _("Link"), review.host)


def _page(review: Review) -> Iterator[Line]:
    page = review.campaign.page
    if page is None:
        return
    if page.live:
        yield Line(OK, _("Page"), _("published"))
    else:
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        text = _("“%(page)s” is not published.") % {"page": page}
        yield Line(STOP, _("Page"), text, mend_label=_("Publish"), mend_url=url, field="page")


def _moment(review: Review) -> Iterator[Line]:
    late = [departure for departure in review.departures if departure.leaves_at > review.leaves_at]
    if not late:
        yield Line(OK, _("Hours"), _("allowed"))
    elif len(late) == len(review.departures):
        text = _("Not allowed at this hour: it leaves %(moment)s.") % {"moment": words_of_moment(late[0].leaves_at)}
        yield Line(WARN, _("Hours"), text)
    else:
        count = sum(departure.readers for departure in late)
        yield Line(OK, _("Hours"), _("%(count)s later, where they live") % {"count": whole(count)})


def _purpose(review: Review) -> Iterator[Line]:
    campaign = review.campaign
    if campaign.purpose == BatchPurpose.INFORMATION and not campaign.purpose_reason.strip():
        yield Line(STOP, _("Purpose"), _("Say why this is information and not advertising."), field="purpose_reason")


RULES = (_audience, _text, _encoding, _names, _sender, _stop, _link, _page, _moment, _purpose)
