from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import NOBODY, User, WorkspaceModel
from audience.models.contacts import Contact


class AuditEntry(WorkspaceModel):
    """Who looked at, took away or removed personal data, whose, when and why. Rows are only ever added."""

    changed_by = NOBODY

    class Action(models.TextChoices):
        NUMBER_SHOWN = "number_shown", _("Number shown")
        PERSON_EXPORTED = "person_exported", _("One person's data exported")
        LIST_EXPORTED = "list_exported", _("List exported")
        PROOF = "proof", _("Proof of consent taken")
        ERASED = "erased", _("Contact erased")
        MERGED = "merged", _("Contacts merged")
        RETENTION = "retention", _("Retention: contacts erased")
        RULES = "rules", _("Rules of sending changed")
        ANSWER = "answer", _("Form answer deleted")

    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    # Nobody: the retention job.
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("contact")
    )
    # What stays when the contact is gone: an id, never a name or a number.
    contact_number = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(_("contacts"), default=1)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    happened_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["workspace", "-happened_at"], name="audit_by_time")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.happened_at:%Y-%m-%d %H:%M}"
