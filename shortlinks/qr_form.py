"""What can be chosen of a QR code."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.images import get_image_model

from accounts.queries import current_workspace, rows_of
from shortlinks.qr import LOGO_PIXELS, Style


class QrForm(forms.Form):
    """Read from an address, so that a code can be drawn again; wrong choices are said where the code would stand."""

    dark = forms.CharField(
        label=_("Colour"), required=False, initial="#000000", widget=forms.TextInput({"type": "color"})
    )
    light = forms.CharField(
        label=_("Background"), required=False, initial="#ffffff", widget=forms.TextInput({"type": "color"})
    )
    logo: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Logo"), required=False, queryset=None, empty_label=_("No logo")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        images = rows_of(current_workspace(), get_image_model()).order_by("title")
        self.fields["logo"].queryset = images  # type: ignore[attr-defined]

    @cached_property
    def style(self) -> Style:
        """Raises BadColours."""
        self.full_clean()
        chosen = getattr(self, "cleaned_data", {})
        image = chosen.get("logo")
        return Style(
            dark=chosen.get("dark") or "#000000",
            light=chosen.get("light") or "#ffffff",
            logo=_small(image) if image else b"",
        )


def _small(image: Any) -> bytes:
    with image.get_rendition(f"max-{LOGO_PIXELS}x{LOGO_PIXELS}|format-png").file.open() as source:
        content: bytes = source.read()
        return content
