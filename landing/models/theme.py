from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images import get_image_model_string

from accounts.models import Workspace, WorkspaceModel
from landing import theme
from landing.rendering import Look

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DEFAULT = theme.Choices()


def colour_field(name: "StrOrPromise", default: str, help_text: "StrOrPromise") -> models.CharField:
    is_colour = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Enter a colour like #0f4435."))
    return models.CharField(name, max_length=7, default=default, validators=[is_colour], help_text=help_text)


class Theme(WorkspaceModel):
    """The eight choices of a brand; colours are made readable when a page is served (landing/theme.py)."""

    class Voice(models.TextChoices):
        WIDE = "wide", _("Wide")
        NORMAL = "normal", _("Normal")
        CONDENSED = "condensed", _("Condensed")
        SERIF = "serif", _("Serif")
        ELEGANT = "elegant", _("Elegant")
        FRIENDLY = "friendly", _("Friendly")

    class Corners(models.TextChoices):
        SHARP = "sharp", _("Sharp")
        SOFT = "soft", _("Soft")
        ROUND = "round", _("Round")

    class Air(models.TextChoices):
        TIGHT = "tight", _("Tight")
        NORMAL = "normal", _("Normal")
        AIRY = "airy", _("Airy")

    class TextSize(models.TextChoices):
        NORMAL = "normal", _("Normal")
        LARGE = "large", _("Large")

    brand = colour_field(_("brand"), DEFAULT.brand, _("Buttons, links and large surfaces."))
    accent = colour_field(_("accent"), DEFAULT.accent, _("One touch beside the brand colour."))
    paper = colour_field(_("paper"), DEFAULT.paper, _("The ground of the page."))
    ink = colour_field(_("ink"), DEFAULT.ink, _("The text."))
    voice = models.CharField(_("headings"), max_length=12, choices=Voice.choices, default=Voice.NORMAL)
    corners = models.CharField(_("corners"), max_length=12, choices=Corners.choices, default=Corners.SOFT)
    air = models.CharField(_("breathing"), max_length=12, choices=Air.choices, default=Air.NORMAL)
    text_size = models.CharField(_("text size"), max_length=12, choices=TextSize.choices, default=TextSize.NORMAL)
    logo = models.ForeignKey(
        get_image_model_string(),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo"),
        help_text=_("Stands on top of every page. Without one, the name does."),
    )

    # Light or dark whatever the phone says: for previews.
    scheme = ""

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_look_per_workspace")]

    def __str__(self) -> str:
        return f"{self.brand} {self.voice}"

    @classmethod
    def of(cls, workspace: Workspace) -> "Theme":
        """The workspace's look, or the one it starts with."""
        return cls.objects.filter(workspace=workspace).first() or cls(workspace=workspace)

    @property
    def choices(self) -> theme.Choices:
        return theme.Choices(
            brand=self.brand,
            accent=self.accent,
            paper=self.paper,
            ink=self.ink,
            voice=self.voice,
            corners=self.corners,
            air=self.air,
            text_size=self.text_size,
        )

    @property
    def look(self) -> Look:
        return Look.of(self.choices, self.logo, self.scheme)
