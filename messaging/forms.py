"""Forms of messaging."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from audience.phone import NotAMobile, mask, parse_mobile
from messaging.models import Sender, TeamNumber
from messaging.services.senders import BadSender, check_sender_name


class NumberForm(forms.Form):
    """The number that wants to be left alone."""

    phone = forms.CharField(
        label=_("Your mobile number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Type the number that gets our messages.")},
    )


class SenderForm(WorkspaceForm):
    class Meta:
        model = Sender
        fields = ["name", "account"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        try:
            check_sender_name(name)
        except BadSender as error:
            raise forms.ValidationError(str(error)) from error
        return name


class TeamNumberForm(WorkspaceForm):
    """A number is confirmed by its owner: it is asked for once, and never changed."""

    number = forms.CharField(label=_("Mobile number"), max_length=40)

    class Meta:
        model = TeamNumber
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["number"].disabled = True
            self.initial["number"] = mask(self.instance.phone)

    def clean_number(self) -> str:
        number = self.cleaned_data["number"]
        if self.instance.pk:
            return number
        try:
            return parse_mobile(number, self.instance.workspace.country).e164
        except NotAMobile as error:
            raise forms.ValidationError(str(error.reason)) from error

    def save(self, commit: bool = True) -> TeamNumber:
        if self.instance.pk is None:
            self.instance.phone = self.cleaned_data["number"]
        return super().save(commit)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
