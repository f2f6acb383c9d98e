from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedJSONField, SealedTextField
from accounts.models import NOBODY, OWNER_ONLY, Workspace, WorkspaceModel
from audience.models import Contact, Topic
from integrations.models import GatewayAccount
from messaging.reasons import Reason
from shortlinks.models import ShortLink


def held_by_owner(to: type[models.Model], **options: Any) -> "models.ForeignKey[Any, Any]":
    """A copy of what a row's owner points at: the owner's foreign key holds it, so that this one costs nothing.

    docs/decisions/0017-what-a-message-row-costs.md. Without an index, because a longer one begins with the column.
    """
    return models.ForeignKey(to, related_name="+", db_constraint=False, db_index=False, **options)


class Sender(WorkspaceModel):
    """The name a phone shows: at most 11 letters and digits, bound to the account that may use it."""

    changed_by = OWNER_ONLY

    name = models.CharField(_("name"), max_length=11, help_text=_("Up to 11 letters and digits, no spaces."))
    account = models.ForeignKey(
        GatewayAccount, on_delete=models.PROTECT, related_name="senders", verbose_name=_("gateway account")
    )

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        constraints = [models.UniqueConstraint(fields=["workspace", "name", "account"], name="one_sender_per_account")]

    def __str__(self) -> str:
        return self.name


class BatchPurpose(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    INFORMATION = "information", _("Information")
    SERVICE = "service", _("Service")


class Lane(models.TextChoices):
    """Who goes first at a gateway account."""

    CODES = "1-codes", _("One-time codes")
    SERVICE = "2-service", _("Service")
    MARKETING = "3-marketing", _("Marketing")


class PromoPool(WorkspaceModel):
    """Codes of one offer: a shared one, or one for each recipient."""

    name = models.CharField(_("name"), max_length=120)
    shared_code = models.CharField(_("shared code"), max_length=40, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")

    def __str__(self) -> str:
        return self.name


class Batch(WorkspaceModel):
    """Messages that share text, sender, purpose, gateway account, budget and a state."""

    changed_by = NOBODY

    class State(models.TextChoices):
        PREPARING = "preparing", _("Preparing")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")
        DONE = "done", _("Done")

    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=20, choices=BatchPurpose.choices)
    lane = models.CharField(max_length=20, choices=Lane.choices)
    account = models.ForeignKey(GatewayAccount, on_delete=models.PROTECT, related_name="batches")
    sender_name = models.CharField(max_length=11)
    # The template: merge fields `{first_name|fallback}`, links `{link}`.
    text = models.TextField()
    # Written at the end of every text by us; empty where the provider appends its own.
    stop_clause = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PREPARING)
    # An automation's batch never ends: it takes one message at a time.
    is_standing = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False)
    # Answers to somebody who waits, and one-time codes: the only messages that no clock holds back.
    is_immediate = models.BooleanField(default=False)
    # It carries one-time codes, which are good for so long: they are not kept once they have left, or are too old.
    lifetime_minutes = models.PositiveSmallIntegerField(null=True)
    # The question of a double opt-in: nobody who is blocked is asked, for whatever reason.
    asks_consent = models.BooleanField(default=False)
    # Millionths of the currency unit: what it may cost (empty is unlimited), and has.
    budget_micros = models.BigIntegerField(null=True)
    spent_micros = models.BigIntegerField(default=0)
    # Why it was paused, where nobody did: Reason.BUDGET, MONTH_BUDGET or PILOT.
    paused_because = models.CharField(max_length=20, blank=True)
    # It leaves little by little: so many an hour, from a bucket that held `turns` at `turns_at`;
    per_hour = models.PositiveIntegerField(null=True)
    turns = models.FloatField(default=0)
    turns_at = models.DateTimeField(null=True)
    # and a first share (a pilot) of so many more messages: at none the batch waits until somebody has looked.
    pilot_left = models.PositiveIntegerField(null=True)
    # What it is about: who can do without that topic does not get it.
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="batches")
    # Where `{code}` comes from.
    promo_pool = models.ForeignKey(PromoPool, on_delete=models.PROTECT, null=True, related_name="batches")
    # Places are handed out from here; up to `reserved_until` every link has a code for them.
    next_position = models.PositiveBigIntegerField(default=0)
    reserved_until = models.PositiveBigIntegerField(default=0)
    # Whether those places are for people who agreed to be followed; and the places of those who are not followed.
    has_agreed = models.BooleanField(default=False)
    next_quiet_position = models.PositiveBigIntegerField(default=0)
    quiet_until = models.PositiveBigIntegerField(default=0)
    # The contact up to whose key the audience has become messages; empty before the first.
    written_until = models.PositiveBigIntegerField(null=True)
    state_changed_at = models.DateTimeField(null=True)
    state_changed_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(per_hour=None) | models.Q(per_hour__gt=0), name="batch_leaves_at_some_rate"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_rationed(self) -> bool:
        return self.per_hour is not None or self.pilot_left is not None

    @property
    def is_pilot_over(self) -> bool:
        """The first share has left, and somebody is to look before the rest follows."""
        return self.state == self.State.PAUSED and self.paused_because == Reason.PILOT


