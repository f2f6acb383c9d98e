from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import NOBODY, WorkspaceModel
from audience.models import Contact
from integrations.models import Order
from landing.models.page import LandingPage
from messaging.models import Batch, Message
from shortlinks.models import ShortLink


class Conversion(WorkspaceModel):
    """A visitor did what the page is for. Stored against the link and, where known, the recipient."""

    changed_by = NOBODY

    class Goal(models.TextChoices):
        ORDER = "order", pgettext_lazy("conversion", "Order")
        FORM = "form", _("Form sent")
        CALL = "call", _("Call tapped")
        DIRECTIONS = "directions", _("Directions tapped")
        BUTTON = "button", _("Button tapped")
        CODE = "code", _("Code copied")

    page = models.ForeignKey(LandingPage, on_delete=models.SET_NULL, null=True, related_name="conversions")
    link = models.ForeignKey(ShortLink, on_delete=models.SET_NULL, null=True, related_name="conversions")
    # The recipient's position in the link's ranges, as on Click.
    position = models.BigIntegerField(null=True)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="conversions")
    goal = models.CharField(_("goal"), max_length=20, choices=Goal.choices)
    # The same tap or form twice is one conversion.
    dedup_key = models.CharField(max_length=120)
    occurred_at = models.DateTimeField(_("happened"))
    # Of an order: which one, and the message that earned it; where there is no link, it alone says whose it was.
    order = models.OneToOneField(Order, on_delete=models.CASCADE, null=True, related_name="conversion")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="conversions")
    # The message's, for whoever adds up a batch.
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="conversions")
    # Of an order: what was not given back.
    value = models.BigIntegerField(null=True, help_text=_("In the smallest unit of the currency."))
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "dedup_key"], name="one_conversion_per_key_and_workspace")
        ]
        indexes = [
            models.Index(fields=["workspace", "link", "position"], name="conversion_by_recipient"),
            models.Index(
                fields=["workspace", "occurred_at"], condition=models.Q(goal="order"), name="conversion_order_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.goal} {self.occurred_at:%Y-%m-%d %H:%M}"
