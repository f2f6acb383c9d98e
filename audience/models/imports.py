from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField, SealedJSONField
from accounts.models import WorkspaceModel
from audience.models.lists import ContactList


class ContactImport(WorkspaceModel):
    """One CSV file brought in: how many lines came, and what was refused, with line and reason."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    contact_list = models.ForeignKey(
        ContactList, on_delete=models.CASCADE, related_name="imports", verbose_name=_("list")
    )
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.BinaryField(max_length=32, editable=False)
    # The file itself, until its last line is done.
    content = SealedBytesField(null=True, editable=False)
    # Proof of the consent that these people gave; without it nothing is granted.
    consent_source = models.CharField(_("where they agreed"), max_length=120, blank=True)
    consent_wording = models.TextField(_("the words they agreed to"), blank=True)
    consent_at = models.DateTimeField(_("when they agreed"), null=True, blank=True)
    collected_by = models.CharField(_("collected by"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.RUNNING)
    # The last line that is certainly stored: after an interruption the import goes on behind it.
    lines_done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    known = models.PositiveIntegerField(_("already known"), default=0)
    rejected = models.PositiveIntegerField(_("refused"), default=0)
    consented = models.PositiveIntegerField(_("with consent"), default=0)
    opted_out = models.PositiveIntegerField(_("opted out before"), default=0)
    # [{"line": 3, "reason": "…", "cells": [...]}]; sealed, because a refused cell may be a number.
    rejects = SealedJSONField(default=list)
    touched_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name
