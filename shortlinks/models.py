from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField
from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel


class ShortDomain(WorkspaceModel):
    """A host that answers short links. Its permutation key belongs to it and never changes."""

    changed_by = OWNER_ONLY

    host = models.CharField(_("host"), max_length=120, unique=True)
    is_default = models.BooleanField(_("default"), default=False)
    key = SealedBytesField(editable=False)
    # Next free numbers of 7 and of 8 character codes; ranges are cut from here under a row lock.
    next_number = models.BigIntegerField(default=0, editable=False)
    next_long_number = models.BigIntegerField(default=0, editable=False)
    # One on with every change of a link or a range: redirect processes poll it.
    version = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("short domain")
        verbose_name_plural = _("short domains")

    def __str__(self) -> str:
        return self.host


class ShortLink(WorkspaceModel):
    """Where a code leads. A tracked link has ranges of numbers; a hand-made one has an alias."""

    domain = models.ForeignKey(
        ShortDomain, on_delete=models.PROTECT, related_name="links", verbose_name=_("short domain")
    )
    label = models.CharField(_("label"), max_length=120)
    alias = models.CharField(_("alias"), max_length=40, blank=True, help_text=_("What follows the host: /sale"))
    target_url = models.URLField(_("address"), max_length=2000)
    # Each number may have a target of its own (LinkTarget); on any trouble `target_url` is used.
    is_per_number = models.BooleanField(default=False, editable=False)
    # Our own landing pages get a visit token; foreign addresses never do.
    carries_visit = models.BooleanField(default=False, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    starts_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    # The domain's version at the last change.
    version = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("short link")
        verbose_name_plural = _("short links")
        indexes = [models.Index(fields=["domain", "version"], name="link_by_version")]
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "alias"], condition=~models.Q(alias=""), name="one_link_per_alias_and_domain"
            )
        ]

    def __str__(self) -> str:
        return self.label


class CodeRange(WorkspaceModel):
    """Consecutive numbers of a domain: number `start + i` is position `first_position + i` of the link."""

    changed_by = NOBODY

    domain = models.ForeignKey(ShortDomain, on_delete=models.PROTECT, related_name="ranges")
    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="ranges")
    start = models.BigIntegerField()
    size = models.PositiveIntegerField()
    first_position = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "start"], name="one_range_per_start_and_domain"),
            models.UniqueConstraint(fields=["link", "first_position"], name="one_range_per_position_and_link"),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="range_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.start}+{self.size}"


class LinkTarget(WorkspaceModel):
    """The target of one number of a `per number` link: a tracking page, a cart."""

    changed_by = NOBODY

    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="targets")
    number = models.BigIntegerField()
    url = models.URLField(max_length=2000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "number"], name="one_target_per_number_and_link")]

    def __str__(self) -> str:
        return f"{self.link_id}/{self.number}"


class Verdict(models.TextChoices):
    HUMAN = "human", _("Human")
    BOT = "bot", _("Bot")
    UNSURE = "unsure", _("Unsure")


class Device(models.TextChoices):
    IPHONE = "iphone", _("iPhone")
    ANDROID = "android", _("Android phone")
    TABLET = "tablet", _("Tablet")
    COMPUTER = "computer", _("Computer")


class Click(WorkspaceModel):
    """One hit on a short link, landed from the journal. The raw hit is kept; the verdict may change later."""

    changed_by = NOBODY

    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="clicks")
    # Which recipient of the link (CodeRange); empty for an alias or an aggregate link.
    position = models.BigIntegerField(null=True)
    clicked_at = models.DateTimeField(_("clicked"))
    method = models.CharField(max_length=8)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    reason = models.CharField(_("reason"), max_length=60)
    device = models.CharField(_("device"), max_length=20, blank=True, choices=Device.choices)
    user_agent = models.CharField(max_length=400, blank=True)
    # HMAC(key of the day, truncated address): tells visitors of one day apart, no more.
    visitor = models.BinaryField(max_length=16, null=True)
    segment = models.CharField(max_length=80)
    offset = models.BigIntegerField()

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        constraints = [models.UniqueConstraint(fields=["segment", "offset"], name="one_click_per_journal_record")]
        indexes = [models.Index(fields=["workspace", "link", "position"], name="click_by_recipient")]

    def __str__(self) -> str:
        return f"{self.link_id}/{self.position} {self.verdict}"


class JournalSegment(models.Model):
    """How far a journal file has landed. Written in the same transaction as its clicks: exactly once."""

    name = models.CharField(max_length=80, primary_key=True)
    landed_offset = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name
