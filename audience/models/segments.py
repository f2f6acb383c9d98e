from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceModel


class Segment(WorkspaceModel):
    """People by rules: whoever matches at a moment belongs to it. `audience.segments` reads the rules."""

    name = models.CharField(_("name"), max_length=120)
    rules = models.JSONField(_("rules"), default=dict)
    # How many matched when somebody last looked: lists show it without asking again.
    counted = models.PositiveIntegerField(_("contacts"), null=True, editable=False)
    counted_at = models.DateTimeField(_("counted"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_segment_per_name_and_workspace")]

    def __str__(self) -> str:
        return self.name
