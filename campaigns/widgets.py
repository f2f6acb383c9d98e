import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminPageChooser

from accounts.queries import current_workspace, rows_of
from campaigns.triggers import asking, triggers
from landing.models import LandingPage
from messaging.merge_fields import offered_attributes

# Name, label, and what one may say to those who have none.
Offered = tuple[str, str | Promise, str | Promise]
OF_EVERYBODY: list[Offered] = [
    ("first_name", _("First name"), _("there")),
    ("last_name", _("Last name"), ""),
    ("city", _("Town"), _("your town")),
]
# What events fill; one that is not here is called by its name.
OF_EVENTS = {
    "order_number": _("Order number"),
    "total": _("Amount"),
    "shop_name": _("Shop's name"),
    "refund": _("Refund"),
    "carrier": _("Carrier"),
    "tracking_number": _("Parcel number"),
    "tracking_link": _("Link to the parcel"),
    "code": _("Code"),
    "page_title": _("Title of the page"),
    "date": _("Date"),
    "time": _("Hour"),
}


@dataclass
class EventField:
    """A button, and the triggers whose events fill the field."""

    name: str
    example: str | Promise
    # Some events leave it empty: a text has words for that.
    is_asked: bool
    triggers: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(OF_EVENTS.get(self.name, self.name))

    @property
    def written(self) -> str:
        return f"{{{self.name}}}"

    @property
    def rules(self) -> str:
        return json.dumps({"trigger": self.triggers})


def offered_fields() -> list[Offered]:
    """What a contact of the workspace one stands in may fill: not everybody has it."""
    return [*OF_EVERYBODY, *((own.slug, own.label, "") for own in offered_attributes())]


class PageChooser(AdminPageChooser):
    """Wagtail's chooser shows back whatever page was posted: of another workspace, not even the title may be read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(target_models=[LandingPage], **kwargs)

    def get_instance(self, value: Any) -> LandingPage | None:
        key = str(value.pk if isinstance(value, LandingPage) else value)
        return rows_of(current_workspace(), LandingPage).filter(pk=key).first() if key.isdecimal() else None


class TextWithFields(forms.Textarea):
    """An automation's text, with a button for all that may stand in it."""

    class Media:
        js = ("campaigns/typing.js", "campaigns/fields.js")
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("campaigns/composer.css",)}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        area = super().render(name, value, {**(attrs or {}), "data-ch-fields-target": "text"}, renderer)
        offered = {
            "area": area,
            "merge_fields": offered_fields(),
            "event_fields": event_fields(),
            "declared": json.dumps({"trigger": sorted(asking().get("event_fields", ()))}),
        }
        return render_to_string("campaigns/automation/text.html", offered)


def event_fields() -> list[EventField]:
    """What events fill, each field once."""
    found: dict[str, EventField] = {}
    for slug, trigger in triggers().items():
        for names, is_asked in ((trigger.fields, False), (trigger.optional, True), (trigger.links, False)):
            for name, example in names.items():
                found.setdefault(name, EventField(name, example, is_asked)).triggers.append(slug)
    return list(found.values())
