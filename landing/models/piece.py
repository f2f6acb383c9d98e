from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceModel
from landing.blocks import blocks_inside
from landing.models.page import BlocksField


class Piece(WorkspaceModel):
    """Blocks that are written once and shown by many pages (the block `reusable`)."""

    name = models.CharField(_("name"), max_length=80, help_text=_("For your team; visitors don't see it."))
    body = BlocksField(blocks_inside(), verbose_name=_("blocks"))

    class Meta:
        verbose_name = _("reusable block")
        verbose_name_plural = _("reusable blocks")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_piece_per_name_and_workspace")]

    def __str__(self) -> str:
        return self.name
