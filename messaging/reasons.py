"""Why a message is not leaving, in words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import ErrorClass


class Reason(TextChoices):
    """Why a message is not leaving, or not yet."""

    NO_CONTACT = "no_contact", _("Not sent: the contact was erased")
    OPTED_OUT = "opted_out", _("Not sent: opted out")
    ON_HOLD = "on_hold", _("Not sent: a “stop” of theirs is to be read first")
    BLOCKED = "blocked", _("Not sent: on the block list")
    TOPIC = "topic", _("Not sent: can do without this topic")
    RARELY = "rarely", _("Not sent: asked for fewer messages")
    NO_CONSENT = "no_consent", _("Not sent: no consent")
    LEGAL_HOUR = "legal_hour", _("Waits for a legal hour")
    NEVER_LEGAL = "never_legal", _("Not sent: their day and the provider’s hours never meet")
    FREQUENCY = "frequency", _("Not sent: has had enough messages lately")
    SECTOR = "sector", _("Not sent: this workspace sends reminders only")
    PAUSED = "paused", _("Paused")
    PILOT = "pilot", _("Paused: its first share has left")
    CANCELLED = "cancelled", _("Cancelled")
    SENDER = "sender", _("Not sent: operators refuse the sender")
    STOP_ROUTE = "stop_route", _("Waits: the STOP number in the text is no longer ours")
    BUDGET = "budget", _("Waits: the budget of the campaign is used up")
    MONTH_BUDGET = "month_budget", _("Waits: the budget of the month is used up")
    NOT_LIVE = "not_live", _("Waits: real sending is not switched on")
    TOO_OLD = "too_old", _("Not sent: too old by now")
    TEXT = "text", _("Not sent: a field of the text is empty")
    UNREADABLE = "unreadable", _("Not sent: the number can’t be read with the keys there are")
    ABSENT = "absent", _("Queued again: it never reached the provider")


# What providers refuse, in words.
REFUSALS = {
    ErrorClass.THROTTLED: _("Waits: the provider asked us to slow down"),
    ErrorClass.GATEWAY_DOWN: _("Waits: the provider can't be reached"),
    ErrorClass.AUTH: _("Waits: the provider refuses our credentials"),
    ErrorClass.CREDIT: _("Waits: no credit left at the provider"),
    ErrorClass.RECIPIENT: _("Refused: no such number"),
    ErrorClass.SENDER: _("Refused: the provider does not know this sender"),
    ErrorClass.OPTED_OUT: _("Refused: opted out at the provider"),
    ErrorClass.CONTENT: _("Refused: the provider does not take this text"),
    ErrorClass.EXPIRED: _("Refused: too late"),
}


def reason_label(code: str) -> str:
    """A message's reason in words; empty where there is none."""
    if code in Reason.values:
        return str(Reason(code).label)
    return str(REFUSALS.get(ErrorClass(code), "")) if code in REFUSALS else ""
