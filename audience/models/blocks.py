from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import WorkspaceModel
from audience.models.contacts import Contact


class Block(WorkspaceModel):
    """A number that is not written to, for a reason of ours and not by its own word. Outlives the contact.

    The number is a keyed hash under an opt-out key, like that of an opposition. Lifting a block lifts no opposition.
    """

    class Kind(models.TextChoices):
        MANUAL = "manual", pgettext_lazy("block", "By hand")
        IMPORTED = "imported", pgettext_lazy("block", "Imported")
        INVALID = "invalid", _("Invalid number")
        COMPLAINT = "complaint", _("Complaint to 33700")
        HOLD = "hold", _("A “stop” to be read first")

    number_hash = models.BinaryField(max_length=32, editable=False)
    phone_hint = models.CharField(_("mobile number"), max_length=24, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, editable=False, related_name="blocks", verbose_name=_("contact")
    )
    kind = models.CharField(_("why"), max_length=20, choices=Kind.choices, default=Kind.MANUAL)
    bars_service = models.BooleanField(_("service messages too"), default=False)
    source = models.CharField(_("source"), max_length=120, blank=True)
    blocked_at = models.DateTimeField(_("since"), editable=False)

    class Meta:
        verbose_name = _("blocked number")
        verbose_name_plural = _("blocked numbers")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number_hash", "kind"], name="one_block_per_number_and_kind")
        ]
        indexes = [
            models.Index(fields=["contact"], name="block_by_contact"),
            models.Index(fields=["workspace", "-blocked_at"], name="block_by_time"),
        ]

    def __str__(self) -> str:
        return self.phone_hint
