"""What an operator tells of a provider that has no adapter of its own."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.gateways.base import ErrorClass, ReportStatus, StopHandling
from integrations.gateways.encoding import Encoding, measure
from integrations.gateways.templates import BadTemplate, names_in, pairs, read_json

METHODS = [("POST", "POST"), ("GET", "GET"), ("PUT", "PUT")]
BODIES = [("json", "JSON"), ("form", _("Form fields")), ("none", _("None: everything is in the address"))]
STOPS = [
    (StopHandling.PROVIDER, _("The provider takes STOP and tells us")),
    (StopHandling.OURS, _("We get every answer, and confirm STOP ourselves")),
    (StopHandling.NONE, _("Nobody: texts carry our opt-out address, or are no marketing")),
]
JSON_EXAMPLE = """{
  "to": "{to}",
  "from": "{sender}",
  "text": "{text}",
  "reference": "{reference}"
}"""


class PairsField(forms.CharField):
    """`code = meaning`, a line each; the meanings are a fixed choice."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, meanings: Iterable[str], **options: Any) -> None:
        super().__init__(required=False, **options)
        self.meanings = frozenset(map(str, meanings))

    def clean(self, value: Any) -> str:
        lines = super().clean(value)
        try:
            unknown = [meaning for _name, meaning in pairs(lines) if meaning not in self.meanings]
        except BadTemplate:
            raise forms.ValidationError(_("Write one line each, such as: DELIVRD = delivered")) from None
        if unknown:
            words = {"word": unknown[0], "words": ", ".join(sorted(self.meanings))}
            raise forms.ValidationError(_("“%(word)s” is none of: %(words)s."), params=words)
        return lines