class BatchLink(WorkspaceModel):
    """`{link}` in a batch's text is this short link; message at position p carries the link's code of position p."""

    changed_by = NOBODY

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="links")
    placeholder = models.CharField(max_length=20, default="link")
    link = models.ForeignKey(ShortLink, on_delete=models.PROTECT, related_name="batch_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "placeholder"], name="one_link_per_placeholder")]

    def __str__(self) -> str:
        return f"{{{self.placeholder}}}"


class TeamNumber(WorkspaceModel):
    """A colleague's phone that test sends may go to, confirmed by its owner."""

    name = models.CharField(_("name"), max_length=80)
    phone = SealedTextField(_("mobile number"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    # Keyed hash of the code that was sent to it last.
    code_hash = models.BinaryField(max_length=32, null=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("team number")
        verbose_name_plural = _("team numbers")

    def __str__(self) -> str:
        return self.name

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class Message(WorkspaceModel):
    """One SMS to one contact. The batch has the text; the merge values are frozen here."""

    changed_by = NOBODY

    workspace = held_by_owner(Workspace, on_delete=models.CASCADE, editable=False)

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("About to be checked")
        SUBMITTING = "submitting", _("Being handed over")
        ACCEPTED = "accepted", _("Accepted")
        HELD = "held", _("Held by the provider")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        UNDELIVERED = "undelivered", _("Not delivered")
        EXPIRED = "expired", _("Expired")
        REJECTED = "rejected", _("Rejected")
        UNKNOWN = "unknown", _("To be verified")
        SUPPRESSED = "suppressed", _("Not sent")
        CANCELLED = "cancelled", _("Cancelled")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="messages", db_index=False)
    # Denormalised from the batch, for those who look at states.
    account = held_by_owner(GatewayAccount, on_delete=models.PROTECT)
    lane = models.CharField(max_length=20, choices=Lane.choices)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="messages", db_index=False)
    # Only in a test batch: the colleague it goes to.
    team_number = models.ForeignKey(
        TeamNumber, on_delete=models.SET_NULL, null=True, related_name="messages", db_index=False
    )
    # Place in the batch: also the position in each of its links' code ranges.
    position = models.PositiveBigIntegerField()
    merge_values = SealedJSONField(default=dict)
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    # Why it is suppressed, deferred or rejected: a code of messaging.gate.Reason or an ErrorClass.
    reason = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField()
    parts = models.PositiveSmallIntegerField(default=1)
    # Millionths of the workspace's currency unit, since it was handed over; the provider's own count corrects it.
    cost_micros = models.BigIntegerField(null=True)
    # One message per key and workspace, for ever: the net under automations and API calls.
    idempotency_key = models.CharField(max_length=160, null=True)
    claimed_by = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="one_message_per_position_and_batch"),
            models.UniqueConstraint(
                fields=["workspace", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="one_message_per_idempotency_key",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "state"], name="message_at_account"),
            models.Index(fields=["batch", "state", "due_at"], name="message_by_state_and_hour"),
            # The few that have one: why they wait, or did not arrive.
            models.Index(
                fields=["batch", "state", "reason"], condition=~models.Q(reason=""), name="message_by_state_and_reason"
            ),
            models.Index(fields=["contact", "batch"], name="message_by_recipient"),
            models.Index(
                fields=["contact", "-submitted_at"],
                condition=models.Q(submitted_at__isnull=False),
                name="message_by_contact",
            ),
            models.Index(
                fields=["workspace", "submitted_at"],
                condition=models.Q(submitted_at__isnull=False),
                name="message_by_submission",
            ),
            models.Index(
                fields=["team_number"], condition=models.Q(team_number__isnull=False), name="message_to_colleague"
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state__in=["claimed", "submitting"]), name="message_leased"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}#{self.position} {self.state}"


class Pace(WorkspaceModel):
    """How fast an account goes, over all workers: a bucket of rate tokens, and who hands over just now."""

    changed_by = NOBODY

    account = models.OneToOneField(GatewayAccount, on_delete=models.CASCADE, related_name="pace")
    tokens = models.FloatField(default=0)
    refilled_at = models.DateTimeField()
    claimer = models.CharField(max_length=40, blank=True)
    claimer_until = models.DateTimeField(null=True)
    # Troubles in a row; each doubles the pause.
    troubles = models.PositiveSmallIntegerField(default=0)
    # What throttling left of the rate at that moment; it grows back from there.
    rate_share = models.FloatField(default=1.0)
    slowed_at = models.DateTimeField(null=True)
    # The breaker is open: since when, and an ErrorClass or "unknown".
    opened_at = models.DateTimeField(null=True)
    opened_by = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"pace of {self.account_id}"


class DemoClock(WorkspaceModel):
    """Simulated time of a workspace whose accounts are all simulators: `shows_at` was true at `set_at`."""

    changed_by = OWNER_ONLY

    shows_at = models.DateTimeField()
    set_at = models.DateTimeField()
    is_on = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_demo_clock_per_workspace")]

    def __str__(self) -> str:
        return f"{self.shows_at:%Y-%m-%d %H:%M}"


class PromoCode(WorkspaceModel):
    """One recipient's own code."""

    changed_by = NOBODY

    pool = models.ForeignKey(PromoPool, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(_("code"), max_length=40)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="promo_codes")
    assigned_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "code"], name="one_row_per_code_and_pool"),
            models.UniqueConstraint(fields=["pool", "contact"], name="one_code_per_contact_and_pool"),
        ]
        # The next free ones, however many have gone.
        indexes = [
            models.Index(fields=["pool", "id"], condition=models.Q(contact=None, assigned_at=None), name="free_codes")
        ]

    def __str__(self) -> str:
        return self.code
