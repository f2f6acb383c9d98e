from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import NOBODY, WorkspaceModel, indexed_workspace
from audience.models.contacts import Contact
from audience.models.settings import Attribute


class ContactDate(WorkspaceModel):
    """A date among a contact's own attributes, where it can be looked for: `services.dates` keeps it as they say.

    docs/decisions/0020-dates-that-reminders-find.md.
    """

    changed_by = NOBODY

    workspace = indexed_workspace()
    # Both are found by longer indexes.
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="dates", db_index=False)
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="dates", db_index=False)
    # As `Contact.attributes` has it, on the workspace's clock: its order is that of time. Empty: taken away since.
    value = models.CharField(max_length=16, blank=True)
    # Since when nobody has looked at what changed; empty once reminders know.
    news_at = models.DateTimeField(null=True, default=timezone.now)

    class Meta:
        verbose_name = _("date of a contact")
        verbose_name_plural = _("dates of contacts")
        constraints = [models.UniqueConstraint(fields=["contact", "attribute"], name="one_date_per_contact")]
        indexes = [
            models.Index(fields=["attribute", "value", "id"], name="contact_date_by_day"),
            models.Index(fields=["news_at"], condition=models.Q(news_at__isnull=False), name="contact_date_news"),
        ]

    def __str__(self) -> str:
        return self.value
