from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceModel
from landing.models.page import LandingPage


class LinkTrial(WorkspaceModel):
    """What came of it when the web addresses of a page were last asked for."""

    page = models.OneToOneField(LandingPage, on_delete=models.CASCADE, related_name="link_trial")
    tried_at = models.DateTimeField(_("tried"))
    # By address: a status such as "404", or a word of `services.trying`. What answers is not in it.
    troubles = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("trial of links")
        verbose_name_plural = _("trials of links")

    def __str__(self) -> str:
        return f"{self.page_id} {self.tried_at}"
