"""What a form of a page can ask for: kinds, contact details, questions, boxes to tick."""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    CONTACT = "contact", _("Contact details")
    CONTEST = "contest", _("Contest")
    RSVP = "rsvp", _("Answer to an invitation")
    SURVEY = "survey", _("Survey")


DETAILS = [
    ("first_name", _("First name")),
    ("last_name", _("Last name")),
    ("phone", _("Mobile number")),
    ("email", _("E-mail")),
    ("postcode", _("Postcode")),
]
SHAPES = [
    ("short", _("A line")),
    ("long", _("Some sentences")),
    ("one", _("One of several choices")),
    ("several", _("Any of several choices")),
    ("number", _("A number")),
    ("date", _("A date")),
]
MARKETING, TERMS, OTHER = "marketing", "terms", "other"
PURPOSES = [
    (MARKETING, _("Offers by SMS: goes into the consent ledger")),
    (TERMS, _("Rules of taking part: has to be ticked")),
    (OTHER, _("Something else: kept with the answer")),
]


def options_of(question: Mapping[str, Any]) -> list[str]:
    """The choices of a question, without repetitions."""
    lines = (line.strip()[:120] for line in str(question.get("options") or "").splitlines())
    return list(dict.fromkeys(line for line in lines if line))
