from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.fields import SealedBytesField
from accounts.models import NOBODY, OWNER_ONLY, WorkspaceModel


class Trouble(models.TextChoices):
    """Why a short domain does not answer for us."""

    UNKNOWN_HOST = "unknown-host", _("The name is not known to DNS yet.")
    NO_CONNECTION = "no-connection", _("Nothing accepts the connection.")
    BAD_CERTIFICATE = "bad-certificate", _("Its certificate is missing, out of date or made for another name.")
    TOO_SLOW = "too-slow", _("It does not answer in time.")
    SOMEBODY_ELSE = "somebody-else", _("Something answers, but not this installation.")
    PRIVATE_ADDRESS = "private-address", _("The name leads to a private network.")


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
    # When it was last asked whether it is we who answer there, and what was wrong (domains.py).
    checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    trouble = models.CharField(_("trouble"), max_length=20, choices=Trouble.choices, blank=True, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("short domain")
        verbose_name_plural = _("short domains")

    def __str__(self) -> str:
        return self.host

    @property
    def is_answering(self) -> bool | None:
        """Whether the last check found us there; None before the first."""
        return None if self.checked_at is None else not self.trouble


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
    # It leads to a shop of the workspace, which keeps the click id with what is ordered (click_ids.py).
    carries_click_id = models.BooleanField(default=False, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    starts_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    # Approximate: the redirect says how far it may be passed (limits.py).
    max_visits = models.PositiveIntegerField(
        _("maximum visits"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # Once the link has ended or is full, and where a number's own target is in trouble.
    fallback_url = models.URLField(_("address afterwards"), max_length=2000, blank=True)
    # [{"device": "iphone", "language": "fr", "url": "https://…"}]: the first that fits wins (rules.py).
    rules = models.JSONField(_("rules"), default=list, blank=True)
    keeps_query = models.BooleanField(_("keep what follows the “?” of the short link"), default=False)
    has_utm = models.BooleanField(_("add the UTM parameters"), default=False)
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

    @property
    def addresses(self) -> list[str]:
        """Everywhere it may lead."""
        return [self.target_url, *filter(None, [self.fallback_url]), *(rule["url"] for rule in self.rules)]


class UtmTemplate(WorkspaceModel):
    """What a workspace adds to the addresses of its links, for the shop's statistics (utm.py)."""

    source = models.CharField("utm_source", max_length=80, blank=True)
    medium = models.CharField("utm_medium", max_length=80, blank=True)
    campaign = models.CharField("utm_campaign", max_length=80, blank=True)

    class Meta:
        verbose_name = _("UTM parameters")
        verbose_name_plural = _("UTM parameters")
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_utm_template_per_workspace")]

    def __str__(self) -> str:
        return f"{self.source} / {self.medium} / {self.campaign}"


class TargetChange(WorkspaceModel):
    """A link led elsewhere from then on."""

    changed_by = NOBODY

    class Part(models.TextChoices):
        TARGET = "target", _("Address")
        FALLBACK = "fallback", _("Address afterwards")
        RULES = "rules", _("Rules")

    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="changes")
    part = models.CharField(_("what"), max_length=10, choices=Part.choices)
    before = models.TextField(_("before"), blank=True)
    after = models.TextField(_("after"), blank=True)
    # Empty: the installation itself, because a page has moved.
    author = models.CharField(_("who"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")

    def __str__(self) -> str:
        return f"{self.link_id} {self.part} {self.changed_at:%Y-%m-%d}"


class CodeRange(WorkspaceModel):
    """Consecutive numbers of a domain: number `start + i` is position `first_position + i` of the link."""

    changed_by = NOBODY

    domain = models.ForeignKey(ShortDomain, on_delete=models.PROTECT, related_name="ranges")
    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="ranges")
    start = models.BigIntegerField()
    size = models.PositiveIntegerField()
    first_position = models.PositiveBigIntegerField(default=0)
    # Without it no click says which position it was: these recipients have not agreed to be followed.
    is_followed = models.BooleanField(default=True)
    # They have said so themselves: the only ones whom a workspace follows that asks first.
    has_agreed = models.BooleanField(default=False)
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


class QuietNumber(WorkspaceModel):
    """A number of a followed range whose recipient has refused to be followed since."""

    changed_by = NOBODY

    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="quiet_numbers")
    number = models.BigIntegerField()
    position = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "number"], name="one_quiet_number_per_number_and_link")]

    def __str__(self) -> str:
        return f"{self.link_id}/{self.position}"


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