class GenericHttpForm(forms.Form):
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Where a message is handed over. It begins with https://.")
    )
    method = forms.ChoiceField(label=_("Method"), choices=METHODS, initial="POST")
    api_key = forms.CharField(
        label=_("Secret"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput,
        help_text=_("Key or password. Write {key} where it goes; {key_base64} for login:password as HTTP Basic."),
    )
    headers = forms.CharField(
        label=_("Headers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One line each, such as: Authorization: Bearer {key}"),
    )
    body = forms.ChoiceField(label=_("Content"), choices=BODIES, initial="json")
    template = forms.CharField(
        label=_("Template"),
        required=False,
        initial=JSON_EXAMPLE,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_(
            "JSON, or one “name = value” line each. Placeholders: {to} {to_digits} {sender} {text} {reference} "
            "{report_url} {key} {is_marketing} {is_unicode}."
        ),
    )
    success_statuses = forms.RegexField(
        r"^\d{3}(\s*,\s*\d{3})*$", label=_("Accepted when the status is"), initial="200, 201, 202"
    )
    success_path = forms.CharField(
        label=_("and this place in the answer"),
        max_length=100,
        required=False,
        help_text=_("Names and positions with dots, such as messages.0.status. Empty: the status is enough."),
    )
    success_value = forms.CharField(label=_("says"), max_length=100, required=False)
    id_path = forms.CharField(
        label=_("Place of the provider's id"), max_length=100, required=False, help_text=_("Such as messages.0.id.")
    )
    refusal_statuses = forms.RegexField(
        r"^(\d{3}(\s*,\s*\d{3})*)?$",
        label=_("Certainly refused when the status is"),
        initial="400, 404, 422",
        required=False,
        help_text=_("401, 402, 403 and 429 count as refused anyway. All others are unknown, and never sent again."),
    )
    error_path = forms.CharField(label=_("Place of the error code"), max_length=100, required=False)
    errors_map = PairsField(ErrorClass, label=_("Error codes"), help_text=_("Such as: 42 = invalid_recipient"))
    report_status = forms.CharField(label=_("Report: name of the status"), max_length=60, required=False)
    report_id = forms.CharField(label=_("Report: name of the provider's id"), max_length=60, required=False)
    report_reference = forms.CharField(label=_("Report: name of our reference"), max_length=60, required=False)
    statuses_map = PairsField(
        ReportStatus, label=_("Report: statuses"), help_text=_("Such as: DELIVRD = delivered. Others change nothing.")
    )
    answer_sender = forms.CharField(label=_("Answer: name of the number"), max_length=60, required=False)
    answer_text = forms.CharField(label=_("Answer: name of the text"), max_length=60, required=False)
    stop = forms.ChoiceField(label=_("Who takes STOP?"), choices=STOPS, initial=StopHandling.NONE)
    appended_stop_clause = forms.CharField(
        label=_("What the provider appends to marketing"),
        max_length=40,
        required=False,
        help_text=_("Such as STOP 36180. Empty if it appends nothing: we then write the STOP number ourselves."),
    )
    balance_url = forms.CharField(
        label=_("Address of the balance"), max_length=500, required=False, help_text=_("Asked by GET, same headers.")
    )
    balance_path = forms.CharField(label=_("Place of the balance"), max_length=100, required=False)

    def clean_url(self) -> str:
        return clean_address(self.cleaned_data["url"])

    def clean_balance_url(self) -> str:
        address = self.cleaned_data["balance_url"]
        if not address:
            return ""
        clean_address(address)
        if names_in(address) - {"key", "key_base64"}:
            raise forms.ValidationError(_("This address may hold {key} and {key_base64} only."))
        return str(address)

    def clean_api_key(self) -> str:
        if any(sign in self.cleaned_data["api_key"] for sign in "\r\n\0"):
            raise forms.ValidationError(_("A secret is one line."))
        return str(self.cleaned_data["api_key"])

    def clean_headers(self) -> str:
        """Values of a message never get into a header."""
        headers = self.cleaned_data["headers"]
        try:
            names = names_in(headers)
            pairs(headers)
        except BadTemplate as error:
            raise forms.ValidationError(words_of(error)) from None
        if names - {"key", "key_base64", "reference"}:
            raise forms.ValidationError(_("Headers may hold {key}, {key_base64} and {reference} only."))
        return str(headers)

    def clean_appended_stop_clause(self) -> str:
        clause = self.cleaned_data["appended_stop_clause"]
        if clause and measure(clause).encoding != Encoding.GSM_7:
            raise forms.ValidationError(_("Only characters of the SMS alphabet, please."))
        return str(clause)

    def clean(self) -> dict[str, Any]:
        """A request that names neither number nor text is none."""
        values = super().clean() or {}
        template = values.get("template", "") if values.get("body") != "none" else ""
        try:
            check_body(values.get("body", ""), template)
            missing = {"to", "text"} - names_in(values.get("url", "") + template)
        except BadTemplate as error:
            self.add_error("template", words_of(error))
            return values
        if "to_digits" in names_in(values.get("url", "") + template):
            missing.discard("to")
        if missing:
            self.add_error("template", _("The request must hold {to} (or {to_digits}) and {text}."))
        return values


def check_body(kind: str, template: str) -> None:
    """Raises BadTemplate."""
    if kind == "json":
        tree = read_json(template)
        names_in(json.dumps(tree, ensure_ascii=False))
    elif kind == "form":
        pairs(template)
    names_in(template)


def clean_address(address: str) -> str:
    """Raises ValidationError."""
    try:
        parts, _names = urlsplit(address), names_in(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError as error:
        raise forms.ValidationError(words_of(error)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "{" in parts.netloc or not has_port:
        raise forms.ValidationError(_("Write a whole address, such as https://api.example.com/send."))
    return address


WORDS: Mapping[str, Promise] = {
    "unknown placeholder": _("There is no placeholder {%(name)s}."),
    "not JSON": _("This is not JSON: placeholders go between quotes, such as “{to}”."),
    "not a pair": _("Write one line each, such as: name = value"),
}


def words_of(error: ValueError) -> str:
    """What is wrong with a template, in words."""
    words = WORDS.get(str(error))
    if words is None:
        return str(_("Write a whole address, such as https://api.example.com/send."))
    return str(words) % {"name": getattr(error, "name", "")}
