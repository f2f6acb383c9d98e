"""A private sale of a fashion shop. The photo and the drawings beside this file are ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import translation

from accounts.days import in_words

FOLDER = Path(__file__).parent
PICTURES = ("satin", "coat", "jumper", "bag")

Block = dict[str, object]


@dataclass(frozen=True)
class SaleText:
    """The words of the page in one language."""

    kicker: str
    headline: str
    promise: str
    until: str
    opens: str
    figure: str
    scope: str
    note: str
    pieces: str
    # Title and prices of coat, jumper and bag.
    products: Sequence[tuple[str, str]]
    service_title: str
    services: Sequence[str]
    quote: str
    author: str
    questions: str
    entries: Sequence[tuple[str, str]]
    call_title: str
    call_text: str
    call_label: str
    enter: str
    description: str


FRENCH = SaleText(
    kicker="Vente privée, sur invitation",
    headline="L’hiver, avant tout le monde",
    promise="{first_name|Bienvenue}, 32 pièces de la collection à −40 %. La vente ouvre pour vous ce matin.",
    until="Jusqu’au {day} à {time}",
    opens="Lundi, la sélection revient à son prix de saison.",
    figure="−40 %",
    scope="sur toute la sélection, en ligne et dans nos quatre boutiques.",
    note="Utilisable une fois. À la caisse, montrez simplement cet écran.",
    pieces="Trois pièces qui partent vite",
    products=[
        ("Manteau Alba", "234 € au lieu de 390 €"),
        ("Pull Brune", "87 € au lieu de 145 €"),
        ("Sac Inès", "168 € au lieu de 280 €"),
    ],
    service_title="Sans mauvaise surprise",
    services=[
        "Livraison offerte dès 80 €",
        "Retours gratuits pendant 30 jours",
        "Paiement en trois fois sans frais",
        "Échange en boutique, sans ticket",
    ],
    quote="« J’ai porté l’Alba trois hivers de suite. Rien n’a bougé. »",
    author="Hélène R., cliente depuis 2019",
    questions="Avant de commander",
    entries=[
        (
            "Le code marche-t-il en boutique ?",
            "Oui. Montrez cette page à la caisse de Lyon, Lille, Nantes ou Bordeaux.",
        ),
        ("Puis-je échanger une taille ?", "Oui, pendant 30 jours, tant que la taille est en stock."),
        (
            "Conditions de l’offre",
            "Valable jusqu’au {day} sur les 32 pièces signalées, dans la limite des stocks, hors cartes cadeaux."
            " Prix barré : prix le plus bas pratiqué dans les 30 jours précédents.",
        ),
    ],
    call_title="Une hésitation sur une taille ?",
    call_text="Nos conseillères répondent de 10 h à 19 h.",
    call_label="Appeler la boutique",
    enter="Entrer dans la vente",
    description="−40 % sur 32 pièces, sur invitation, jusqu’au {day}.",
)

ENGLISH = SaleText(
    kicker="Private sale, by invitation",
    headline="Winter, before everyone else",
    promise="{first_name|Welcome}, 32 pieces of the collection at −40%. The sale opens for you this morning.",
    until="Until {day}, {time}",
    opens="On Monday, the selection goes back to its price of the season.",
    figure="−40%",
    scope="on the whole selection, online and in our four shops.",
    note="Usable once. In the shop, just show this screen.",
    pieces="Three pieces that leave fast",
    products=[
        ("Alba coat", "€234 instead of €390"),
        ("Brune jumper", "€87 instead of €145"),
        ("Inès bag", "€168 instead of €280"),
    ],
    service_title="No bad surprises",
    services=[
        "Free delivery from €80",
        "Free returns for 30 days",
        "Pay in three instalments at no cost",
        "Exchange in the shop, without a receipt",
    ],
    quote="“I wore the Alba three winters in a row. Nothing moved.”",
    author="Hélène R., customer since 2019",
    questions="Before you order",
    entries=[
        ("Does the code work in the shop?", "Yes. Show this page at the till in Lyon, Lille, Nantes or Bordeaux."),
        ("Can I exchange a size?", "Yes, for 30 days, as long as the size is in stock."),
        (
            "Terms of the offer",
            "Valid until {day} on the 32 marked pieces, while stocks last, gift cards excluded."
            " Struck price: the lowest price of the 30 days before.",
        ),
    ],
    call_title="Unsure about a size?",
    call_text="Our advisers answer from 10 am to 7 pm.",
    call_label="Call the shop",
    enter="Enter the sale",
    description="−40% on 32 pieces, by invitation, until {day}.",
)
TEXTS: Mapping[str, SaleText] = {"fr": FRENCH, "en": ENGLISH}


@dataclass(frozen=True)
class Sale:
    """A sale in one language, with the ids of its pictures and of its promo codes."""

    text: SaleText
    day: str
    time: str
    pictures: Mapping[str, int]
    pool: str
    phone: str

    @property
    def description(self) -> str:
        return self._dated(self.text.description)

    @property
    def hero(self) -> list[Block]:
        text = self.text
        value = {"kicker": text.kicker, "title": text.headline, "text": text.promise, "photo": self.pictures["satin"]}
        return [{"type": "hero", "value": value}]

    @property
    def body(self) -> list[Block]:
        text = self.text
        services = "".join(f"<li>{service}</li>" for service in text.services)
        values: list[tuple[str, dict[str, object]]] = [
            ("text", {"heading": self._dated(text.until), "body": f"<p>{text.opens}</p>"}),
            ("offer", {"figure": text.figure, "text": text.scope, "note": text.note, "pool": self.pool}),
            ("image", {"heading": text.pieces, "pictures": self._pieces()}),
            ("text", {"heading": text.service_title, "body": f"<ul>{services}</ul>", "is_highlighted": True}),
            ("text", {"body": f"<blockquote>{text.quote}</blockquote><p>{text.author}</p>"}),
            ("terms", {"heading": text.questions, "entries": self._entries()}),
            ("call_to_action", self._call()),
        ]
        return [{"type": name, "value": value} for name, value in values]

    def _pieces(self) -> list[Block]:
        return [
            {
                "image": {"image": self.pictures[name], "decorative": False, "alt_text": title},
                "title": title,
                "text": price,
            }
            for name, (title, price) in zip(PICTURES[1:], self.text.products, strict=True)
        ]

    def _entries(self) -> list[Block]:
        return [{"title": title, "text": f"<p>{self._dated(answer)}</p>"} for title, answer in self.text.entries]

    def _call(self) -> Block:
        text = self.text
        return {"heading": text.call_title, "text": text.call_text, "label": text.call_label, "target": self.phone}

    def _dated(self, text: str) -> str:
        return text.replace("{day}", self.day).replace("{time}", self.time)


def sale_in(language: str, *, ends_at: datetime, pictures: Mapping[str, int], pool: str = "", phone: str = "") -> Sale:
    """`ends_at` in the local time of the shop."""
    with translation.override(language):
        day = in_words(ends_at, "l j F")
    time = ends_at.strftime("%H h %M" if language == "fr" else "%H:%M")
    return Sale(TEXTS.get(language, ENGLISH), day, time, pictures, pool, phone)
