"""A birthday gift of a hair salon: the name in large, the gift with a QR code for the till, prices, free slots."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from landing.theme import Choices
from landing.trades.base import Draft, Setting, Trade, Value, day_of, hour_of, money, offers_box, question

ADDRESS = "27 rue de la Tannerie, 35000 Rennes"


def draft(setting: Setting) -> Draft:
    until = setting.day(30, 19)
    return Draft(
        title=_("Birthday gift"),
        description=_("Your gift: −25%% on cut and care, until %(day)s.") % {"day": day_of(until)},
        hero={
            "kicker": "",
            "title": _("Happy birthday {first_name|to you}"),
            "text": _("One more year, and a gift for your hair."),
            "art": "hair",
            "ground": "pop",
        },
        body=[
            (
                "offer",
                {"figure": _("−25%"), "text": _("on cut and care, with the hairdresser of your choice.")},
            ),
            (
                "promo_code",
                {"pool": setting.pool, "has_qr": True, "note": _note(day_of(until))},
            ),
            ("lines", {"heading": _("With your gift"), "order": "price", "parts": [{"lines": _prices()}]}),
            (
                "choices",
                {"heading": _("Three slots with Mirette"), "choices": _slots(setting), "is_highlighted": True},
            ),
            ("form", _wish(setting.brand)),
            (
                "testimonials",
                {
                    "quotes": [
                        {
                            "text": _("They listen, they advise, and I recognise myself when I leave."),
                            "author": _("Nadia, customer for four years"),
                        }
                    ]
                },
            ),
            ("hours", {"heading": _("The salon"), "ranges": _hours()}),
            (
                "directions",
                {"address": ADDRESS, "plan": "streets", "text": _("At the end of the courtyard, step-free entrance.")},
            ),
            ("terms", {"entries": [{"title": _("Terms of the gift"), "text": _terms()}]}),
        ],
        action_label=_("Book an appointment"),
        action_target=setting.shop_url,
        side_kind="call",
        side_target=setting.phone,
    )


def _note(day: str) -> str:
    return _("Show this screen at the till. Usable once, until %(day)s.") % {"day": day}


def _prices() -> list[Value]:
    prices = [
        (_("Cut and blow-dry"), _("45 minutes"), 36, 48),
        (_("Cut, deep care, blow-dry"), _("1 h 15, the regulars' favourite"), 54, 72),
        (_("Cut, highlights, care"), _("2 h 30, diagnosis included"), 105, 140),
    ]
    return [
        {"name": name, "detail": detail, "figure": money(price), "was": money(was)}
        for name, detail, price, was in prices
    ]


def _slots(setting: Setting) -> list[Value]:
    slots = [(setting.weekday(1), 10, 0), (setting.weekday(3), 18, 30), (setting.weekday(5), 14, 0)]
    return [
        {"label": f"{day_of(day).capitalize()}, {hour_of(hour, minute)}", "link": setting.shop_url}
        for day, hour, minute in slots
    ]


def _wish(brand: str) -> Value:
    return {
        "kind": "contact",
        "heading": _("No slot suits you?"),
        "text": _(
            "Say when you are free, we call you back. Your number serves for that alone, unless you tick the box."
        ),
        "details": ["first_name", "phone"],
        "questions": [question(_("When are you free?"), is_required=True)],
        "boxes": [offers_box(brand)],
        "button": _("Call me back"),
        "thanks": _("Thank you, we call you back the same day."),
    }


def _hours() -> list[Value]:
    return [
        {"days": ["1", "2", "3", "4"], "opens": "09:30", "closes": "19:00"},
        {"days": ["5"], "opens": "09:00", "closes": "18:00"},
    ]


def _terms() -> str:
    text = _("Personal offer, one per year, not to be combined with another, products excluded.")
    return f"<p>{text}</p>"


TRADE = Trade(
    slug="hair",
    label=gettext_lazy("Hair salon: birthday gift"),
    description=gettext_lazy("The customer's name in large, a gift with a QR code for the till, slots to book."),
    look=Choices("#a8431f", "#f6bfb4", "#fff6ef", "#2b1712", voice="serif", corners="round"),
    draft=draft,
)
