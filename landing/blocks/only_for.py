from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import ChoiceBlock, StreamBlock

from accounts.queries import NoWorkspace, current_workspace
from audience.models import Segment
from audience.queries import segment_contacts
from audience.segments.rules import BadRules
from landing.blocks import blocks_inside
from landing.blocks.base import BUILD, LandingBlock

WHO = [("recipient", _("People who come by their own link")), ("anyone", _("Anyone else"))]
LANGUAGES = [("fr", _("French")), ("en", _("English"))]


def segments() -> list[tuple[str, str]]:
    """Those of the workspace one stands in."""
    try:
        rows = Segment.objects.filter(workspace=current_workspace()).order_by("name")
    except NoWorkspace:
        return []
    return [(str(segment.pk), segment.name) for segment in rows]


class OnlyForBlock(LandingBlock):
    """Blocks that some people see. The server decides: what is not for somebody is not in their page."""

    can_stand_out = False
    can_nest = False

    who = ChoiceBlock(choices=WHO, required=False, label=_("Who"), help_text=_("Empty: everybody."))
    segment = ChoiceBlock(
        choices=segments,
        required=False,
        label=_("Segment"),
        help_text=_("Recipients who belong to it when they look."),
    )
    language = ChoiceBlock(
        choices=LANGUAGES,
        required=False,
        label=_("Language"),
        help_text=_("Of the recipient; anyone else reads the workspace's."),
    )

    def __init__(self, local_blocks: Any = None, **kwargs: Any) -> None:
        blocks = StreamBlock(blocks_inside(), label=_("Blocks"))
        super().__init__([*(local_blocks or []), ("blocks", blocks)], **kwargs)

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        return {**context, "is_meant": self.is_meant(value, context), "spoken": _other_language(value)}

    def get_preview_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {**super().get_preview_context(value, parent_context), "is_meant": True}

    def is_meant(self, value: Any, context: Mapping[str, Any]) -> bool:
        visitor, workspace = context["visitor"], context.get("workspace")
        if value.get("who") and (value["who"] == "recipient") != visitor.is_known:
            return False
        spoken = visitor.language or (workspace.language if workspace else "")
        if value.get("language") and value["language"] != spoken:
            return False
        return not value.get("segment") or belongs(visitor.contact_id, value["segment"], context["now"])

    def inner(self, value: Any) -> Iterable[Any]:
        return value["blocks"]

    class Meta:
        icon = "user"
        label = _("Only for…")
        description = _(
            "Blocks for a segment, for a language, for recipients or for anyone else. Decided by the server."
        )
        group = BUILD
        template = "landing/blocks/only_for.html"
        preview_value = {
            "who": "recipient",
            "blocks": [
                {"type": "text", "value": {"heading": _("For you, {first_name|dear customer}"), "body": "<p>…</p>"}}
            ],
        }


def _other_language(value: Any) -> str:
    """What the blocks inside are written in, where the page around them is not; one of `LANGUAGES`."""
    chosen = value.get("language") or ""
    return chosen if chosen in dict(LANGUAGES) and chosen != (get_language() or "")[:2] else ""


def belongs(contact_id: int | None, segment_id: str, now: Any) -> bool:
    """Whether that person is in the segment at this moment. One that is gone or broken has nobody."""
    segment = Segment.objects.filter(pk=segment_id).first()
    if segment is None or contact_id is None:
        return False
    try:
        return segment_contacts(segment, now).filter(pk=contact_id).exists()
    except BadRules:
        return False
