from datetime import time
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel
from audience.models import Attribute, Contact, ContactList, Segment, Topic
from campaigns.occasions import Occasion
from integrations.models import Order, ShopConnection, ShopEvent
from landing.models import LandingPage
from messaging.models import Batch, Message, PromoPool, Sender
from shortlinks.models import ShortLink

# When the reminder of a date without a time leaves.
MORNING = time(10)
# Characters of a text that may leave, before its fields are filled.
LONGEST_TEXT = 1_000


def keep_while_it_waits(collector: Any, field: models.Field, campaigns: models.QuerySet[Any], using: str) -> None:
    """A segment that a campaign is still to be sent to stays; drafts and what has left do without it."""
    needed = [campaign for campaign in campaigns if campaign.needs_audience]
    if needed:
        raise models.ProtectedError("A campaign that is scheduled or leaving needs this segment.", set(needed))
    models.SET_NULL(collector, field, campaigns, using)


class Campaign(WorkspaceModel):
    """One text, once, to many: what a marketer writes, and the batch it became."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        SENT = "sent", pgettext_lazy("campaign", "Sent")
        CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        INFORMATION = "information", _("Information")

    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices, default=Purpose.MARKETING)
    # Information (town hall and the like) is for owners only, and says why.
    purpose_reason = models.CharField(_("why it is information"), max_length=200, blank=True)
    contact_list = models.ForeignKey(
        ContactList, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("list")
    )
    segment = models.ForeignKey(
        Segment,
        on_delete=keep_while_it_waits,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("segment"),
    )
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("topic")
    )
    sender = models.ForeignKey(
        Sender, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns", verbose_name=_("sender")
    )
    # A draft may be longer than what may leave: nothing that was typed is cut.
    text = models.TextField(_("message"), max_length=5000, blank=True)
    page = models.ForeignKey(
        LandingPage, on_delete=models.SET_NULL, null=True, blank=True, related_name="campaigns", verbose_name=_("page")
    )
    # Where the link leads when there is no page: checked before it leaves, so that a draft keeps what was typed.
    target_url = models.CharField(_("address"), max_length=2000, blank=True)
    # What `{code}` in the text is.
    promo_pool = models.ForeignKey(
        PromoPool,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("promo codes"),
    )
    scheduled_at = models.DateTimeField(_("leaves at"), null=True, blank=True)
    # In the smallest unit of the workspace's currency; empty is unlimited.
    budget = models.BigIntegerField(_("budget"), null=True, blank=True)
    per_hour = models.PositiveIntegerField(
        _("messages an hour"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    # Then the rest waits until somebody has looked at how the first share fares.
    pilot_percent = models.PositiveSmallIntegerField(
        _("first share (%)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT, editable=False)
    # Why a scheduled campaign came back as a draft at its hour, or one that leaves waits while it is written.
    held_because = models.CharField(max_length=400, blank=True, editable=False)
    link = models.ForeignKey(ShortLink, on_delete=models.PROTECT, null=True, editable=False, related_name="campaigns")
    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, null=True, editable=False, related_name="campaign")
    # One more each time the draft is written: whoever has an older one open overwrites nothing.
    version = models.PositiveIntegerField(default=0, editable=False)
    saved_at = models.DateTimeField(null=True, editable=False)
    saved_by = models.CharField(max_length=150, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("started"), null=True, editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(contact_list=None) | models.Q(segment=None), name="campaign_to_list_or_segment"
            )
        ]
        indexes = [models.Index(fields=["state", "scheduled_at"], name="campaign_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def needs_audience(self) -> bool:
        """Its recipients are still to be written, or may be."""
        return self.state in {self.State.SCHEDULED, self.State.SENDING, self.State.PAUSED}

    @property
    def is_half_written(self) -> bool:
        """Held while its messages were written: none has left."""
        return self.state == self.State.PAUSED and self.batch is not None and self.batch.state == Batch.State.PREPARING

    @property
    def leads_somewhere(self) -> bool:
        return bool(self.page_id or self.target_url)

    @property
    def audience(self) -> ContactList | Segment | None:
        return self.segment or self.contact_list


class Automation(WorkspaceModel):
    """On an event, to one: the text that leaves by itself. Its purpose follows from its trigger."""

    name = models.CharField(_("name"), max_length=120)
    # The name of a class in campaigns/triggers.py.
    trigger = models.CharField(_("when"), max_length=40)
    shop = models.ForeignKey(
        ShopConnection,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="automations",
        verbose_name=_("shop"),
    )
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="automations", verbose_name=_("sender"))
    text = models.TextField(_("message"), max_length=LONGEST_TEXT)
    page = models.ForeignKey(
        LandingPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="automations",
        verbose_name=_("page"),
    )
    # What of an order it answers: campaigns.criteria.Conditions.
    conditions = models.JSONField(default=dict, blank=True)
    delay_minutes = models.PositiveIntegerField(_("wait"), default=0)
    # Tighter than the law of its event (integrations.queries.LONGEST_DELAY), never looser.
    max_age_hours = models.PositiveSmallIntegerField(_("how old the event may be"), null=True, blank=True)
    # Newer news of the same order takes the place of what still waits.
    gives_way = models.BooleanField(_("gives way to newer news of the same order"), default=True)
    cap_messages = models.PositiveSmallIntegerField(
        _("messages to one person, at most"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    cap_days = models.PositiveSmallIntegerField(
        _("in how many days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    # A month, in the smallest unit of the workspace's currency; empty is unlimited.
    budget = models.BigIntegerField(_("budget a month"), null=True, blank=True)
    # The text asks for OUI or NON: the answer is written to the decision, and to an attribute of the contact.
    asks_reply = models.BooleanField(_("asks for OUI or NON"), default=False)
    reply_attribute = models.ForeignKey(
        Attribute,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="automations",
        verbose_name=_("write the answer to"),
    )
    # Of a reminder: how long before which date of theirs, and at what time where that date has none.
    date_attribute = models.ForeignKey(
        Attribute,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("date"),
    )
    lead_hours = models.PositiveSmallIntegerField(_("how long before"), default=24)
    at_time = models.TimeField(_("at what time"), default=MORNING)
    # Of an event that a program tells: its name, and which fields come with it.
    event_name = models.CharField(_("name of the event"), max_length=60, blank=True)
    event_fields = models.JSONField(_("fields of the event"), default=list, blank=True)
    # Of one-time codes.
    lifetime_minutes = models.PositiveSmallIntegerField(
        _("minutes a code is valid"), default=10, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    # Of a form that is sent: the page it stands on; empty is any.
    form_page = models.ForeignKey(
        LandingPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="form_automations",
        verbose_name=_("page of the form"),
    )
    # How far it came through those dates (audience.models.ContactDate); empty begins with what is to come.
    swept_value = models.CharField(max_length=16, blank=True, editable=False)
    swept_id = models.BigIntegerField(default=0, editable=False)
    is_enabled = models.BooleanField(_("on"), default=False)
    link = models.ForeignKey(ShortLink, on_delete=models.PROTECT, null=True, editable=False, related_name="automations")
    # Leads each recipient to their own parcel.
    tracking_link = models.ForeignKey(ShortLink, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    # The standing batch of the present text; a new text gets a new batch.
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, editable=False, related_name="automations")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("automation")
        verbose_name_plural = _("automations")

    def __str__(self) -> str:
        return self.name


class AutomationVersion(WorkspaceModel):
    """How an automation stood from then on, and who had it so."""

    changed_by = NOBODY

    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    # By column: campaigns.services.versions.KEPT.
    content = models.JSONField(default=dict)
    # Empty where nobody knows: it stood so before versions were kept.
    saved_by = models.CharField(_("who"), max_length=150, blank=True)
    saved_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("version of an automation")
        verbose_name_plural = _("versions of automations")
        constraints = [models.UniqueConstraint(fields=["automation", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.automation_id} v{self.number}"


# What a decision may be about.
Happening = ShopEvent | Occasion


class Decision(WorkspaceModel):
    """What an automation decided for one happening, and why: the answer to "why did this not leave?"."""

    changed_by = NOBODY

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        CANCELLED = "cancelled", pgettext_lazy("answer", "Cancelled")

    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="decisions")
    event = models.ForeignKey(ShopEvent, on_delete=models.CASCADE, null=True, related_name="decisions")
    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, null=True, related_name="decisions")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="decisions")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="decisions")
    # A sentence of campaigns.decided: "sent", "deferred…", "waits", or "not sent: …".
    outcome = models.CharField(_("outcome"), max_length=120)
    decided_at = models.DateTimeField(_("decided"))
    # While it waits for its delay: when it is looked at again.
    due_at = models.DateTimeField(null=True)
    # What they replied, by their last word, and when they wrote it.
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["automation", "event"], name="one_decision_per_event"),
            models.UniqueConstraint(fields=["automation", "occasion"], name="one_decision_per_occasion"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="decision_that_waits"),
            models.Index(fields=["automation", "-decided_at"], name="decision_of_automation"),
            models.Index(fields=["workspace", "-decided_at"], name="decision_by_time"),
        ]

    def __str__(self) -> str:
        return self.outcome

    @property
    def happening(self) -> Happening:
        """What it is about."""
        happening = self.event or self.occasion
        assert happening is not None
        return happening

    @staticmethod
    def about(happening: Happening) -> dict[str, Happening]:
        """The columns by which a decision about it is found, and made."""
        return {"event" if isinstance(happening, ShopEvent) else "occasion": happening}


class CreditRules(WorkspaceModel):
    """How long before an order a click may be for the order to be its message's."""

    changed_by = OWNER_ONLY

    window_days = models.PositiveSmallIntegerField(
        _("days between click and order, at most"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
    )

    class Meta:
        verbose_name = _("rules of credit")
        verbose_name_plural = _("rules of credit")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_credit_rules_per_workspace")]

    def __str__(self) -> str:
        return str(self.window_days)


class Credit(WorkspaceModel):
    """Which message an order is owed to, and why; or why to none. What it is worth stands in its Conversion."""

    changed_by = NOBODY

    class Reason(models.TextChoices):
        OWN_CODE = "own-code", _("Own promo code")
        SHARED_CODE = "shared-code", _("Code of the campaign")
        CLICK_ID = "click-id", _("Click that the shop kept")
        CLICK = "click", _("Click")
        NO_CLICK = "no-click", _("No click")
        NOT_FOLLOWED = "not-followed", _("Not followed")
        NOBODY = "nobody", _("Customer unknown")
        TEST = "test", _("Test order")

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="credit")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="credits")
    # The code as the offer has it.
    code = models.CharField(max_length=40, blank=True)
    # When it was clicked; of a code, when its message was handed over.
    happened_at = models.DateTimeField(null=True)
    # A digest of what the order said when it was judged: told alike again, it is not judged again.
    judged_by = models.CharField(max_length=32, blank=True, editable=False)
    # As it was when the order was first looked at: a new window changes no figure of the past.
    window_days = models.PositiveSmallIntegerField()
    judged_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("credit of an order")
        verbose_name_plural = _("credits of orders")
        indexes = [
            models.Index(fields=["happened_at"], condition=models.Q(reason="click"), name="credit_by_click"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.reason}"


class SecondLook(WorkspaceModel):
    """An order that is to be judged again: a click of its customer landed after it, or the customer refused to be
    followed, or was merged with somebody. Rows are only added, and deleted by whoever has looked: nobody waits for
    anybody (services/crediting.py)."""

    changed_by = NOBODY

    # Without a constraint of the database, which would wait for the order's lock.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return str(self.order_id)
