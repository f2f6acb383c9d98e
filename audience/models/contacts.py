from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import SealedTextField
from accounts.models import NOBODY, WorkspaceModel, indexed_workspace


class Gender(models.TextChoices):
    FEMALE = "female", pgettext_lazy("gender", "Female")
    MALE = "male", pgettext_lazy("gender", "Male")
    OTHER = "other", pgettext_lazy("gender", "Other")


class Tag(WorkspaceModel):
    """A word that a team pins on contacts."""

    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_tag_per_name_and_workspace")]

    def __str__(self) -> str:
        return self.name


class Projection(models.BooleanField):
    """What other rows say, kept where it is counted. `save` leaves it alone: an old copy never overwrites news."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return super().pre_save(model_instance, add) if add else models.F(self.attname)


class Contact(WorkspaceModel):
    """Somebody with a mobile number. The number is sealed; `phone_index` finds it again."""

    workspace = indexed_workspace()
    phone = SealedTextField(_("mobile number"))
    phone_index = models.BinaryField(max_length=32, editable=False)
    # The last two digits, so that lists can show `+33 6 •• •• •• 42` without opening every number.
    phone_hint = models.CharField(max_length=24, editable=False)
    territory = models.CharField(_("territory"), max_length=2, help_text=_("Country or overseas territory."))
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender.choices, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    # Of the address, ISO 3166 of two letters; `territory` says where the number is from.
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    # {slug of an Attribute: value of its kind}: see audience/attributes.py.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    tags = models.ManyToManyField(Tag, through="Tagging", related_name="contacts", verbose_name=_("tags"))
    source = models.CharField(_("source"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    # The last thing they did themselves: a human click, a reply, an order, a form. What we sent doesn't count.
    last_active_at = models.DateTimeField(_("last active"), null=True, blank=True, editable=False)
    # The last word on marketing in the ledger is a yes: for whoever counts a whole base. The gate reads the ledger.
    # Kept by `services.ledger.count_anew`; `manage.py recount_consents` proves it.
    has_agreed = Projection(default=False, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "phone_index"], name="one_contact_per_number_and_workspace")
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="contact_by_creation"),
            models.Index(fields=["workspace", "last_active_at"], name="contact_by_last_activity"),
            # "Postcode begins with 69" of a segment, whatever the database's collation.
            models.Index(
                fields=["workspace", "postcode"],
                name="contact_by_postcode",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.phone_hint

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class FormerNumber(WorkspaceModel):
    """A number that a contact had before; kept for as long as somebody may still answer what was sent there."""

    changed_by = NOBODY

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="former_numbers")
    phone = SealedTextField(_("mobile number"))
    phone_index = models.BinaryField(max_length=32, editable=False)
    left_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("former number")
        verbose_name_plural = _("former numbers")
        constraints = [models.UniqueConstraint(fields=["contact", "phone_index"], name="one_former_number_per_contact")]
        indexes = [models.Index(fields=["workspace", "phone_index"], name="former_number_by_index")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.left_at:%Y-%m-%d}"


class Tagging(WorkspaceModel):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "contact"], name="one_tagging_per_contact_and_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id}/{self.contact_id}"
