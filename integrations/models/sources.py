import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedJSONField
from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel
from audience.models import Contact


class EventSource(WorkspaceModel):
    """A program of the merchant's own that tells us by signed call that something happened to somebody."""

    changed_by = OWNER_ONLY

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    # `secret`, and `previous_secret`, which counts until the next change.
    credentials = SealedJSONField(default=dict)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    # The secret has been shown to somebody: it is not shown again.
    is_secret_seen = models.BooleanField(default=False, editable=False)
    last_call_at = models.DateTimeField(_("last call"), null=True, editable=False)
    refused_webhooks = models.PositiveIntegerField(default=0, editable=False)
    # Why the latest signed call that could not be used was refused, and when; "" when one could be used since.
    trouble = models.CharField(max_length=200, blank=True, editable=False)
    trouble_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("source of events")
        verbose_name_plural = _("sources of events")

    def __str__(self) -> str:
        return self.name


class SourcePerson(WorkspaceModel):
    """Who somebody is whom a source calls by an id of its own."""

    changed_by = NOBODY

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="people")
    external_id = models.CharField(max_length=80)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="source_people")

    class Meta:
        verbose_name = _("person of a source")
        verbose_name_plural = _("people of sources")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="one_person_per_source_id")]

    def __str__(self) -> str:
        return self.external_id
