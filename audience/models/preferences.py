from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import NOBODY, WorkspaceModel
from audience.models.contacts import Contact


class Topic(WorkspaceModel):
    """Something that a campaign can be about, and that a contact can do without."""

    name = models.CharField(_("name"), max_length=60, help_text=_("As people read it on the preference page."))
    description = models.CharField(_("description"), max_length=160, blank=True)
    is_offered = models.BooleanField(_("on the preference page"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_topic_per_name_and_workspace")]

    def __str__(self) -> str:
        return self.name


class TopicRefusal(WorkspaceModel):
    """This contact can do without that topic."""

    changed_by = NOBODY

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="refusals")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="refused_topics")
    refused_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "contact"], name="one_refusal_per_contact_and_topic")]

    def __str__(self) -> str:
        return f"{self.topic_id}/{self.contact_id}"


class Frequency(models.TextChoices):
    """How often at most a contact wants to read us."""

    WEEKLY = "weekly", _("At most once a week")
    MONTHLY = "monthly", _("At most once a month")

    @property
    def days(self) -> int:
        return 7 if self is Frequency.WEEKLY else 30


class Preference(WorkspaceModel):
    """How often a contact wants to read us; without a row, as often as the law and the workspace allow."""

    changed_by = NOBODY

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="preference")
    frequency = models.CharField(_("frequency"), max_length=10, choices=Frequency.choices)
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_frequency_display()
