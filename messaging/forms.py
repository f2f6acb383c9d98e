"""Forms of messaging."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NumberForm(forms.Form):
    """The number that wants to be left alone."""

    phone = forms.CharField(
        label=_("Your mobile number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Type the number that gets our messages.")},
    )
