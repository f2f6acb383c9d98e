from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import OWNER_ONLY, WorkspaceModel


class Sector(models.TextChoices):
    """Trades whose rules of conduct forbid promotion by text message."""

    GENERAL = "general", _("Shops, restaurants and everybody else")
    HEALTH = "health", _("Health: doctors, dentists, pharmacies…")
    LAW = "law", _("Law: lawyers, notaries, bailiffs…")
    FINANCE = "finance", _("Finance: banks, insurance, advisers…")


class SendingRules(WorkspaceModel):
    """What a workspace makes of the law: it may narrow it, never widen it. One row, made when first changed:
    read it by `queries.rules_of`, change it by `services.rules`."""

    changed_by = OWNER_ONLY

    # The slug of a text that messaging.law offers.
    policy = models.CharField(_("hours"), max_length=40, default="prudent")
    # Only where the policy tolerates them.
    allows_sundays = models.BooleanField(_("also on Sundays"), default=False)
    allows_holidays = models.BooleanField(_("also on public holidays"), default=False)
    # Empty: the installation's own.
    cap_messages = models.PositiveSmallIntegerField(
        _("messages at most"), null=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    cap_days = models.PositiveSmallIntegerField(
        _("within days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    sector = models.CharField(_("sector"), max_length=20, choices=Sector.choices, default=Sector.GENERAL)

    class Meta:
        verbose_name = _("rules of sending")
        verbose_name_plural = _("rules of sending")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_sending_rules_per_workspace")]

    def __str__(self) -> str:
        return f"{self.policy} · {self.sector}"

    @property
    def is_reminders_only(self) -> bool:
        return self.sector != Sector.GENERAL
