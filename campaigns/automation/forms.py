"""If, wait, and how often: what an automation's form asks besides its text."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy, pgettext_lazy

from accounts.admin import WorkspaceForm
from accounts.money import MoneyField
from audience.models import Attribute
from campaigns.criteria import AGAIN, FIRST, Conditions

MOST_WORDS = 20
MINUTES: list[tuple[int, str | Promise]] = [
    (0, gettext_lazy("not at all")),
    (10, gettext_lazy("10 minutes")),
    (30, gettext_lazy("30 minutes")),
    *[(60 * hours, ngettext_lazy("%d hour", "%d hours") % hours) for hours in (1, 2, 4, 12)],
    *[(1_440 * days, ngettext_lazy("%d day", "%d days") % days) for days in (1, 2, 3, 7, 14, 30)],
]
HOURS: list[tuple[int | str, str | Promise]] = [
    ("", gettext_lazy("as old as the law of its event lets it be")),
    *[(hours, ngettext_lazy("%d hour", "%d hours") % hours) for hours in (1, 2, 6, 12, 24, 48)],
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
    budget = MoneyField(label=gettext_lazy("Budget a month"), help_text=gettext_lazy("Empty: any amount."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply_attribute"].queryset = self.fields["reply_attribute"].queryset.filter(kind__in=ANSWERABLE)
        self.fields["reply_attribute"].empty_label = gettext_lazy("Nothing of theirs")
        currency = self.instance.workspace.currency
        for name in ("least_total", "most_total", "budget"):
            self.fields[name].in_currency(currency)
        for name, value in self.instance.conditions.items():
            self.initial.setdefault(name, value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["delay_minutes"] = cleaned.get("delay_minutes") or 0
        least, most = cleaned.get("least_total"), cleaned.get("most_total")
        if least and most and least > most:
            self.add_error("most_total", _("Less than the least: no order fits."))
        self.instance.conditions = Conditions.of(
            {name: cleaned.get(name) or () for name in CONDITIONS} | {"least_total": least, "most_total": most},
            self.instance.workspace.currency,
        ).kept()
        return cleaned

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        """The form as the sentence that it is: when, if, wait, send."""
        plain = ["name", "trigger", "shop"]
        said = [name for name in self.fields if name not in {*plain, *CONDITIONS, *LIMITS, *REPLIES, "delay_minutes"}]
        yield pgettext_lazy("automation", "When"), [self[name] for name in plain]
        yield pgettext_lazy("automation", "Send"), [self[name] for name in said]
        yield pgettext_lazy("automation", "Only if"), [self[name] for name in CONDITIONS]
        yield pgettext_lazy("automation", "Wait, and how often"), [self[name] for name in ("delay_minutes", *LIMITS)]
        yield pgettext_lazy("automation", "Replies"), [self[name] for name in REPLIES]
