"""A private sale of a fashion shop: photo and invitation, deadline, discount and own code, three pieces, then trust."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from landing.theme import Choices
from landing.trades.base import Draft, Setting, Trade, Value, day_of, entry, money, offers_box, questions


def draft(setting: Setting) -> Draft:
    ends_at = setting.ends_at or setting.weekday(6, 23, 59)
    until = day_of(ends_at)
    return Draft(
        title=_("Private winter sale"),
        description=_("−40%% on 32 pieces, by invitation, until %(day)s.") % {"day": until},
        hero={
            "kicker": _("Private sale, by invitation"),
            "title": _("Winter, before everyone else"),
            "text": _(
                "{first_name|Welcome}, 32 pieces of the collection at −40%. The sale opens for you this morning."
            ),
            "photo": setting.pictures["satin"],
        },
        body=[
            ("countdown", {"ends_at": ends_at.isoformat()}),
            (
                "offer",
                {
                    "figure": _("−40%"),
                    "text": _("on the whole selection, online and in our four shops."),
                    "pool": setting.pool,
                    "note": _("Usable once. In the shop, just show this screen."),
                },
            ),
            ("products", {"heading": _("Three pieces that leave fast"), "products": _products(setting)}),
            ("facts", {"facts": _facts(), "is_highlighted": True}),
            (
                "testimonials",
                {
                    "quotes": [
                        {
                            "text": _("I wore the Alba three winters in a row. Nothing moved."),
                            "author": _("Hélène R., customer since 2019"),
                        }
                    ]
                },
            ),
            ("faq", {"heading": _("Before you order"), "questions": _questions()}),
            ("form", _invitation(setting.brand)),
            ("terms", {"entries": [entry(_("Terms of the offer"), _terms(until))]}),
        ],
        action_label=_("Enter the sale"),
        action_target=setting.shop_url,
        side_kind="call",
        side_target=setting.phone,
        expire_at=setting.ends_at or ends_at,
    )


def _products(setting: Setting) -> list[Value]:
    pieces = [
        ("coat", _("Alba coat"), 234, 390, _("Pure wool, 34 to 44")),
        ("jumper", _("Brune jumper"), 87, 145, _("Alpaca and merino, XS to XL")),
        ("bag", _("Inès bag"), 168, 280, _("Full-grain leather, 24 cm")),
    ]
    return [
        {
            "image": setting.picture(picture, name),
            "name": name,
            "price": money(price),
            "was": money(was),
            "detail": detail,
            "link": setting.shop_url,
        }
        for picture, name, price, was, detail in pieces
    ]


def _facts() -> list[Value]:
    facts = [
        (_("Delivery"), _("Free from %(amount)s") % {"amount": money(80)}),
        (_("Returns"), _("30 days, free")),
        (_("Payment"), _("In three instalments at no cost")),
        (_("Exchange"), _("In the shop, without a receipt")),
    ]
    return [{"label": label, "value": value} for label, value in facts]


def _questions() -> list[Value]:
    return questions(
        (
            _("Does the code work in the shop?"),
            _("Yes. Show this page at the till in Lyon, Lille, Nantes or Bordeaux."),
        ),
        (_("Can I exchange a size?"), _("Yes, for 30 days, as long as the size is in stock.")),
    )


def _invitation(brand: str) -> Value:
    """For those to whom the page was passed on."""
    return {
        "kind": "contact",
        "heading": _("A friend showed you this page?"),
        "text": _("The next invitation can come to you. Your number serves for that alone."),
        "details": ["first_name", "phone"],
        "boxes": [offers_box(brand)],
        "button": _("Invite me"),
        "thanks": _("Thank you, we have received your answer."),
    }


def _terms(until: str) -> str:
    return _(
        "Valid until %(day)s on the 32 marked pieces, while stocks last, gift cards excluded."
        " Struck price: the lowest price of the 30 days before."
    ) % {"day": until}


TRADE = Trade(
    slug="fashion",
    label=gettext_lazy("Fashion: private sale"),
    description=gettext_lazy("A photo, a deadline, a discount with each customer's own code, three products."),
    look=Choices("#0f4435", "#dcc49a", "#f3efe7", "#171512", voice="wide", corners="sharp"),
    pictures=("satin", "coat", "jumper", "bag"),
    draft=draft,
)
