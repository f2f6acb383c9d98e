"""Why a message was not sent or did not arrive, in words that a marketer reads, each with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import ErrorClass
from messaging.models import Message
from reports.queries import ReasonCount

Words = str | Promise
State = Message.State

WORDS: dict[str, tuple[Words, Words]] = {
    "no_contact": (_("Contact erased"), ""),
    "opted_out": (_("Opted out"), _("They will not be written to again.")),
    "on_hold": (_("A “stop” to be read first"), _("Read it in the inbox and decide.")),
    "blocked": (_("On the block list"), _("Lift the block if it is a mistake.")),
    "topic": (_("Can do without this topic"), _("They chose so on the preference page.")),
    "rarely": (_("Asked for fewer messages"), _("They chose so on the preference page.")),
    "no_consent": (_("No proof of consent"), _("Add the proof to the list they came from.")),
    "legal_hour": (_("Waits for a legal hour"), _("Leaves by itself at the next permitted hour.")),
    "frequency": (_("Has had enough messages lately"), _("The cap protects your sender.")),
    "never_legal": (
        _("Their day and the provider’s hours never meet"),
        _("Choose a gateway account whose provider does not hold messages then."),
    ),
    "sector": (_("This workspace sends reminders only"), _("An owner changes the sector in the rules of sending.")),
    "paused": (_("The campaign is paused"), _("Leaves when you resume it.")),
    "cancelled": (_("The campaign was cancelled"), ""),
    "sender": (_("Operators refuse the sender"), _("Check the sender in the settings.")),
    "stop_route": (
        _("No way to say STOP"),
        _("Give the gateway account its STOP number; pause and resume to use a new one."),
    ),
    "budget": (_("Budget of the campaign used up"), _("Raise it: what waits leaves then.")),
    "month_budget": (_("Budget of the month used up"), _("An owner raises it in the settings, then resume.")),
    "pilot": (_("After the first share"), _("Look at what came of it, then send the rest.")),
    "too_old": (_("Too late"), _("The news was more than a day old when it could leave at last.")),
    "not_live": (_("Real sending is not switched on"), _("An administrator binds this installation first.")),
    "unreadable": (_("Number can’t be read"), _("An administrator puts back the key it was sealed with.")),
    "text": (_("A field of the text is empty"), _("Give the field a fallback: {first_name|there}.")),
    "absent": (_("Queued again"), _("It had never reached the provider.")),
    ErrorClass.THROTTLED: (_("Provider is busy"), _("Tried again by itself.")),
    ErrorClass.GATEWAY_DOWN: (_("Provider can't be reached"), _("Tried again by itself.")),
    ErrorClass.AUTH: (_("Provider refuses our credentials"), _("Check the gateway account.")),
    ErrorClass.CREDIT: (_("No credit left at the provider"), _("Top up the account, then resume.")),
    ErrorClass.RECIPIENT: (_("Number not in use"), _("Ask the customer for a new one.")),
    ErrorClass.SENDER: (_("Provider refuses the sender"), _("Register the sender with the provider.")),
    ErrorClass.OPTED_OUT: (_("Opted out at the provider"), _("They will not be written to again.")),
    ErrorClass.CONTENT: (_("Provider refuses the text"), _("Change the text before the next campaign.")),
    ErrorClass.EXPIRED: (_("Phone out of reach for too long"), ""),
}

# Where a state has no reason of its own.
BY_STATE: dict[str, Words] = {
    State.UNDELIVERED: _("Refused by the operator"),
    State.EXPIRED: _("Phone out of reach for too long"),
    State.REJECTED: _("Refused by the provider"),
    State.UNKNOWN: _("Handed over, answer awaited"),
    State.SUPPRESSED: _("Held back"),
    State.CANCELLED: _("The campaign was cancelled"),
}


@dataclass(frozen=True)
class Explained:
    """A reason in words, and how many it concerns."""

    messages: int
    words: str
    mend: str


def explain(state: str, reason: str) -> tuple[str, str]:
    """Words and mend of one reason; a code we have no words for is shown as it is."""
    if reason in WORDS:
        words, mend = WORDS[reason]
        return str(words), str(mend)
    return (gettext(reason.replace("_", " ").capitalize()), "") if reason else (str(BY_STATE.get(state, state)), "")


def explained(reasons: Iterable[ReasonCount], states: Iterable[str]) -> list[Explained]:
    """The reasons of these states, the most frequent first."""
    wanted = set(states)
    return [Explained(row.messages, *explain(row.state, row.reason)) for row in reasons if row.state in wanted]
