"""What happens, and no shop tells."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import SealedJSONField
from accounts.models import NOBODY, WorkspaceModel
from audience.models import Attribute, Contact
from landing.models import LandingPage


class Occasion(WorkspaceModel):
    """What automations answer besides the events of a shop; `key` makes it happen once."""

    changed_by = NOBODY

    class Kind(models.TextChoices):
        DATE = "date.near", _("Date")
        CALL = "call", pgettext_lazy("occasion", "Call")
        CODE = "code", pgettext_lazy("occasion", "One-time code")
        FORM = "form.sent", pgettext_lazy("occasion", "Form")

    # No shop and no order has to do with it.
    shop_id = order = order_id = None

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=160)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="occasions")
    # Whose date it is, of a reminder.
    attribute = models.ForeignKey(Attribute, on_delete=models.SET_NULL, null=True, related_name="occasions")
    # Of a form: the page it stands on.
    page = models.ForeignKey(LandingPage, on_delete=models.SET_NULL, null=True, related_name="occasions")
    # Of a form: whether it came by a link of that very contact (landing.signals.Trust).
    trust = models.CharField(max_length=5, blank=True)
    # What it is called: a date as the contact has it, an event's name, the title of a form's page.
    name = models.CharField(max_length=80)
    occurred_at = models.DateTimeField(_("happened"))
    # What it fills a text with.
    values = SealedJSONField(default=dict)
    # Of a one-time code: when nothing of it is to be left.
    forget_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="one_occasion_per_key")]
        indexes = [
            models.Index(fields=["workspace", "kind", "name", "-occurred_at"], name="occasion_by_name"),
            models.Index(
                fields=["forget_at"], condition=models.Q(forget_at__isnull=False), name="occasion_to_be_forgotten"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @staticmethod
    def key_of_date(attribute: int | None, contact: int, value: str) -> str:
        """The same for all reminders of one date of one contact."""
        return f"date:{attribute}:{contact}:{value}"
