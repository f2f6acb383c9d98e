"""How the list of contacts is narrowed: by list, tag, what they said, and when they last did something."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from audience.lifecycle import Lifecycle
from audience.models import Contact, ContactList, OptOutScope, Purpose, Tag
from audience.queries import in_lifecycle
from audience.standing import is_blocked, said_no, says_yes

AGREED, OPTED_OUT, BLOCKED, SILENT = "agreed", "opted_out", "blocked", "silent"
STANDINGS = [
    (AGREED, _("agreed")),
    (OPTED_OUT, _("opted out")),
    (BLOCKED, _("blocked")),
    (SILENT, _("no consent")),
]


def of_standing(contacts: QuerySet[Contact], standing: str) -> QuerySet[Contact]:
    """As `standing_word` says it of one."""
    opposed, barred, agrees = said_no(OptOutScope.MARKETING), is_blocked(), says_yes(Purpose.MARKETING)
    wanted = {
        AGREED: ~opposed & ~barred & agrees,
        OPTED_OUT: opposed,
        BLOCKED: ~opposed & barred,
        SILENT: ~opposed & ~barred & ~agrees,
    }
    return contacts.filter(wanted[standing])


class ContactFilterSet(WagtailFilterSet):
    lists = django_filters.ModelMultipleChoiceFilter(
        label=_("Lists"),
        queryset=lambda request: ContactList.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
    )
    tags = django_filters.ModelMultipleChoiceFilter(
        label=_("Tags"), queryset=lambda request: Tag.objects.order_by("name"), widget=forms.CheckboxSelectMultiple
    )
    standing = django_filters.ChoiceFilter(
        label=_("Marketing"), choices=STANDINGS, method="filter_standing", widget=forms.RadioSelect
    )
    lifecycle = django_filters.ChoiceFilter(
        label=_("Activity"), choices=Lifecycle.choices, method="filter_lifecycle", widget=forms.RadioSelect
    )

    class Meta:
        model = Contact
        fields: list[str] = []

    def filter_standing(self, contacts: QuerySet[Contact], name: str, value: Any) -> QuerySet[Contact]:
        return of_standing(contacts, value)

    def filter_lifecycle(self, contacts: QuerySet[Contact], name: str, value: Any) -> QuerySet[Contact]:
        return in_lifecycle(contacts, value, timezone.now())
