"""Lunch at a restaurant: dish and price on one poster, open now, today's menu, the way there."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from landing.theme import Choices
from landing.trades.base import Draft, Setting, Trade, Value, hour_of, money, offers_box, question

ADDRESS = "8 rue du Lavoir, 44000 Nantes"


def draft(setting: Setting) -> Draft:
    return Draft(
        title=_("Lunch menu"),
        description=_("Starter, main and dessert for %(price)s, served in forty minutes.") % {"price": money(19)},
        hero={
            "kicker": "",
            "title": _("Octave at noon"),
            "text": _("Starter, main, dessert. Served in forty minutes, coffee included."),
            "art": "plate",
            "ground": "stage",
            "seal_figure": money(19),
            "seal_text": _("full menu"),
        },
        body=[
            ("hours", {"ranges": _hours(), "is_short": True}),
            ("lines", {"heading": _("Today"), "order": "price", "parts": _menu(), "note": _prices()}),
            (
                "directions",
                {
                    "heading": _("Two minutes from the station"),
                    "address": ADDRESS,
                    "plan": "park",
                    "text": _("Opposite the wash-house garden. Terrace at the back."),
                    "is_highlighted": True,
                },
            ),
            (
                "hours",
                {
                    "heading": _("Opening hours"),
                    "ranges": _hours(),
                    "note": _("Last orders half an hour before we close."),
                },
            ),
            ("form", _table(setting.brand)),
            ("facts", {"heading": _("Good to know"), "facts": _facts()}),
            ("terms", {"entries": [{"title": _("Allergens and origin"), "text": _terms()}]}),
        ],
        action_label=_("Call to book"),
        action_kind="call",
        action_target=setting.phone,
        side_kind="directions",
        side_target=ADDRESS,
    )


def _hours() -> list[Value]:
    return [
        {"days": ["0", "1", "2", "3", "4", "5"], "opens": "12:00", "closes": "14:30"},
        {"days": ["3", "4", "5"], "opens": "19:00", "closes": "22:30"},
    ]


def _menu() -> list[Value]:
    parts = [
        (
            _("Starters"),
            [
                (_("Egg mayonnaise, leeks vinaigrette"), ""),
                (_("Pumpkin soup"), _("vegetarian")),
            ],
        ),
        (
            _("Mains"),
            [
                (_("Chicken blanquette, pilaf rice"), _("chicken born and raised in France")),
                (_("Pollack, lemon butter, steamed potatoes"), ""),
                (_("Squash and tomme gratin"), _("vegetarian")),
            ],
        ),
        (_("Desserts"), [(_("Floating island"), ""), (_("Warm apple tart"), "")]),
    ]
    return [
        {"title": title, "lines": [{"name": name, "detail": detail} for name, detail in lines]}
        for title, lines in parts
    ]


def _prices() -> str:
    return _("Starter and main, or main and dessert: %(two)s. Main alone: %(one)s. Net prices, service included.") % {
        "two": money(16),
        "one": money(13),
    }


def _table(brand: str) -> Value:
    return {
        "kind": "contact",
        "heading": _("Ask for a table"),
        "text": _("We confirm by phone before service. Your number serves for that alone, unless you tick the box."),
        "details": ["first_name", "phone"],
        "questions": [
            question(_("Which day?"), "date", is_required=True),
            question(_("How many are you?"), "number", is_required=True),
        ],
        "boxes": [offers_box(brand)],
        "button": _("Ask for this table"),
        "thanks": _("Thank you, we call you to confirm."),
    }


def _facts() -> list[Value]:
    facts = [
        (_("Groups"), _("Up to twelve, call the day before")),
        (_("Children"), _("Half portion, %(price)s") % {"price": money(9)}),
        (_("Access"), _("Step-free, ramp at the door")),
        (_("To take away"), _("Call before %(hour)s") % {"hour": hour_of(11, 30)}),
    ]
    return [{"label": label, "value": value} for label, value in facts]


def _terms() -> str:
    text = _("The list of allergens is at the till and with the team. Alcohol abuse is dangerous for your health.")
    return f"<p>{text}</p>"


TRADE = Trade(
    slug="restaurant",
    label=gettext_lazy("Restaurant: lunch menu"),
    description=gettext_lazy("A poster with the price, open now or not, today's dishes, the way there."),
    look=Choices("#c22a1b", "#f6c445", "#fdf5e0", "#24150f", voice="condensed", corners="soft"),
    draft=draft,
)
