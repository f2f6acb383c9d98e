from django import forms
from django.forms.widgets import Input

from accounts.admin import WorkspaceForm
from landing.models import Theme

COLOURS = ("brand", "accent", "paper", "ink")


class ColourInput(Input):
    input_type = "color"


class ThemeForm(WorkspaceForm):
    class Meta:
        model = Theme
        fields = [*COLOURS, "voice", "corners", "air", "text_size", "logo"]
        widgets = dict.fromkeys(COLOURS, ColourInput) | {"voice": forms.Select, "corners": forms.Select}
