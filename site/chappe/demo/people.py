"""Two hundred fictional customers, the same ones each time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

COUNT = 200

FIRST_NAMES = [
    "Camille",
    "Zoë",
    "Hélène",
    "Inès",
    "Manon",
    "Léa",
    "Chloé",
    "Jeanne",
    "Louise",
    "Alice",
    "Anaïs",
    "Margaux",
    "Juliette",
    "Nora",
    "Clémence",
    "Sarah",
    "Élodie",
    "Mathilde",
    "Fanny",
    "Aurore",
    "Maëlle",
    "Solène",
    "Sophie",
    "Nathalie",
    "Valérie",
    "Amina",
    "Yasmine",
    "Françoise",
    "Claire",
    "Marion",
    "Lucie",
    "Émilie",
    "Loïc",
    "Thomas",
    "Nicolas",
    "Hugo",
    "Antoine",
    "Julien",
    "Karim",
    "Mehdi",
    "Paul",
    "Louis",
    "Gaël",
    "Yann",
    "Benoît",
    "Éric",
    "Cédric",
    "Raphaël",
    "Arthur",
    "Noé",
]
LAST_NAMES = [
    "Rousseau",
    "Marchand",
    "Kermarrec",
    "Le\xa0Gall",
    "Martin",
    "Bernard",
    "Petit",
    "Durand",
    "Leroy",
    "Moreau",
    "Simon",
    "Laurent",
    "Lefebvre",
    "Michel",
    "Garcia",
    "Fournier",
    "Girard",
    "Bonnet",
    "Dupont",
    "Lambert",
    "Fontaine",
    "Rousselot",
    "Vincent",
    "Muller",
    "Lefèvre",
    "Faure",
    "André",
    "Mercier",
    "Blanc",
    "Guérin",
    "Boyer",
    "Garnier",
    "Chevalier",
    "François",
    "Legrand",
    "Gauthier",
    "Perrin",
    "Robin",
    "Clément",
    "Morin",
    "Nicolas",
    "Henry",
    "Roussel",
    "Mathieu",
]
PLACES = (
    *[("44000", "Nantes")] * 9,
    *[("44800", "Saint-Herblain")] * 3,
    *[("44400", "Rezé")] * 3,
    *[("44700", "Orvault")] * 2,
    ("44100", "Nantes"),
    ("44230", "Saint-Sébastien-sur-Loire"),
    ("44600", "Saint-Nazaire"),
    ("85000", "La Roche-sur-Yon"),
    ("49000", "Angers"),
    ("35000", "Rennes"),
    ("67000", "Strasbourg"),
    ("75011", "Paris"),
)


@dataclass(frozen=True)
class Person:
    """A fictional customer."""

    phone: str
    first_name: str
    last_name: str
    postcode: str
    city: str


def people() -> Iterator[Person]:
    """Camille first: she is the one on the pictures."""
    draw = random.Random(44)  # noqa: S311 (fiction, not security)
    for number in range(1, COUNT + 1):
        first_name = FIRST_NAMES[number - 1] if number <= len(FIRST_NAMES) else draw.choice(FIRST_NAMES)
        last_name = LAST_NAMES[number - 1] if number <= len(LAST_NAMES) else draw.choice(LAST_NAMES)
        postcode, city = PLACES[0] if number == 1 else draw.choice(PLACES)
        yield Person(phone_of(number), first_name, last_name, postcode, city)


def phone_of(number: int) -> str:
    """`+33 6 39 98 00 01` and on, leaping over 01 xx: the simulator keeps those for its tricks."""
    hundreds, rest = divmod(number - 1, 99)
    block = (0, 2, 3)[hundreds]
    return f"+33639980{block}{rest + 1:02d}"


# The numbers are ten digits: 06 39 98 0B RR.
assert phone_of(1) == "+33639980001"
