"""What the templates of landing pages need: merge fields, French spaces, the focal point of a photo."""

from datetime import date, datetime, time
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.days import in_words
from accounts.models import Workspace
from accounts.queries import NoWorkspace, current_workspace
from landing import merge as merging
from landing import sharing
from landing.models import LandingPage, Theme
from landing.queries import stop_number_of
from landing.rendering import Look
from landing.visitors import Visitor
from messaging.compose import HOLE

register = template.Library()


@register.filter
def merge(text: str, visitor: Visitor) -> str:
    """Plain text with its merge fields filled; escaped by the template like any other text."""
    return merging.typeset(merging.merged(str(text), visitor.values))


@register.filter
def merge_name(text: str, visitor: Visitor) -> SafeString:
    """The same, with what is filled in standing out."""
    marked = HOLE.sub(r"<em>\g<0></em>", escape(text))
    return merging.merged_html(marked, visitor.values)


@register.filter
def merge_rich(value: Any, visitor: Visitor) -> SafeString:
    """Rich text with its merge fields filled."""
    return merging.merged_html(str(value or ""), visitor.values)


@register.filter
def typeset(text: str) -> str:
    return merging.typeset(str(text))


@register.filter
def anchor(number: int) -> str:
    """A name for a block that is unique on its page."""
    return f"block-{number}"


@register.filter
def within(anchor: str, number: int) -> str:
    """A name for a block inside of another."""
    return f"{anchor}-{number}"


@register.filter
def clock(moment: datetime | time) -> str:
    """An hour as one writes it: 18 h 30, or 18:30."""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    if not (get_language() or "").startswith("fr"):
        return f"{moment:%H:%M}"
    return f"{moment.hour}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{moment:%M}" if moment.minute else "")


@register.filter(expects_localtime=True)
def day(moment: date, pattern: str) -> str:
    """As one says it: 1er décembre."""
    return in_words(moment, pattern)


@register.filter
def focus_class(image: Any) -> str:
    """Which part of a photo stays in sight when it is cropped: `art`, and up to two words."""
    point = image.get_focal_point()
    if point is None:
        return "art"
    across, down = point.centroid_x / image.width, point.centroid_y / image.height
    sides = ("left", across < 1 / 3), ("right", across > 2 / 3), ("upper", down < 1 / 3), ("lower", down > 2 / 3)
    return " ".join(["art", *(name for name, holds in sides if holds)])


@register.simple_tag(takes_context=True)
def tapped(context: Context, goal: str) -> str:
    """The address that hears of a tap of this visitor; empty for anyone else."""
    visitor, page = context.get("visitor"), context.get("page")
    if not (visitor and visitor.token and page and page.pk):
        return ""
    return reverse("landing_visitors:tapped", args=[page.pk, goal, visitor.token])


@register.simple_tag
def stop_number(workspace: Workspace | None) -> str:
    return stop_number_of(workspace) if workspace else ""


@register.simple_tag
def preview_of(page: LandingPage) -> sharing.Preview:
    """What messengers show of a link to the page."""
    return sharing.preview_of(page)


@register.simple_tag
def current_look() -> Look:
    """The look of the workspace one stands in."""
    try:
        return Theme.of(current_workspace()).look
    except NoWorkspace:
        return Theme().look
