"""A public meeting of a town hall: the subject as a sentence, date and place, the essentials, access. Plain words."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from landing.theme import Choices
from landing.trades.base import Draft, Setting, Trade, Value, bullets, day_of, hour_of, question

HALL = "2 allée des Tilleuls, 24000 Périgueux"


def draft(setting: Setting) -> Draft:
    meeting = setting.weekday(3, 18, 30)
    return Draft(
        title=_("Public meeting"),
        description=_("%(day)s at %(hour)s, Lime tree hall. Free entry.")
        % {"day": day_of(meeting).capitalize(), "hour": hour_of(18, 30)},
        hero={
            "kicker": _("Public meeting"),
            "title": _("The market square is changing, come and talk about it"),
            "text": _("The town hall presents two projects. You ask your questions, you give your opinion."),
            "art": "square",
            "ground": "paper",
        },
        body=[
            (
                "event",
                {
                    "title": _("Public meeting: the market square"),
                    "starts_at": meeting.isoformat(),
                    "ends_at": setting.weekday(3, 20, 45).isoformat(),
                    "place": _("Lime tree hall"),
                    "note": _("free entry"),
                },
            ),
            (
                "points",
                {
                    "heading": _("The essentials"),
                    "points": [
                        _("The town hall wants more trees and fewer cars on the square."),
                        _("The works would last from April to October. The market would stay open."),
                        _("Nothing has been voted. Your opinion counts."),
                    ],
                },
            ),
            ("lines", {"heading": _("The evening"), "order": "time", "parts": [{"lines": _programme()}]}),
            ("text", {"heading": _("For everybody"), "body": _access()}),
            (
                "directions",
                {
                    "heading": _("Lime tree hall"),
                    "address": HALL,
                    "plan": "river",
                    "text": _("Bus 4, stop Marché. The car park of the station is free from 6 pm."),
                },
            ),
            ("form", _attendance(meeting)),
        ],
        action_label=_("Go there"),
        action_kind="directions",
        action_target=HALL,
        side_kind="call",
        side_target=setting.phone,
        expire_at=setting.weekday(3, 23),
    )


def _programme() -> list[Value]:
    programme = [
        (18, 30, _("The project in pictures, by the architect")),
        (19, 0, _("Your questions, microphone in the hall")),
        (20, 0, _("Workshops: traffic, trees, shops")),
        (20, 45, _("End, and soup for everybody")),
    ]
    return [{"figure": hour_of(hour, minute), "name": name} for hour, minute, name in programme]


def _attendance(meeting: datetime) -> Value:
    """Without a box for offers: a town hall has none."""
    return {
        "kind": "rsvp",
        "heading": _("A chair for you"),
        "text": _("Nobody has to say so, it helps us set out chairs. Your question is read out without your name."),
        "details": ["first_name"],
        "questions": [question(_("Your question for the meeting"), "long")],
        "button": _("Answer"),
        "thanks": _("Thank you, we have noted it."),
        "closes_at": meeting.isoformat(),
        "is_highlighted": True,
    }


def _access() -> str:
    return bullets(
        _("Step-free hall, seats reserved in front"),
        _("Induction loop and sign language interpreter"),
        _("Childcare on the spot, from 3 years"),
        _("A report in easy French, one week later"),
    )


TRADE = Trade(
    slug="town",
    label=gettext_lazy("Town hall: public meeting"),
    description=gettext_lazy("The subject in a sentence, date and place, the essentials, access for everybody."),
    look=Choices("#0d4f5c", "#e6ae3c", "#ffffff", "#11191c", corners="soft", text_size="large"),
    draft=draft,
)
