"""What a column of a file is: proposed from its name, from what the workspace said last time, and from its contents."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audience.models import Attribute, AudienceSettings, ColumnMeaning, Contact
from audience.phone import NotAMobile, parse_mobile
from audience.sheets.text import Record

PHONE, TAG, ATTRIBUTE = "phone", "tag", "attribute:"
FACTS = (
    "first_name", "last_name", "birth_date", "gender", "email", "postcode", "city", "country", "language",
)  # fmt: skip
PROOF = {
    "consent_source": _("Consent: where"),
    "consent_at": _("Consent: when"),
    "consent_wording": _("Consent: words"),
    "consent_collector": _("Consent: collected by"),
}
ORDER = {"order_reference": _("Order: number"), "order_at": _("Order: date")}
# What a column may be called, folded; of two columns with the same meaning, the name that stands first here wins.
HEADERS = {
    PHONE: [
        *("mobile", "telephonemobile", "telmobile", "mobilephone", "phonemobile", "portable", "telephoneportable"),
        *("telportable", "telport", "gsm", "numeromobile", "numerodemobile", "nomobile", "cellphone", "telephone"),
        *("tel", "phone", "phonenumber", "numerodetelephone", "numtel", "numero"),
    ],
    "first_name": ["prenom", "firstname", "givenname"],
    "last_name": ["nom", "lastname", "surname", "familyname", "nomdefamille"],
    "birth_date": ["datedenaissance", "datenaissance", "naissance", "neele", "birthdate", "dateofbirth", "birthday"],
    "gender": ["genre", "sexe", "civilite", "gender", "sex", "title"],
    "email": ["email", "mail", "courriel", "adresseemail", "emailaddress", "adressemail", "adressedemail"],
    "postcode": ["codepostal", "cp", "postcode", "zip", "zipcode", "postalcode"],
    "city": ["ville", "city", "commune", "town"],
    "country": ["pays", "country", "codepays", "countrycode"],
    "language": ["langue", "language", "lang", "locale"],
    TAG: ["tag", "tags", "etiquette", "etiquettes", "mots", "motscles"],
    "consent_source": ["sourceconsentement", "sourceoptin", "consentsource", "optinsource", "sourceduconsentement"],
    "consent_at": [
        *("dateconsentement", "dateoptin", "optindate", "consentdate", "dateduconsentement", "consentat", "optinat"),
        *("datedaccord", "dateaccord"),
    ],
    "consent_wording": ["texteconsentement", "consentwording", "consenttext", "texteoptin", "mention"],
    "consent_collector": ["recueillipar", "collectepar", "collectedby", "vendeur"],
    "order_reference": ["commande", "numerocommande", "referencecommande", "orderreference", "ordernumber"],
    "order_at": ["datecommande", "orderdate", "dernierecommande", "lastorder", "lastorderdate"],
}  # fmt: skip
# Columns that the file of refused lines adds in front.
OURS = {"ligne", "line", "valeur", "value", "raison", "reason"}
MOST_OF = 0.6
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A meaning that a column can have."""

    key: str
    label: str | Promise


def targets_of(*, settings: AudienceSettings, with_orders: bool) -> list[Target]:
    """Every meaning a column can have in this workspace."""
    facts = [Target(name, Contact._meta.get_field(name).verbose_name) for name in FACTS if settings.keeps(name)]  # type: ignore[union-attr]
    own = [Target(f"{ATTRIBUTE}{one.slug}", one.label) for one in Attribute.objects.order_by("label")]
    proof = [Target(key, label) for key, label in (PROOF | (ORDER if with_orders else {})).items()]
    return [Target(PHONE, _("Mobile number")), *facts, Target(TAG, _("Tag")), *own, *proof]


def propose(*, header: Sequence[str], rows: Sequence[Record], country: str, targets: Iterable[Target]) -> list[str]:
    """The likely meaning of each column, or "" for none; no meaning is given twice, but for tags."""
    known = {target.key: str(target.label) for target in targets}
    names = [fold(cell) for cell in header]
    found = _remembered(names, known)
    for key, synonyms in _synonyms(known).items():
        place = next((names.index(name) for name in synonyms if name in names), None)
        if place is not None and key not in found.values():
            found.setdefault(place, key)
    free = [place for place in range(len(names)) if place not in found and names[place] not in OURS]
    for key, test in ((PHONE, lambda cell: _is_mobile(cell, country)), ("email", EMAIL.fullmatch)):
        if key in known and key not in found.values():
            place = next((place for place in free if _most(rows, place, test)), None)
            if place is not None:
                found[place] = key
                free.remove(place)
    return [found.get(place, "") for place in range(len(names))]


def looks_like_header(first: Sequence[str], country: str) -> bool:
    """A line that holds a known name, or at least no number."""
    folded = {fold(cell) for cell in first}
    if folded & {name for names in HEADERS.values() for name in names}:
        return True
    return not any(_is_mobile(cell, country) or EMAIL.fullmatch(cell.strip()) for cell in first)


def fold(cell: str) -> str:
    """`N° de Téléphone` → `ndetelephone`."""
    plain = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())[:80]


def _remembered(names: Sequence[str], known: Mapping[str, str]) -> dict[int, str]:
    meanings = dict(ColumnMeaning.objects.filter(name__in=set(names)).values_list("name", "target"))
    found: dict[int, str] = {}
    for place, name in enumerate(names):
        target = meanings.get(name)
        if target == "" or (target in known and (target == TAG or target not in found.values())):
            found[place] = str(target)
    return found


def _synonyms(known: Mapping[str, str]) -> dict[str, list[str]]:
    """Names of each meaning; an attribute answers to its label and its short name."""
    own = {key: [fold(label), fold(key.removeprefix(ATTRIBUTE))] for key, label in known.items()}
    return {key: HEADERS.get(key, own[key]) for key in known}


def _most(rows: Sequence[Record], place: int, test: object) -> bool:
    assert callable(test)
    cells = [row.cells[place].strip() for row in rows if place < len(row.cells) and row.cells[place].strip()]
    return bool(cells) and sum(bool(test(cell)) for cell in cells) >= len(cells) * MOST_OF


def _is_mobile(cell: str, country: str) -> bool:
    try:
        return bool(parse_mobile(cell, country))
    except NotAMobile:
        return False
