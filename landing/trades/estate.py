"""An open house of an estate agent: façade and street, price and facts, three views, slots, plan, energy label."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from landing.theme import Choices
from landing.trades.base import Draft, Setting, Trade, Value, day_of, hour_of, offers_box, question

ADDRESS = "12 rue des Glycines, 69003 Lyon"


def draft(setting: Setting) -> Draft:
    visit = setting.weekday(5, 16)
    day = day_of(visit)
    return Draft(
        title=_("Open house"),
        description=_("Four rooms, 96 m², terrace. Visits on %(day)s.") % {"day": day},
        hero={
            "kicker": _("Open house, %(day)s") % {"day": day},
            "title": _("Four rooms and a terrace, rue des Glycines"),
            "text": _("Come in, open the cupboards, ask your questions. In groups of two."),
            "art": "house",
            "ground": "stage",
        },
        body=[
            (
                "facts",
                {"figure": _price(), "figure_note": _("Fees paid by the seller"), "facts": _facts()},
            ),
            ("gallery", {"heading": _("Three views"), "views": _views(setting)}),
            (
                "choices",
                {
                    "heading": _("Choose your slot"),
                    "text": _("%(day)s, twenty minutes on the spot") % {"day": day.capitalize()},
                    "choices": _slots(setting),
                    "is_highlighted": True,
                },
            ),
            (
                "directions",
                {
                    "heading": _("Where it is"),
                    "address": ADDRESS,
                    "plan": "streets",
                    "text": _("Tram A, stop Glycines, three minutes on foot. Free parking in the rue Monge."),
                },
            ),
            (
                "energy",
                {"heading": _("Energy and co-ownership"), "energy": "C", "climate": "B", "text": _energy()},
            ),
            ("form", _request(setting.brand)),
            ("terms", {"entries": [{"title": _("About this advertisement"), "text": _terms()}]}),
        ],
        action_label=_("Book my visit"),
        action_target=setting.shop_url,
        side_kind="call",
        side_target=setting.phone,
        expire_at=visit,
    )


def _price() -> str:
    return _("€318,000")


def _facts() -> list[Value]:
    facts = [
        (_("Floor area (Carrez)"), _("96 m²")),
        (_("Rooms"), _("4, of which 3 bedrooms")),
        (_("Terrace"), _("14 m², facing south")),
        (_("Floor"), _("2nd, with lift")),
    ]
    return [{"label": label, "value": value} for label, value in facts]


def _views(setting: Setting) -> list[Value]:
    views = [
        ("living", _("Living room, 34 m²"), _("Living room with a sofa and a large window")),
        ("kitchen", _("Open kitchen, 12 m²"), _("Open kitchen with an island")),
        ("terrace", _("Terrace, 14 m²"), _("Terrace with a view over the roofs")),
    ]
    return [{"image": setting.picture(name, words), "title": title} for name, title, words in views]


def _slots(setting: Setting) -> list[Value]:
    free = [(10, 0, False), (10, 40, True), (11, 20, True), (14, 0, True), (14, 40, True), (15, 20, False)]
    return [
        {"label": hour_of(hour, minute), "link": setting.shop_url if is_free else ""} for hour, minute, is_free in free
    ]


def _request(brand: str) -> Value:
    return {
        "kind": "contact",
        "heading": _("A question, or another day?"),
        "text": _("We call you back the same day. Your number serves for that alone, unless you tick the box."),
        "details": ["first_name", "phone"],
        "questions": [question(_("What would you like to know?"), "long")],
        "boxes": [offers_box(brand)],
        "button": _("Call me back"),
        "thanks": _("Thank you, we call you back the same day."),
    }


def _energy() -> str:
    return _(
        "164 kWh/m²/year, 9 kg CO₂/m²/year. Yearly costs estimated between €1,080 and €1,510, prices of 2024."
        " Co-ownership of 18 lots, charges €1,740 a year, no proceedings. Risks: georisques.gouv.fr."
    )


def _terms() -> str:
    text = _("Photos are not contractual. Fees, surface and diagnoses are in the file that we hand over on the spot.")
    return f"<p>{text}</p>"


TRADE = Trade(
    slug="estate",
    label=gettext_lazy("Estate agent: open house"),
    description=gettext_lazy("A façade, the price, three views, slots to visit, the plan and the energy label."),
    look=Choices("#2f2b63", "#f3a66a", "#f6f3ee", "#1b1930", voice="normal", corners="soft"),
    pictures=("living", "kitchen", "terrace"),
    draft=draft,
)