class Source(models.IntegerChoices):
    """How somebody came by the address. Journals keep the numbers: they never change their meaning."""

    UNKNOWN = 0, _("Unknown")
    MESSAGE = 1, _("Message")
    QR = 2, _("QR code")
    SHARED = 3, _("Shared address")


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
    source = models.PositiveSmallIntegerField(_("source"), choices=Source.choices, default=Source.UNKNOWN)
    # The host of the page that led here, if it is not one of ours.
    referrer = models.CharField(_("referrer"), max_length=100, blank=True)
    # What the request showed beside its user agent (signs.Sign): the raw hit, to be judged again.
    signs = models.BigIntegerField(default=0)
    segment = models.CharField(max_length=80)
    offset = models.BigIntegerField()

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        constraints = [models.UniqueConstraint(fields=["segment", "offset"], name="one_click_per_journal_record")]
        indexes = [models.Index(fields=["workspace", "link", "position"], name="click_by_recipient")]

    def __str__(self) -> str:
        return f"{self.link_id}/{self.position} {self.verdict}"


class VerdictChange(WorkspaceModel):
    """A click was judged again, from what came after it. The first `before` is what its request alone had said."""

    changed_by = NOBODY

    click = models.ForeignKey(Click, on_delete=models.CASCADE, related_name="verdict_changes")
    before = models.CharField(max_length=10, choices=Verdict.choices)
    reason_before = models.CharField(max_length=60)
    after = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=60)
    changed_at = models.DateTimeField()
    # Of who became human, other rooms are told (news.py).
    is_told = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["click", "reason"], name="one_verdict_change_per_reason_and_click")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(after=Verdict.HUMAN, is_told=False), name="verdict_change_untold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.click_id} {self.before} > {self.after}"


class Confirmation(WorkspaceModel):
    """A page of ours was shown to somebody who had just come by a link. Kept for a day, to judge clicks by."""

    changed_by = NOBODY

    link = models.ForeignKey(ShortLink, on_delete=models.CASCADE, related_name="confirmations")
    position = models.BigIntegerField()
    # As on the click: the same network, the same day.
    visitor = models.BinaryField(max_length=16)
    user_agent = models.CharField(max_length=400)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "position", "visitor", "user_agent"], name="one_confirmation_per_viewer_and_recipient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.link_id}/{self.position}"


class BlockedHost(models.Model):
    """A host, with all below it, that no link of the installation may lead to. The operator's list."""

    host = models.CharField(_("host"), max_length=253, unique=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("blocked host")
        verbose_name_plural = _("blocked hosts")

    def __str__(self) -> str:
        return self.host


class JournalSegment(models.Model):
    """How far a journal file has landed. Written in the same transaction as its clicks: exactly once.

    And how far other rooms have been told of them (news.py), in the transaction of what they made of it.
    """

    name = models.CharField(max_length=80, primary_key=True)
    landed_offset = models.BigIntegerField(default=0)
    told_offset = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["updated_at"],
                condition=models.Q(told_offset__lt=models.F("landed_offset")),
                name="segment_untold",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """What a redirect process or a drainer last said of itself (heartbeats.py)."""

    class Kind(models.TextChoices):
        REDIRECT = "redirect"
        DRAINER = "drainer"

    name = models.CharField(max_length=80, primary_key=True)
    machine = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    process_id = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Set by a polite end; who was killed is silent.
    stopped_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
