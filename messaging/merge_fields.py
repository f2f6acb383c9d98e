"""What a contact fills a text with: what anybody may have, and the workspace's own attributes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from audience.attributes import show_value
from audience.models import Attribute, Contact
from messaging.compose import CODE_FIELD, CONTACT_FIELDS, Template

# French figures have spaces that are not in the SMS alphabet.
SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


@dataclass(frozen=True)
class MergeField:
    """One of them; `name` is what stands between the braces."""

    name: str
    attribute: Attribute | None = None

    @property
    def column(self) -> str:
        """Its name in a query over contacts."""
        return f"attributes__{self.name}" if self.attribute else self.name

    def words(self, value: Any) -> str:
        """A value as a text has it, in the language of the workspace, whoever asks."""
        if self.attribute is None:
            return str(value or "")
        with translation.override(self.attribute.workspace.language):
            return show_value(self.attribute, value).translate(SPACES)

    def read(self, contact: Contact) -> str:
        """What this contact fills it with; empty where nothing is known."""
        return self.words(contact.attributes.get(self.name) if self.attribute else getattr(contact, self.name))


def offered_attributes() -> list[Attribute]:
    """The attributes of the workspace one stands in that a text may name: no other hole is called like them."""
    attributes = Attribute.objects.select_related("workspace").order_by("label")
    return [attribute for attribute in attributes if _is_free(attribute.slug)]


def merge_fields_of(template: Template, besides: Collection[str] = ()) -> list[MergeField]:
    """Holes that contacts fill, in the order of the text, without those that somebody else fills. Asks the database
    only for what not everybody has."""
    names = [name for name in template.fields if name not in besides]
    own = _attributes_of(names)
    return [MergeField(name, own.get(name)) for name in names if name in CONTACT_FIELDS or name in own]


def attribute_names(template: Template, besides: Collection[str] = ()) -> list[str]:
    """The attributes that a text names, without what somebody else fills."""
    return [field.name for field in merge_fields_of(template, besides) if field.attribute]


def _attributes_of(names: Iterable[str]) -> dict[str, Attribute]:
    unknown = [name for name in names if _is_free(name)]
    if not unknown:
        return {}
    attributes = Attribute.objects.select_related("workspace").filter(slug__in=unknown)
    return {attribute.slug: attribute for attribute in attributes}


def _is_free(name: str) -> bool:
    return name not in CONTACT_FIELDS and name not in {CODE_FIELD, "link"} and not name.endswith("_link")
