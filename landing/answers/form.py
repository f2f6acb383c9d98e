"""The form that a form block shows, built from its data, and what somebody wrote into it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from audience.phone import NotAMobile, parse_mobile
from landing.answers.asking import DETAILS, MARKETING, TERMS, Kind, options_of

# What phones may fill in by themselves.
AUTOFILL = {
    "first_name": "given-name",
    "last_name": "family-name",
    "phone": "tel",
    "email": "email",
    "postcode": "postal-code",
}
MOST_PEOPLE = 20


class AnswerForm(forms.Form):
    """Fields in the order of the page; `boxes` are what can be ticked."""

    def __init__(self, block: Any, workspace: Workspace | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block, self.workspace = block, workspace
        self.fields |= dict(_details(block)) | dict(_presence(block)) | dict(_questions(block)) | dict(_boxes(block))
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
                field.widget.attrs.setdefault("class", "in")

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        try:
            return parse_mobile(typed, self.workspace.country if self.workspace else "FR").e164 if typed else ""
        except NotAMobile as error:
            raise forms.ValidationError(str(error.reason), code="phone") from None

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("box-")]

    @property
    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("box-")]

    @property
    def details(self) -> dict[str, str]:
        """What the contact is to know, besides the number."""
        return {name: self.cleaned_data[name] for name, _label in DETAILS if self.cleaned_data.get(name)}

    @property
    def words(self) -> list[list[str]]:
        """Question and answer."""
        return [[str(bound.label), _written(self._chosen(bound.name))] for bound in self.asked]

    def _chosen(self, name: str) -> Any:
        """What was sent; of a choice, the words that were read."""
        value = self.cleaned_data[name]
        choices: Any = getattr(self.fields[name], "choices", ())
        return dict(choices).get(value, value) if isinstance(value, str) else value

    @property
    def ticked(self) -> list[dict[str, str]]:
        """Purpose and exact words of the boxes that were ticked."""
        ticked = [self.cleaned_data[bound.name] for bound in self.boxes]
        pairs = zip(self.block["boxes"], ticked, strict=True)
        return [{"purpose": box["purpose"], "wording": box["wording"]} for box, is_ticked in pairs if is_ticked]

    @property
    def offers(self) -> list[str]:
        """Exact words of the boxes that were ticked for offers by SMS."""
        return [box["wording"] for box in self.ticked if box["purpose"] == MARKETING]


def form_for(
    value: Any, *, workspace: Workspace | None, block: str, data: Mapping[str, Any] | None = None
) -> AnswerForm:
    """The form of a block's data; its fields have ids that are unique on a page with several forms."""
    return AnswerForm(value, workspace, data=data, auto_id=f"{block[:8] or 'form'}-%s", label_suffix="")


def _details(block: Any) -> Iterator[tuple[str, forms.Field]]:
    for name, label in DETAILS:
        if name in (block.get("details") or ()):
            attrs = {"autocomplete": AUTOFILL[name]}
            if name == "email":
                yield name, forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs))
            else:
                widget = forms.TextInput(attrs | ({"inputmode": "tel"} if name == "phone" else {}))
                yield name, forms.CharField(label=label, max_length=10 if name == "postcode" else 80, widget=widget)


def _presence(block: Any) -> Iterator[tuple[str, forms.Field]]:
    if block.get("kind") == Kind.RSVP:
        answers = [("yes", _("I come")), ("no", _("I can’t come"))]
        yield "coming", forms.ChoiceField(label=_("Will you come?"), choices=answers, widget=forms.RadioSelect)
        yield (
            "people",
            forms.IntegerField(
                label=_("With you, how many are you?"), min_value=1, max_value=MOST_PEOPLE, initial=1, required=False
            ),
        )


def _questions(block: Any) -> Iterator[tuple[str, forms.Field]]:
    for number, child in enumerate(block["questions"].bound_blocks if block.get("questions") else ()):
        yield f"q{(child.id or str(number))[:8]}", _question(child.value)


def _question(question: Any) -> forms.Field:
    common: dict[str, Any] = {"label": question["label"], "required": question["is_required"]}
    choices = [(option, option) for option in options_of(question)]
    match question["shape"]:
        case "long":
            return forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 3}), **common)
        case "one":
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        case "several":
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
        case "number":
            return forms.IntegerField(min_value=-(10**9), max_value=10**9, **common)
        case "date":
            return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **common)
        case _:
            return forms.CharField(max_length=200, **common)


def _boxes(block: Any) -> Iterator[tuple[str, forms.Field]]:
    for number, box in enumerate(block.get("boxes") or ()):
        yield f"box-{number}", forms.BooleanField(label=box["wording"], required=box["purpose"] == TERMS)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if value in (None, ""):
        return ""
    return date_format(value) if hasattr(value, "isoformat") else str(value)
