from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import WorkspaceModel
from audience.models.contacts import Contact


class ContactList(WorkspaceModel):
    """A named set of contacts, filled by hand or by import."""

    name = models.CharField(_("name"), max_length=120)
    contacts = models.ManyToManyField(Contact, through="ListMembership", related_name="lists")
    # Where the list is what a segment was at one moment: that moment.
    frozen_at = models.DateTimeField(_("as of"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="one_list_per_name_and_workspace")]

    def __str__(self) -> str:
        return self.name


class ListMembership(WorkspaceModel):
    # The constraint below is its index.
    contact_list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact_list", "contact"], name="one_place_per_contact_in_list")
        ]

    def __str__(self) -> str:
        return f"{self.contact_list_id}/{self.contact_id}"
