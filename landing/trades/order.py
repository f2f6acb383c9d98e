"""A shipped order: when it comes, where it is, what to do. Belongs to a service message, so it sells nothing."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from landing.theme import Choices
from landing.trades.base import Draft, Setting, Trade, Value, bullets, questions


def draft(setting: Setting) -> Draft:
    return Draft(
        title=_("Order shipped"),
        description=_("Your parcel has left our workshop and arrives within two working days."),
        hero={
            "kicker": _("Your order"),
            "title": _("Your parcel is on its way, {first_name|all is well}"),
            "text": "",
            "art": "tiles",
            "ground": "paper",
            "seal_figure": _("48 h"),
            "seal_text": _("Delivered within two working days, to your door. An SMS tells you the hour."),
        },
        body=[
            ("steps", {"heading": _("Where is it?"), "steps": _steps()}),
            (
                "text",
                {
                    "heading": _("In the parcel"),
                    "body": bullets(
                        _("What you ordered, wrapped in paper, without plastic"),
                        _("The delivery note and the return label"),
                        _("The care instructions of each piece"),
                    ),
                },
            ),
            (
                "call_to_action",
                {
                    "heading": _("Not at home that day?"),
                    "text": _("Another day, a neighbour or a pick-up point: you choose until the evening before."),
                    "label": _("Change day or place"),
                    "target": setting.shop_url,
                    "is_highlighted": True,
                },
            ),
            ("faq", {"heading": _("A question?"), "questions": _questions()}),
        ],
        action_label=_("Follow at the carrier's"),
        action_target=setting.shop_url,
        side_kind="call",
        side_target=setting.phone,
    )


def _steps() -> list[Value]:
    steps = [
        ("done", _("Order received"), _("Paid and confirmed")),
        ("done", _("Packed in the workshop"), _("Checked piece by piece")),
        ("here", _("On its way"), _("Handed to the carrier today")),
        ("next", _("With your courier"), _("An SMS with the exact hour")),
        ("next", _("Delivered, against signature"), ""),
    ]
    return [{"state": state, "title": title, "text": text} for state, title, text in steps]


def _questions() -> list[Value]:
    return questions(
        (
            _("A piece arrived chipped"),
            _("Answer our SMS with the word BROKEN within seven days. We send the piece again, nothing to return."),
        ),
        (_("Return an article"), _("You have 30 days. The return label is in the parcel.")),
        (_("Talk to a real person"), _("Our team answers from Monday to Friday, from 9 am to 6 pm.")),
    )


TRADE = Trade(
    slug="order",
    label=gettext_lazy("Shop: order shipped"),
    description=gettext_lazy("When the parcel comes, where it is, what to do if nobody is at home. No advertising."),
    look=Choices("#2346b8", "#e2a07c", "#f3f1ea", "#16203a", voice="normal", corners="round"),
    draft=draft,
)
