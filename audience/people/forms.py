"""A contact as a form: the facts that the workspace keeps, and its own typed attributes."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from audience.attributes import BadValue, read_value
from audience.dates import DayInput
from audience.models import Attribute, Contact, ContactList, Tag
from audience.phone import NotAMobile, parse_mobile
from audience.queries import contact_of, settings_of
from audience.services import add_contact
from audience.services.contacts import save_contact
from audience.services.lists import put_in_lists, set_tags
from audience.services.numbers import change_number

Kind = Attribute.Kind
PREFIX = "attribute_"
YES_NO = [("", "–"), ("yes", _("Yes")), ("no", _("No"))]


def field_for(attribute: Attribute) -> forms.Field:
    """How a value of this kind is asked for."""
    if attribute.kind == Kind.DATE:
        return forms.DateField(label=attribute.label, required=False, widget=DayInput)
    if attribute.kind == Kind.DATE_TIME:
        browsers_own = forms.TextInput(attrs={"type": "datetime-local"})
        return forms.CharField(label=attribute.label, required=False, widget=browsers_own)
    if attribute.kind == Kind.YES_NO:
        return forms.ChoiceField(label=attribute.label, required=False, choices=YES_NO)
    if attribute.kind == Kind.CHOICE:
        choices = [("", "–"), *((choice, choice) for choice in attribute.choices)]
        return forms.ChoiceField(label=attribute.label, required=False, choices=choices)
    return forms.CharField(label=attribute.label, required=False, max_length=200)


def written(attribute: Attribute, value: Any) -> Any:
    """A kept value as the form's field shows it."""
    if attribute.kind == Kind.YES_NO:
        return {True: "yes", False: "no"}.get(value, "")
    return value


class ReasonForm(forms.Form):
    """Why somebody looks at, takes away or removes personal data; it stays in the audit log."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The reason stays in the audit log: write no name and no number."),
    )


class MergeForm(forms.Form):
    """The other contact of the same person, and which of the two numbers goes on."""

    other = forms.CharField(
        label=_("Number of the other contact"),
        max_length=40,
        help_text=_("In full: contacts are found by their whole number only."),
    )
    keep = forms.ChoiceField(
        label=_("Number that is kept"),
        choices=[("this", _("of this contact")), ("other", _("of the other contact"))],
        initial="this",
    )

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_other(self) -> str:
        number = self.cleaned_data["other"]
        found = contact_of(workspace=self.contact.workspace, phone=number)
        if found is None:
            raise forms.ValidationError(_("No contact has this number."))
        if found == self.contact:
            raise forms.ValidationError(_("This is the number of this contact: give the other one."))
        self.found = found
        return number

    @property
    def kept(self) -> Contact:
        return self.contact if self.cleaned_data["keep"] == "this" else self.found

    @property
    def gone(self) -> Contact:
        return self.found if self.cleaned_data["keep"] == "this" else self.contact


class ContactForm(WorkspaceForm):
    """A number is what makes a contact: whoever changes it says the new one."""

    field_order = ("number", "new_number")

    instance: Contact
    number = forms.CharField(label=_("Mobile number"), max_length=40)
    new_number = forms.CharField(
        label=_("New number"),
        max_length=40,
        required=False,
        help_text=_("Only when this person has another number now. What they said no to holds for both."),
    )
    lists: Any = forms.ModelMultipleChoiceField(
        label=_("Lists"), queryset=ContactList.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags: Any = forms.ModelMultipleChoiceField(
        label=_("Tags"), queryset=Tag.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Contact
        fields = [
            "first_name",
            "last_name",
            "birth_date",
            "gender",
            "email",
            "postcode",
            "city",
            "country",
            "language",
        ]
        widgets = {"birth_date": DayInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attributes = list(Attribute.objects.order_by("label"))
        self._drop_what_is_not_kept()
        for attribute in self.attributes:
            self.fields[PREFIX + attribute.slug] = field_for(attribute)
            self.initial[PREFIX + attribute.slug] = written(attribute, self.instance.attributes.get(attribute.slug))
        if self.instance.pk:
            self.fields["number"].disabled = True
            self.initial["number"] = self.instance.phone_hint
            self.initial |= {"lists": self.instance.lists.all(), "tags": self.instance.tags.all()}
        else:
            del self.fields["new_number"]

    def _drop_what_is_not_kept(self) -> None:
        settings = settings_of(self.instance.workspace)
        for name in self.Meta.fields:
            if not settings.keeps(name):
                del self.fields[name]
        if "language" in self.fields:
            self.fields["language"].required = False
        # A label with nothing under it asks nothing.
        for name in ("lists", "tags"):
            field: Any = self.fields[name]
            if not field.choices:
                del self.fields[name]

    def clean_number(self) -> str:
        number = self.cleaned_data["number"]
        return number if self.instance.pk else self._mobile(number)

    def clean_new_number(self) -> str:
        number = self.cleaned_data["new_number"]
        return self._mobile(number) if number else ""

    def clean_country(self) -> str:
        country = self.cleaned_data["country"].strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise forms.ValidationError(_("A country is two letters, such as FR."))
        return country

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or self.instance.workspace.language

    def _mobile(self, number: str) -> str:
        """E.164 of a number that nobody else has."""
        workspace = self.instance.workspace
        try:
            mobile = parse_mobile(number, workspace.country)
        except NotAMobile as error:
            raise forms.ValidationError(str(error.reason)) from error
        if known := contact_of(workspace=workspace, phone=mobile.e164):
            raise forms.ValidationError(_("This number is already in your contacts: %(name)s."), params={"name": known})
        return mobile.e164

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.values: dict[str, Any] = {}
        for attribute in self.attributes:
            name = PREFIX + attribute.slug
            try:
                self.values[attribute.slug] = read_value(attribute, str(cleaned.get(name) or ""))
            except BadValue as error:
                self.add_error(name, str(error.reason))
        return cleaned

    def save(self, commit: bool = True) -> Contact:
        contact = self._edited() if self.instance.pk else self._added()
        put_in_lists(contact=contact, lists=self.cleaned_data.get("lists", ()))
        set_tags(contact=contact, tags=self.cleaned_data.get("tags", ()))
        return contact

    def _edited(self) -> Contact:
        contact = self.instance
        contact.attributes = self._attributes(contact.attributes)
        save_contact(contact=contact)
        if number := self.cleaned_data["new_number"]:
            change_number(contact=contact, phone=number, now=timezone.now())
        return contact

    def _added(self) -> Contact:
        facts = {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.cleaned_data}
        self.instance = add_contact(
            workspace=self.instance.workspace,
            phone=self.cleaned_data["number"],
            source="admin",
            attributes=self._attributes({}),
            **facts,
        )
        return self.instance

    def _attributes(self, known: dict[str, Any]) -> dict[str, Any]:
        """What is known with what was typed; an emptied field forgets its value."""
        return {slug: value for slug, value in {**known, **self.values}.items() if value is not None}
