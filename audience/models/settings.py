from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import OWNER_ONLY, WorkspaceModel

# What a contact may have besides a number. Law of minimisation: keep what is used, and nothing else.
OPTIONAL_FIELDS = (
    "first_name",
    "last_name",
    "birth_date",
    "gender",
    "email",
    "postcode",
    "city",
    "country",
    "language",
)


def every_optional_field() -> list[str]:
    return list(OPTIONAL_FIELDS)


class Attribute(WorkspaceModel):
    """A fact of this workspace's own about its contacts, with a type. Its values are in `Contact.attributes[slug]`."""

    changed_by = OWNER_ONLY

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        # Of the workspace's own clock: an appointment is where the workspace is.
        DATE_TIME = "date_time", _("Date and time")
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("Choice")

    DATED = (Kind.DATE, Kind.DATE_TIME)

    label = models.CharField(_("label"), max_length=80)
    # A letter, then letters, digits and underscores: it is a key in JSON. Never changes.
    slug = models.CharField(_("short name"), max_length=40, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="one_attribute_per_slug_and_workspace")
        ]

    def __str__(self) -> str:
        return self.label


class AudienceSettings(WorkspaceModel):
    """How a workspace keeps its contacts. One row, made when first changed: read it by `queries.settings_of`."""

    changed_by = OWNER_ONLY

    # Names of OPTIONAL_FIELDS; one that is not here is neither shown, nor imported, nor stored.
    kept_fields = models.JSONField(_("fields kept"), default=every_optional_field)
    new_days = models.PositiveSmallIntegerField(_("days a contact is new"), default=30)
    active_days = models.PositiveSmallIntegerField(_("days a contact is active"), default=180)
    retention_months = models.PositiveSmallIntegerField(_("months kept after the last activity"), default=36)
    double_opt_in = models.BooleanField(
        _("double opt-in"),
        default=False,
        help_text=_("Whoever signs up gets a text to answer, and no advertising before they have."),
    )
    existing_customers = models.BooleanField(
        _("write to existing customers"),
        default=False,
        help_text=_("Similar products only, and only to people with a recorded order. They can object at any time."),
    )
    bounce_count = models.PositiveSmallIntegerField(
        _("failures that make a number invalid"), default=3, validators=[MinValueValidator(1)]
    )
    bounce_days = models.PositiveSmallIntegerField(_("days between the first and the last of them"), default=7)
    # Nobody is forgotten before an owner has seen the list and said so.
    retention_is_on = models.BooleanField(_("erase automatically"), default=False)

    class Meta:
        verbose_name = _("audience settings")
        verbose_name_plural = _("audience settings")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_audience_settings_per_workspace")]

    def __str__(self) -> str:
        return f"{self.retention_months} · {', '.join(self.kept_fields)}"

    def keeps(self, field: str) -> bool:
        return field not in OPTIONAL_FIELDS or field in self.kept_fields
