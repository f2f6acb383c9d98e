from django.db import models

from accounts.models import NOBODY, WorkspaceModel
from messaging.models import Message


class ChargedOptOut(WorkspaceModel):
    """An opt-out that followed this message, kept when the person was erased: a report shows the same figure after."""

    changed_by = NOBODY

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="charged_opt_out")

    def __str__(self) -> str:
        return f"opt-out after message {self.message_id}"
