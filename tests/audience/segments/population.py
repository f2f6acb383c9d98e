"""People of every sort, and what the rules mean about them in plain Python: the other opinion."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django_scopes import scope

from accounts.models import Workspace
from audience.models import (
    Attribute,
    Consent,
    ConsentAct,
    Contact,
    ContactList,
    ListMembership,
    OptOut,
    Tag,
    Tagging,
)
from audience.places import TERRITORIES
from audience.services.ledger import count_anew
from tests.factories import TUESDAY, make_contact

PARIS = ZoneInfo("Europe/Paris")
CITIES = ["", "Lyon", "LYON", "lyons", "Évry", "ÉVRY", "évry-courcouronnes", "50% (A_B)", "L’Isle", "Saint-Étienne"]
POSTCODES = ["", "69001", "69290", "20000", "20190", "20290", "20620", "97133", "97110", "97411", "6900", "B-1000"]
NAMES = ["", "Zoé", "ZOÉ", "Ana", "ana"]
BIRTHS = [None, *(date(1996, 2, day) for day in (27, 28, 29)), date(1996, 3, 1), date(2008, 11, 24), date(2008, 11, 25),
          date(1980, 12, 31), date(1981, 1, 1), date(1990, 1, 15), date(2000, 12, 1)]  # fmt: skip
POINTS = [None, 0, 5, 5.5, -3, 100]
JOINED = [None, "2024-02-29", "2026-11-24", "2026-11-25"]
SEEN = [None, *(TUESDAY - timedelta(days=days, seconds=1) for days in (30, 31, 200))]
CAME = [TUESDAY, *(TUESDAY - timedelta(days=days) for days in (7, 300)), datetime(2026, 11, 22, 23, tzinfo=UTC)]
ACTS = ["granted", "confirmed", "withdrawn"]


@dataclass
class Person:
    """What is known about a contact, without a database."""

    contact: Contact
    lists: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    # purpose: acts, in the order they were said
    said: dict[str, list[str]] = field(default_factory=dict)
    has_stopped: bool = False


def make_people(workspace: Workspace, seed: int, count: int = 50) -> list[Person]:
    """`count` contacts with facts picked at random, two lists, two tags and attributes of every kind."""
    pick = random.Random(seed)
    with scope(workspace=workspace):
        for slug, kind, choices in (
            ("points", "number", []), ("vip", "yes_no", []), ("joined", "date", []),
            ("size", "choice", ["S", "M"]), ("motto", "text", []),
        ):  # fmt: skip
            Attribute.objects.create(workspace=workspace, slug=slug, label=slug, kind=kind, choices=choices)
        lists = [ContactList.objects.create(workspace=workspace, name=name) for name in ("One", "Two")]
        tags = [Tag.objects.create(workspace=workspace, name=name) for name in ("red", "blue")]
        return [make_person(workspace, number, pick, lists, tags) for number in range(count)]


def make_person(workspace: Workspace, number: int, pick: random.Random, lists: list, tags: list) -> Person:
    drawn = {
        "points": pick.choice(POINTS),
        "vip": pick.choice([None, True, False]),
        "joined": pick.choice(JOINED),
        "size": pick.choice([None, "S", "M"]),
        "motto": pick.choice([None, "Été", "ÉTÉ indien", "carpe diem"]),
    }
    contact = make_contact(
        workspace, f"+336399{80000 + number}", consents=False,
        first_name=pick.choice(NAMES), city=pick.choice(CITIES), postcode=pick.choice(POSTCODES),
        country=pick.choice(["", "FR", "BE", "RE"]), territory=pick.choice(["FR", "MQ"]),
        gender=pick.choice(["", "female", "male"]), language=pick.choice(["fr", "en"]), birth_date=pick.choice(BIRTHS),
        attributes={name: value for name, value in drawn.items() if value is not None},
        last_active_at=pick.choice(SEEN),
    )  # fmt: skip
    created = pick.choice(
        [TUESDAY - timedelta(days=300), TUESDAY - timedelta(days=7), datetime(2026, 11, 22, 23, tzinfo=UTC), TUESDAY]
    )
    Contact.objects.filter(pk=contact.pk).update(created_at=created)
    contact.created_at = created
    return _with_bonds(Person(contact), pick, lists, tags)


def _with_bonds(person: Person, pick: random.Random, lists: list, tags: list) -> Person:
    contact = person.contact
    bound = {"workspace": contact.workspace, "contact": contact}
    for row in pick.sample(lists, pick.randint(0, 2)):
        ListMembership.objects.create(contact_list=row, **bound)
        person.lists.add(str(row.pk))
    for row in pick.sample(tags, pick.randint(0, 2)):
        Tagging.objects.create(tag=row, **bound)
        person.tags.add(str(row.pk))
    for purpose in ("marketing", "tracking"):
        person.said[purpose] = [pick.choice(ACTS) for _ in range(pick.randint(0, 3))]
        # Two words in the same second: the later row counts.
        for act, hours in zip(person.said[purpose], (0, 1, 1), strict=False):
            Consent.objects.create(
                number_hash=b"n", purpose=purpose, act=act, source="form", wording="w", recorded_at=TUESDAY,
                occurred_at=TUESDAY + timedelta(hours=hours), **bound,
            )  # fmt: skip
    count_anew([contact.pk])
    if pick.random() < 0.3:
        OptOut.objects.create(
            number_hash=contact.phone_index, scope="marketing", source="STOP", opted_out_at=TUESDAY, **bound
        )
        person.has_stopped = True
    return person


# What the rules mean ------------------------------------------------------------------------------------


def is_meant(rules: dict[str, Any], person: Person, now: datetime) -> bool:
    if "match" in rules:
        found = [is_meant(rule, person, now) for rule in rules["rules"]]
        return {"all": all(found), "any": any(found), "none": not any(found)}[rules["match"]]
    about, asked = rules["about"], rules["is"]
    if about.startswith("attribute:"):
        return attribute_is(asked, person.contact.attributes.get(about.partition(":")[2]), rules)
    return bool(OPINIONS[about](person, asked, rules, now))


def text_is(value: str | None, asked: str, rules: dict[str, Any]) -> bool:
    text = (value or "").lower()
    answers = {
        "filled": lambda: bool(text),
        "empty": lambda: not text,
        "equals": lambda: bool(text) and text in [one.lower() for one in rules["values"]],
        "differs": lambda: not text or text not in [one.lower() for one in rules["values"]],
        "begins": lambda: text.startswith(rules["value"].lower()),
        "contains": lambda: rules["value"].lower() in text,
    }
    return answers[asked]()


def attribute_is(asked: str, value: Any, rules: dict[str, Any]) -> bool:
    if asked in {"filled", "empty"} or "values" in rules or asked in {"begins", "contains"}:
        is_known = value is not None
        return is_known if asked == "filled" else not is_known if asked == "empty" else text_is(value, asked, rules)
    if asked in {"yes", "no"}:
        return value is (asked == "yes")
    given = rules["value"]
    compare = {
        "equals": lambda: value == given,
        "at_least": lambda: value >= given,
        "since": lambda: value >= given,
        "at_most": lambda: value <= given,
        "before": lambda: value < given,
    }
    return value is not None and compare[asked]()


def choice_is(value: str, asked: str, rules: dict[str, Any]) -> bool:
    return {
        "equals": lambda: value == rules["value"],
        "differs": lambda: value != rules["value"],
        "filled": lambda: value != "",
        "empty": lambda: value == "",
    }[asked]()


def lives_in(contact: Contact, codes: list[str]) -> bool:
    """Corsica by hand: Ajaccio is 20000 and 20190 is southern; 20290 and 20620 are northern."""
    if contact.country and contact.country not in TERRITORIES:
        return False
    postcode = contact.postcode
    if len(postcode) != 5 or not postcode.isdecimal():
        return False
    if postcode.startswith("20"):
        return ("2A" if postcode[2] in "01" else "2B") in codes
    if postcode == "97133":
        return bool({"971", "977"} & set(codes))
    return postcode[: 3 if postcode[:2] in {"97", "98"} else 2] in codes


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def birthday_in(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def has_birthday(born: date | None, first: date, last: date) -> bool:
    return born is not None and any(
        first <= birthday_in(born, year) <= last for year in range(first.year, last.year + 1)
    )


def moment_is(value: datetime | None, asked: str, rules: dict[str, Any], now: datetime) -> bool:
    if value is None or asked == "never":
        return value is None and asked == "never"
    if "days" in rules:
        is_recent = value >= now - timedelta(days=rules["days"])
        return is_recent == (asked == "within")
    start = datetime.combine(date.fromisoformat(rules["day"]), time(), PARIS)
    return (value >= start) == (asked == "since")


def stage_of(contact: Contact, now: datetime) -> str:
    """By the default days: new for 30, active for 180."""
    if contact.created_at > now - timedelta(days=30):
        return "new"
    seen = contact.last_active_at
    return "active" if seen and seen > now - timedelta(days=180) else "dormant"


def last_word(person: Person, purpose: str) -> bool:
    said = person.said[purpose]
    return bool(said) and said[-1] != ConsentAct.WITHDRAWN


def is_of_age(person: Person, asked: str, rules: dict[str, Any], now: datetime) -> bool:
    born = person.contact.birth_date
    if born is None or asked == "empty":
        return born is None and asked == "empty"
    return (age(born, now.astimezone(PARIS).date()) >= rules["years"]) == (asked == "at_least")


def has_its_birthday(person: Person, asked: str, rules: dict[str, Any], now: datetime) -> bool:
    born, today = person.contact.birth_date, now.astimezone(PARIS).date()
    if asked == "month":
        return born is not None and born.month == today.month
    days = timedelta(days=rules["days"])
    return has_birthday(born, today, today + days) if asked == "soon" else has_birthday(born, today - days, today)


OPINIONS: dict[str, Any] = {
    "first_name": lambda person, asked, rules, now: text_is(person.contact.first_name, asked, rules),
    "city": lambda person, asked, rules, now: text_is(person.contact.city, asked, rules),
    "postcode": lambda person, asked, rules, now: text_is(person.contact.postcode, asked, rules),
    "gender": lambda person, asked, rules, now: choice_is(person.contact.gender, asked, rules),
    "language": lambda person, asked, rules, now: choice_is(person.contact.language, asked, rules),
    "territory": lambda person, asked, rules, now: choice_is(person.contact.territory, asked, rules),
    "department": lambda person, asked, rules, now: lives_in(person.contact, rules["values"]) == (asked == "equals"),
    "country": lambda person, asked, rules, now: (
        person.contact.country == ""
        if asked == "empty"
        else (person.contact.country in rules["values"]) == (asked == "equals")
    ),
    "age": is_of_age,
    "birthday": has_its_birthday,
    "created": lambda person, asked, rules, now: moment_is(person.contact.created_at, asked, rules, now),
    "active": lambda person, asked, rules, now: moment_is(person.contact.last_active_at, asked, rules, now),
    "lifecycle": lambda person, asked, rules, now: (
        (stage_of(person.contact, now) == rules["value"]) == (asked == "equals")
    ),
    "list": lambda person, asked, rules, now: (rules["value"] in person.lists) == (asked == "in"),
    "tag": lambda person, asked, rules, now: (rules["value"] in person.tags) == (asked == "has"),
    "consent": lambda person, asked, rules, now: last_word(person, "marketing") == (asked == "yes"),
    "tracking": lambda person, asked, rules, now: last_word(person, "tracking") == (asked == "yes"),
    "opted_out": lambda person, asked, rules, now: person.has_stopped == (asked == "yes"),
}
