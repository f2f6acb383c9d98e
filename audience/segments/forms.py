from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from audience.models import Segment
from audience.segments.conditions import Catalogue
from audience.segments.reading import catalogue_of
from audience.segments.rules import MOST_CHARACTERS, BadRules, parse


class RulesField(forms.CharField):
    """The rules as text: the rule builder writes them there."""

    widget = forms.HiddenInput
    default_error_messages = {"required": _("Add at least one condition.")}


class SegmentForm(WorkspaceForm):
    rules = RulesField(max_length=MOST_CHARACTERS)

    class Meta:
        model = Segment
        fields = ["name", "rules"]

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.instance.workspace)

    def clean_rules(self) -> Any:
        try:
            return parse(self.cleaned_data["rules"], self.catalogue).as_json()
        except BadRules as error:
            raise forms.ValidationError(str(error)) from error
