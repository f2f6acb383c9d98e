"""If, wait, and how often: what an automation's form asks besides its text."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import mod
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from accounts.admin import WorkspaceForm
from accounts.money import MoneyField
from audience.models import Attribute
from campaigns.criteria import AGAIN, FIRST, Conditions
from campaigns.models import MORNING, Automation
from campaigns.notice import DAY
from campaigns.triggers import asking, triggers
from integrations.calls import EVENT, FIELD

MOST_WORDS = 20
# Fields of the form that are columns; the others are conditions.
COLUMNS = {field.name: field for field in Automation._meta.concrete_fields}
# A plural with its number is words at once, in whatever language that moment has: these are said when they are read.
counted = lazy(mod, str)
MINUTES: list[tuple[int, str | Promise]] = [
    (0, gettext_lazy("not at all")),
    (10, gettext_lazy("10 minutes")),
    (30, gettext_lazy("30 minutes")),
    *[(60 * hours, counted(ngettext_lazy("%d hour", "%d hours"), hours)) for hours in (1, 2, 4, 12)],
    *[(1_440 * days, counted(ngettext_lazy("%d day", "%d days"), days)) for days in (1, 2, 3, 7, 14, 30)],
]
LEADS: list[tuple[int, str | Promise]] = [
    (0, gettext_lazy("the same day")),
    *[(hours, counted(ngettext_lazy("%d hour before", "%d hours before"), hours)) for hours in (1, 2, 4, 12)],
    *[(24 * days, counted(ngettext_lazy("%d day before", "%d days before"), days)) for days in (1, 2, 3, 7, 14, 30)],
]
HOURS: list[tuple[int | str, str | Promise]] = [
    ("", gettext_lazy("as old as the law of its event lets it be")),
    *[(hours, counted(ngettext_lazy("%d hour", "%d hours"), hours)) for hours in (1, 2, 6, 12, 24, 48)],
]
ORDERS = [
    ("", gettext_lazy("any order")),
    (FIRST, gettext_lazy("their first order")),
    (AGAIN, gettext_lazy("any but their first")),
]
# Attributes that can hold an answer.
ANSWERABLE = (Attribute.Kind.YES_NO, Attribute.Kind.TEXT)
CONDITIONS = ("least_total", "most_total", "countries", "languages", "products", "history")
REPLIES = ("asks_reply", "reply_attribute")
EVENTS = ("event_name", "event_fields", "lifetime_minutes", "form_page")
REMINDERS = ("date_attribute", "lead_hours", "at_time")
# Nobody makes an automation without these.
ALWAYS = ("name", "trigger", "text")
LIMITS = ("max_age_hours", "gives_way", "cap_messages", "cap_days", "budget")


class WordsField(forms.CharField):
    """Words with commas between them, as a list; `pattern` is what each must be."""

    def __init__(self, *, pattern: str = ".{1,60}", is_lower: bool = True, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=400, **kwargs)
        self.pattern, self.is_lower = re.compile(pattern), is_lower

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        typed = [word.strip() for word in super().clean(value).split(",")]
        words = list(dict.fromkeys(word.lower() if self.is_lower else word.upper() for word in typed if word))
        if wrong := [word for word in words if not self.pattern.fullmatch(word)]:
            raise ValidationError(_("“%(word)s” can't be used here.") % {"word": wrong[0][:60]})
        if len(words) > MOST_WORDS:
            raise ValidationError(_("That is more than %(most)s.") % {"most": MOST_WORDS})
        return words


class AnswersForm(WorkspaceForm):
    """Which events it answers, when, and how often."""

    least_total = MoneyField(label=gettext_lazy("Total at least"))
    most_total = MoneyField(label=gettext_lazy("Total at most"))
    countries = WordsField(
        label=gettext_lazy("Countries"),
        pattern="[A-Z]{2}",
        is_lower=False,
        help_text=gettext_lazy("Codes with commas between them, such as FR, BE. Empty: any."),
    )
    languages = WordsField(
        label=gettext_lazy("Languages"),
        pattern="[a-z]{2}",
        help_text=gettext_lazy("Codes with commas between them, such as fr, en. Empty: any."),
    )
    products = WordsField(
        label=gettext_lazy("Products"),
        help_text=gettext_lazy("Words, one of which stands in the name of a product ordered. Empty: any."),
    )
    history = forms.ChoiceField(label=gettext_lazy("Customers"), choices=ORDERS, required=False)
    delay_minutes = forms.TypedChoiceField(
        label=pgettext_lazy("automation", "Wait"), choices=MINUTES, coerce=int, empty_value=None, required=False
    )
    max_age_hours = forms.TypedChoiceField(
        label=gettext_lazy("Only if the event is not older than"),
        choices=HOURS,
        coerce=int,
        empty_value=None,
        required=False,
    )
    lead_hours = forms.TypedChoiceField(
        label=gettext_lazy("How long before"), choices=LEADS, coerce=int, empty_value=None, required=False
    )
    event_name = forms.RegexField(
        rf"^{EVENT.pattern}\Z",
        label=gettext_lazy("Name of the event"),
        required=False,
        help_text=gettext_lazy("As your program tells it, such as appointment_booked: see Sources of events."),
    )
    event_fields = WordsField(
        label=gettext_lazy("Fields of the event"),
        pattern=FIELD.pattern,
        help_text=gettext_lazy(
            "Names with commas between them, such as service, place. In the text each needs words for calls without "
            "it: {service|your appointment}."
        ),
    )
    budget = MoneyField(label=gettext_lazy("Budget a month"), help_text=gettext_lazy("Empty: any amount."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply_attribute"].queryset = self.fields["reply_attribute"].queryset.filter(kind__in=ANSWERABLE)
        self.fields["reply_attribute"].empty_label = gettext_lazy("Nothing of theirs")
        dates = self.fields["date_attribute"]
        dates.queryset = dates.queryset.filter(kind__in=Attribute.DATED)
        dates.empty_label = gettext_lazy("Choose a date")
        self.fields["at_time"].required = self.fields["lifetime_minutes"].required = False
        currency = self.instance.workspace.currency
        for name in ("least_total", "most_total", "budget"):
            self.fields[name].in_currency(currency)
        for name, value in self.instance.conditions.items():
            self.initial.setdefault(name, value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._forget_what_nobody_asked(cleaned)
        cleaned["delay_minutes"] = cleaned.get("delay_minutes") or 0
        cleaned["at_time"] = cleaned.get("at_time") or MORNING
        cleaned["lifetime_minutes"] = cleaned.get("lifetime_minutes") or COLUMNS["lifetime_minutes"].get_default()
        if cleaned.get("lead_hours") is None:
            cleaned["lead_hours"] = DAY
        least, most = cleaned.get("least_total"), cleaned.get("most_total")
        if least and most and least > most:
            self.add_error("most_total", _("Less than the least: no order fits."))
        self.instance.conditions = Conditions.of(
            {name: cleaned.get(name) or () for name in CONDITIONS} | {"least_total": least, "most_total": most},
            self.instance.workspace.currency,
        ).kept()
        return cleaned

    def _forget_what_nobody_asked(self, cleaned: dict[str, Any]) -> None:
        """Fields that the trigger does not ask are not seen: they are as if nobody had typed into them."""
        trigger = triggers().get(cleaned.get("trigger", ""))
        for name in asking() if trigger else ():
            if trigger and name in self.fields and name not in trigger.asks:
                self.errors.pop(name, None)
                cleaned[name] = COLUMNS[name].get_default() if name in COLUMNS else None

    def groups(self) -> Iterator["Group"]:
        """The form as the sentence that it is: when, if, wait, send."""
        plain, waiting = ["name", "trigger", "shop", *REMINDERS, *EVENTS], ["delay_minutes", *LIMITS]
        said = [name for name in self.fields if name not in {*plain, *CONDITIONS, *waiting, *REPLIES}]
        yield self._group(pgettext_lazy("automation", "When"), plain)
        yield self._group(pgettext_lazy("automation", "Send"), said)
        yield self._group(pgettext_lazy("automation", "Only if"), CONDITIONS)
        yield self._group(pgettext_lazy("automation", "Wait, and how often"), waiting)
        yield self._group(pgettext_lazy("automation", "Replies"), REPLIES)

    def _group(self, title: str | Promise, names: Iterable[str]) -> "Group":
        asked = asking()
        fields = [(self[name], rules_of(asked.get(name))) for name in names]
        wanted = [asked.get(name) for name in names]
        everywhere = None in wanted
        rules = "" if everywhere else rules_of({slug for slugs in wanted for slug in slugs or ()})
        return Group(title, fields, rules, is_needless=not any(map(self._is_used, names)))

    def _is_used(self, name: str) -> bool:
        """Whether somebody must, or did, say something there."""
        given = self[name].value()
        usual = COLUMNS[name].get_default() if name in COLUMNS else None
        is_usual = given in (None, "", False) or str(given) == str(usual)
        return bool(self.errors.get(name)) or name in ALWAYS or not is_usual


@dataclass(frozen=True)
class Group:
    """Fields under a title, each with the triggers that ask for it: empty where all do."""

    title: str | Promise
    fields: list[tuple[BoundField, str]]
    rules: str
    # Nothing in it has been used: it may stay folded.
    is_needless: bool


def rules_of(slugs: Iterable[str] | None) -> str:
    """As the browser reads it: shown while one of these is chosen."""
    return json.dumps({"trigger": sorted(slugs)}) if slugs else ""
