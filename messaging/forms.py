"""Forms of messaging."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_scopes import scope

from accounts.admin import WorkspaceForm
from accounts.models import TrackingMode, Workspace
from audience.models import Frequency, Topic
from audience.phone import NotAMobile, mask, parse_mobile
from messaging.models import Sender, TeamNumber
from messaging.services.choices import Choices
from messaging.services.senders import BadSender, check_sender_name


class NumberForm(forms.Form):
    """The number that wants to be left alone."""

    phone = forms.CharField(
        label=_("Your mobile number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Type the number that gets our messages.")},
    )


class ChoicesForm(forms.Form):
    """What somebody wants of a brand. Everything is a plain box: the page works without any script."""

    topics = forms.MultipleChoiceField(
        label=_("What I want to read about"), required=False, widget=forms.CheckboxSelectMultiple
    )
    frequency = forms.ChoiceField(label=_("How often"), required=False, widget=forms.RadioSelect)
    wants_service = forms.BooleanField(label=_("Messages about my orders and appointments"), required=False)
    may_be_followed = forms.BooleanField(label=_("You may measure which links I open"), required=False)

    def __init__(self, *args: Any, workspace: Workspace, choices: Choices | None = None, **kwargs: Any) -> None:
        with scope(workspace=workspace):
            offered = list(Topic.objects.filter(is_offered=True).order_by("name"))
        self.offered = {str(topic.pk) for topic in offered}
        if choices:
            refused = {str(key) for key in choices.refused_topics}
            kwargs["initial"] = {**vars(choices), "topics": sorted(self.offered - refused)}
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = [(str(topic.pk), topic.name) for topic in offered]  # type: ignore[attr-defined]
        self.fields["frequency"].choices = [("", _("As usual")), *Frequency.choices]  # type: ignore[attr-defined]
        if workspace.tracking_mode == TrackingMode.AGGREGATE:
            del self.fields["may_be_followed"]

    def choices(self) -> Choices:
        data = self.cleaned_data
        return Choices(
            refused_topics=frozenset(int(key) for key in self.offered - set(data["topics"])),
            frequency=data["frequency"],
            wants_service=data["wants_service"],
            may_be_followed=data.get("may_be_followed", False),
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
