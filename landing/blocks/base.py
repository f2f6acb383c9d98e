import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BooleanBlock, CharBlock, RichTextBlock, StructBlock, TextBlock

from landing.merge import check_fields
from landing.visitors import ANYONE, SAMPLE

# Where a block stands in the picker.
SAY, SELL, COME, SHOW, BUILD = _("To say"), _("To sell"), _("To come"), _("To show"), _("To build")

FIRST_TAG = re.compile(r"<[a-z]+")

# A directive of the content security policy, and an origin for it.
Source = tuple[str, str]


class LandingBlock(StructBlock):
    """One piece of a landing page.

    To add one: a file here with its data and a `Meta` (icon, label, description, group, preview_value, template), a
    template of the same name in `templates/landing/blocks/`, a test, and its name in `LANDING_BLOCKS`. The class is
    called after the file: `call_to_action.py` holds `CallToActionBlock`.

    A template uses the classes and colour roles of `static/landing/` and brings no style, script or colour of its own;
    that is what keeps a page good-looking after a marketer has worked on it. Its context holds `self` (the data),
    `visitor`, `workspace`, `page`, `now`, and `anchor`, a name that is unique on the page. Times are on the
    workspace's clock.
    """

    # Which part of a page takes it: "hero" (exactly one, on top) or "body".
    slot = "body"
    # Blocks have one setting: to stand out on a ground of their own.
    can_stand_out = True
    # May stand inside another block.
    can_nest = True
    # Names of small scripts of `static/landing/scripts/` that make the block nicer; it works without.
    scripts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, local_blocks: Any = None, **kwargs: Any) -> None:
        highlight = BooleanBlock(required=False, label=_("Highlight"), help_text=_("Once per page."))
        settings = [("is_highlighted", highlight)] if self.can_stand_out else []
        super().__init__([*(local_blocks or []), *settings], **kwargs)

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"visitor": ANYONE, "now": timezone.now(), **super().get_context(value, parent_context)}

    def render(self, value: Any, context: Mapping[str, Any] | None = None) -> Any:
        html = super().render(value, context)
        spoken = (context or {}).get("spoken")
        # Said by the block's own element: another one around it would break the rhythm of the page.
        return mark_safe(FIRST_TAG.sub(rf'\g<0> lang="{spoken}"', html, count=1)) if spoken else html  # noqa: S308

    def get_preview_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {**(parent_context or {}), "visitor": SAMPLE, "anchor": "preview"}

    def changes_at(self, value: Any, now: datetime) -> datetime | None:
        """When what the block shows to anyone will be wrong without a fresh look; pages are not kept longer."""
        return None

    def inner(self, value: Any) -> Iterable[Any]:
        """The blocks that stand inside this one."""
        return ()

    def sources(self, value: Any) -> Iterable[Source]:
        """What a page with this block lets in besides what is ours, once somebody asks for it."""
        return ()

    class Meta:
        abstract = True


def line(**kwargs: Any) -> CharBlock:
    """One line in which merge fields work."""
    return CharBlock(validators=[check_fields], **kwargs)


def lines(**kwargs: Any) -> TextBlock:
    """Some sentences in which merge fields work."""
    return TextBlock(validators=[check_fields], rows=2, **kwargs)


def rich_text(**kwargs: Any) -> RichTextBlock:
    features = ["bold", "italic", "link", "ul", "blockquote"]
    return RichTextBlock(features=features, validators=[check_fields], **kwargs)


def heading(**kwargs: Any) -> CharBlock:
    return line(required=False, max_length=80, label=_("Heading"), **kwargs)
