from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedTextField
from accounts.models import NOBODY, User, WorkspaceModel
from audience.models import Contact
from integrations.models import GatewayAccount
from messaging.models.sending import Message


class InboundMessage(WorkspaceModel):
    """Somebody wrote to us. STOP is handled before anybody else hears of it."""

    changed_by = NOBODY

    class Kind(models.TextChoices):
        STOP = "stop", _("STOP")
        CONTACT = "contact", _("CONTACT")
        YES = "yes", _("Confirmation")
        REPLY = "reply", _("Reply")

    account = models.ForeignKey(GatewayAccount, on_delete=models.CASCADE, related_name="inbound")
    provider_id = models.CharField(max_length=120)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="inbound")
    phone = SealedTextField()
    # Finds what a number wrote before it was a contact, without opening anything; empty once that is erased.
    phone_index = models.BinaryField(max_length=32, null=True, editable=False)
    text = SealedTextField()
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    # "stop" inside a sentence: no marketing (a hold in the ledger and on the block list) until somebody has read it.
    holds_marketing = models.BooleanField(default=False)
    read_at = models.DateTimeField(_("read"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    assigned_to = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("whose it is")
    )
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("inbound message")
        verbose_name_plural = _("inbound messages")
        constraints = [models.UniqueConstraint(fields=["account", "provider_id"], name="one_row_per_inbound_message")]
        indexes = [models.Index(fields=["phone_index"], condition=models.Q(contact=None), name="inbound_of_stranger")]

    @property
    def is_waiting(self) -> bool:
        """Nobody has read it yet, and somebody should."""
        return self.kind == self.Kind.REPLY and self.read_at is None and self.done_at is None

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {date_format(localtime(self.received_at), 'SHORT_DATETIME_FORMAT')}"


class OptInRequest(WorkspaceModel):
    """Somebody signed up and was asked, by a text to their own phone, whether it was them (double opt-in)."""

    changed_by = NOBODY

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="opt_in_requests")
    # The words they read when they signed up, and where: what a confirmation confirms.
    wording = models.TextField()
    wording_version = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=120)
    # The number that was asked, as the contact had it then: another one is not confirmed by it.
    phone_index = models.BinaryField(max_length=32, editable=False)
    # Keyed hash of what stands in the link of the text.
    token_hash = models.BinaryField(max_length=32, editable=False)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="one_opt_in_request_per_token")]
        indexes = [models.Index(fields=["contact", "-asked_at"], name="opt_in_request_latest")]

    def __str__(self) -> str:
        return f"{self.source} {self.asked_at:%Y-%m-%d}"
