from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminPageChooser

from accounts.queries import current_workspace, rows_of
from campaigns.triggers import Trigger, triggers
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
OF_EVENTS = {"order_number": _("Order number"), "total": _("Amount"), "shop_name": _("Shop's name")}


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
        by_trigger = [(slug, holes_of(trigger)) for slug, trigger in triggers().items()]
        offered = {"area": area, "merge_fields": offered_fields(), "by_trigger": by_trigger}
        return render_to_string("campaigns/automation/text.html", offered)


def holes_of(trigger: Trigger) -> list[Offered]:
    """What the event fills for everybody: as it is written, its label and an example."""
    return [(f"{{{name}}}", OF_EVENTS.get(name, name), example) for name, example in trigger.fields.items()]
