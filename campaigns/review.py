"""The report card of a draft: whether it may leave, and how to mend what keeps it. Nothing is written."""

from collections.abc import Iterator
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ch import whole
from campaigns.cautions import CAUTIONS
from campaigns.costs import balance_line, budget_line
from campaigns.departures import Departure
from campaigns.destinations import DESTINATIONS
from campaigns.draft import Draft
from campaigns.lines import OK, STOP, WARN, Line
from campaigns.models import LONGEST_TEXT, Campaign
from campaigns.words import name_of_character
from messaging.models import BatchPurpose
from messaging.services.batches import RemindersOnly, check_sector
from messaging.services.senders import BadSender, check_sender_name
from messaging.services.stop_route import NoStopRoute, appended_clause, clause_of_text

SHARES_TOLD = 3
OF_DESTINATION = {"page", "target_url"}


class Review(Draft):
    """A draft and what is to be said about it."""

    @cached_property
    def lines(self) -> list[Line]:
        return [line for rule in (*RULES, *CAUTIONS) for line in rule(self)]

    @property
    def problems(self) -> list[Line]:
        return [line for line in self.lines if line.tone == STOP]

    @property
    def leads_astray(self) -> bool:
        return any(line.field in OF_DESTINATION for line in self.problems)

    @property
    def to_see(self) -> list[Line]:
        return [*self.problems, *(line for line in self.lines if line.tone == WARN)]

    @property
    def greens(self) -> list[Line]:
        return [line for line in self.lines if line.tone == OK]


# The rules -----------------------------------------------------------------------------------------------


def _audience(review: Draft) -> Iterator[Line]:
    subject, reach = _("Audience"), review.reach
    if review.campaign.audience is None:
        yield Line(STOP, subject, _("Choose the list or segment that gets this message."), field="audience")
    elif review.audience_problem:
        text = _("“%(segment)s” can't be read: %(problem)s")
        words = {"segment": review.campaign.audience, "problem": review.audience_problem}
        yield Line(STOP, subject, text % words, field="audience")
    elif not reach.total:
        text = _("“%(list)s” is empty: bring in contacts, or choose another audience.")
        yield Line(STOP, subject, text % {"list": review.campaign.audience}, field="audience")
    elif not reach.writable:
        reasons = ", ".join(f"{whole(part.contacts)} {part.words}" for part in reach.parts)
        text = _("Nobody can be reached: %(reasons)s.") % {"reasons": reasons}
        yield Line(STOP, subject, text, field="audience")
    else:
        text = ngettext("%(count)s reachable", "%(count)s reachable", reach.writable)
        yield Line(OK, subject, text % {"count": whole(reach.writable)})


def _text(review: Draft) -> Iterator[Line]:
    for problem in review.text_problems:
        yield Line(STOP, _("Message"), problem, field="text")
    if (surplus := len(review.campaign.text) - LONGEST_TEXT) > 0:
        text = ngettext(
            "%(count)s character too many: shorten the text, or say the rest on a page.",
            "%(count)s characters too many: shorten the text, or say the rest on a page.",
            surplus,
        )
        yield Line(STOP, _("Message"), text % {"count": whole(surplus)}, field="text")


def _encoding(review: Draft) -> Iterator[Line]:
    parts = review.measured.parts
    if review.mended:
        text = _("%(character)s is not in the SMS alphabet: %(count)s parts in all instead of %(after)s.") % {
            "character": name_of_character(review.guilty[0]),
            "count": whole(review.all_parts),
            "after": whole(review.mended.all_parts),
        }
        label = _("Without emoji") if review.drops_emoji else _("Mend")
        yield Line(WARN, _("Encoding"), text, mend_label=label, mend_action="mend")
    elif review.guilty:
        text = _("%(characters)s is not in the SMS alphabet: a part holds 70 characters instead of 160.")
        yield Line(WARN, _("Encoding"), text % {"characters": " ".join(review.guilty[:3])})
    elif parts and not review.is_plain:
        yield Line(OK, _("Encoding"), _("SMS alphabet, but for some names"))
    elif parts:
        text = ngettext("%(count)s part, SMS alphabet", "%(count)s parts, SMS alphabet", parts)
        yield Line(OK, _("Encoding"), text % {"count": parts})


def _names(review: Draft) -> Iterator[Line]:
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


def _sender(review: Draft) -> Iterator[Line]:
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


def _stop(review: Draft) -> Iterator[Line]:
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


def _moment(review: Draft) -> Iterator[Line]:
    late = [departure for departure in review.departures if departure.is_late]
    never = [departure for departure in late if departure.leaves_at is None]
    if not late:
        yield Line(OK, _("Hours"), _("allowed for all"))
    elif len(never) == len(review.departures):
        yield Line(STOP, _("Hours"), _("Their day and the provider’s hours never meet: choose another sender."))
    elif len(late) == len(review.departures) == 1:
        text = _("Not allowed (%(why)s): it leaves %(moment)s.")
        yield Line(WARN, _("Hours"), text % {"why": late[0].why, "moment": late[0].moment})
    else:
        is_calm = len(late) < len(review.departures) and not never
        yield Line(OK if is_calm else WARN, _("Hours"), "; ".join(_shares(review.departures, review.campaign)))


def _shares(departures: list[Departure], campaign: Campaign) -> Iterator[str]:
    """`1,130 now; Martinique: 41 at 13:00 (before 08:00 there)`."""
    if on_time := sum(departure.readers for departure in departures if not departure.is_late):
        text = _("%(count)s at that hour") if campaign.scheduled_at else _("%(count)s now")
        yield text % {"count": whole(on_time)}
    late = [departure for departure in departures if departure.is_late]
    for departure in late[:SHARES_TOLD]:
        words = {"place": departure.place, "count": whole(departure.readers), "moment": departure.moment}
        yield _("%(place)s: %(count)s %(moment)s (%(why)s)") % (words | {"why": departure.why})
    if more := sum(departure.readers for departure in late[SHARES_TOLD:]):
        yield _("%(count)s elsewhere, later") % {"count": whole(more)}


def _purpose(review: Draft) -> Iterator[Line]:
    campaign = review.campaign
    if campaign.purpose == BatchPurpose.INFORMATION and not campaign.purpose_reason.strip():
        yield Line(STOP, _("Purpose"), _("Say why this is information and not advertising."), field="purpose_reason")
    try:
        check_sector(review.rules, campaign.purpose)
    except RemindersOnly as error:
        yield Line(STOP, _("Purpose"), str(error), field="purpose")


RULES = (
    _audience,
    _text,
    _encoding,
    _names,
    _sender,
    _stop,
    *DESTINATIONS,
    _moment,
    budget_line,
    balance_line,
    _purpose,
)
