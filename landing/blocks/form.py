from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    DateTimeBlock,
    ListBlock,
    MultipleChoiceBlock,
    StructBlock,
    TextBlock,
)
from wagtail.blocks.struct_block import StructBlockValidationError

from landing.answers.asking import DETAILS, MARKETING, PURPOSES, SHAPES, Kind, options_of
from landing.answers.form import form_for
from landing.answers.tokens import make_form_token
from landing.blocks.base import COME, LandingBlock, line, lines


class QuestionBlock(StructBlock):
    label = CharBlock(max_length=160, label=_("Question"))
    shape = ChoiceBlock(choices=SHAPES, default="short", label=_("Answer"))
    options = TextBlock(required=False, max_length=2_000, rows=3, label=_("Choices"), help_text=_("One a line."))
    is_required = BooleanBlock(required=False, label=_("Has to be answered"))

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["shape"] in {"one", "several"} and len(options_of(cleaned)) < 2:
            message = ValidationError(_("Write at least two choices, one a line."), code="options")
            raise StructBlockValidationError({"options": message})
        return cleaned

    class Meta:
        icon = "help"
        label = _("Question")


class BoxBlock(StructBlock):
    """A box to tick. It is never ticked beforehand, and its words are stored as they were shown."""

    wording = TextBlock(max_length=500, rows=2, label=_("Exact words"))
    purpose = ChoiceBlock(choices=PURPOSES, default=MARKETING, label=_("What a tick means"))

    class Meta:
        icon = "check"
        label = _("Box to tick")


class FormBlock(LandingBlock):
    """Contact details, questions and boxes to tick; what is sent becomes an answer, and a tick a line of the ledger."""

    kind = ChoiceBlock(
        choices=Kind.choices,
        default=Kind.CONTACT,
        label=_("Kind"),
        help_text=_(
            "A contest takes one entry for each number. An invitation asks who comes and with how many; there and in a"
            " survey, a second answer replaces the first."
        ),
    )
    heading = line(max_length=80, label=_("Heading"))
    text = lines(required=False, max_length=300, label=_("Text"))
    details = MultipleChoiceBlock(
        choices=DETAILS, required=False, widget=forms.CheckboxSelectMultiple, label=_("Ask for")
    )
    questions = ListBlock(QuestionBlock(), max_num=12, default=[], label=_("Questions"))
    boxes = ListBlock(BoxBlock(), max_num=3, default=[], label=_("Boxes to tick"))
    button = CharBlock(max_length=40, default=_("Send"), label=_("Button"))
    thanks = lines(max_length=300, default=_("Thank you, we have received your answer."), label=_("After sending"))
    closes_at = DateTimeBlock(required=False, label=_("Closes at"), help_text=_("Empty: stays open."))

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        needs_number = cleaned["kind"] == Kind.CONTEST or any(box["purpose"] == MARKETING for box in cleaned["boxes"])
        if needs_number and "phone" not in cleaned["details"]:
            message = _("Ask for the mobile number: a yes to offers, and a place in a contest, belong to one.")
            raise StructBlockValidationError({"details": ValidationError(message, code="phone")})
        if not (cleaned["details"] or cleaned["questions"] or cleaned["kind"] == Kind.RSVP):
            message = _("Ask for something: contact details or a question.")
            raise StructBlockValidationError({"details": ValidationError(message, code="empty")})
        return cleaned

    def changes_at(self, value: Any, now: datetime) -> datetime | None:
        return value.get("closes_at")

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        block, page = context.get("block_id") or "", context.get("page")
        bound = (context.get("bound_forms") or {}).get(block)
        form = bound or form_for(value, workspace=context.get("workspace"), block=block)
        is_sent, is_stale = bool(block) and context.get("sent") == block, bool(bound and context.get("is_stale"))
        return {
            **context,
            "form": form,
            "is_sent": is_sent,
            "has_news": is_sent or is_stale or bool(form.errors),
            "is_closed": is_closed(value),
            "token": make_form_token(page=page.pk, block=block, now=timezone.now()) if page and page.pk else "",
        }

    class Meta:
        icon = "form"
        label = _("Form")
        description = _(
            "Contact details, a contest, an answer to an invitation or a survey, with consent that is proven."
        )
        group = COME
        template = "landing/blocks/form.html"
        preview_value = {
            "kind": "contact",
            "heading": _("Be called back"),
            "text": _("We call you the same day."),
            "details": ["first_name", "phone"],
            "questions": [],
            "boxes": [{"wording": _("I want to get the brand's offers by SMS."), "purpose": MARKETING}],
            "button": _("Call me back"),
        }


def is_closed(value: Any) -> bool:
    return bool(value.get("closes_at")) and value["closes_at"] <= timezone.now()
