from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager
from wagtail.models import Collection, Page, Site

from accounts.companies import check_company_number, in_words


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def get_by_natural_key(self, username: str | None) -> "User":
        """Sign in whichever way the address is capitalised."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """Somebody who signs in, by e-mail address. What they may do is said by their memberships."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MARKETER = "marketer", _("Marketer")
    ANALYST = "analyst", _("Analyst")


class TrackingMode(models.TextChoices):
    INDIVIDUAL = "individual", _("Individual")
    WITH_CONSENT = "with_consent", _("Only with consent")
    AGGREGATE = "aggregate", _("Aggregate")


class Workspace(models.Model):
    """A tenant: one brand, with its pages, its contacts and its people."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=120, blank=True)
    contact_details = models.CharField(
        _("contact details"),
        max_length=200,
        blank=True,
        help_text=_("Sent to whoever answers CONTACT, and shown on the opt-out page."),
    )
    company_number = models.CharField(
        _("company number"),
        max_length=14,
        blank=True,
        validators=[check_company_number],
        help_text=_("SIREN or SIRET, shown at the foot of your pages."),
    )
    country = models.CharField(_("country"), max_length=2, default="FR")
    language = models.CharField(_("language"), max_length=5, default="fr")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    tracking_mode = models.CharField(
        _("tracking"), max_length=20, choices=TrackingMode.choices, default=TrackingMode.INDIVIDUAL
    )
    is_demo = models.BooleanField(_("demo"), default=False)
    root_page = models.OneToOneField(Page, on_delete=models.PROTECT, related_name="+")
    collection = models.OneToOneField(Collection, on_delete=models.PROTECT, related_name="+")
    site = models.OneToOneField(Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name

    @property
    def company(self) -> str:
        """Who publishes, as the law wants it said: legal name and company number."""
        return ", ".join(filter(None, [self.legal_name or self.name, in_words(self.company_number)]))


def indexed_workspace() -> "models.ForeignKey[Workspace, Workspace]":
    """For models of a million rows that have indexes which begin with the workspace: one of its own is only written."""
    return models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", editable=False, db_index=False)


class WorkspaceModel(models.Model):
    """A row of one workspace. Outside `django_scopes.scope(workspace=…)` its manager refuses to answer.

    `changed_by` says which roles may add, change and delete such rows in the admin; every member may see them.
    """

    changed_by: ClassVar[frozenset[str]] = frozenset({Role.OWNER, Role.MARKETER})

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", editable=False)

    if TYPE_CHECKING:
        objects = models.Manager()
    else:
        objects = ScopedManager(workspace="workspace")

    class Meta:
        abstract = True


OWNER_ONLY = frozenset({Role.OWNER})
NOBODY: frozenset[str] = frozenset()


class Membership(WorkspaceModel):
    """What a user may do in a workspace."""

    changed_by = OWNER_ONLY

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MARKETER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_user_and_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class RoleGroup(models.Model):
    """The Wagtail group that carries a role's page, collection and model permissions in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="role_groups")
    role = models.CharField(max_length=20, choices=Role.choices)
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "role"], name="one_group_per_role_and_workspace")]

    def __str__(self) -> str:
        return f"{self.workspace} · {self.role}"


class KeyFingerprint(models.Model):
    """Which opt-out and index keys this database was written with; start-up refuses others."""

    name = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(max_length=32)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
