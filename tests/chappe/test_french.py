"""The French catalogue: what it says must fit where it is put."""

import re

import polib
import pytest

from integrations.gateways.encoding import Encoding, measure
from tests.check import ROOT

CATALOGUE = polib.pofile(str(ROOT / "locale/fr/LC_MESSAGES/django.po"))
HOLES = re.compile(r"%\(\w+\)[a-z]|\{\w+|%%|</?\w+")
# What leaves as an SMS, or is put into one by the composer: a character outside GSM-7 would halve its parts.
TEXTS = [
    "%(brand)s: noted, you will get no more advertising from us by SMS.",
    "%(brand)s: to get our offers by SMS, reply YES to %(number)s or confirm here: {confirm_url}",
    "%(brand)s: to get our offers by SMS, please confirm here: {confirm_url}",
    "%(brand)s: your code is {pin}. It is valid for 10 minutes.",
    "Hello {first_name|there}, our sale opens tomorrow: {link}",
    "there",
    "your town",
    "Our shop",
    "YES",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_become_sms_stay_in_the_sms_alphabet(text: str):
    french = CATALOGUE.find(text)

    assert french is not None
    assert (measure(french.msgstr).encoding, measure(french.msgstr).guilty) == (Encoding.GSM_7, ())


def test_placeholders_and_tags_are_the_ones_of_the_source():
    changed = [entry.msgid for entry in CATALOGUE if holes_of_french(entry) != holes_of_source(entry)]

    assert changed == []


def holes_of_source(entry: polib.POEntry) -> list[list[str]]:
    return [sorted(HOLES.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]


def holes_of_french(entry: polib.POEntry) -> list[list[str]]:
    texts = [entry.msgstr_plural[form] for form in sorted(entry.msgstr_plural)] or [entry.msgstr]
    return [sorted(HOLES.findall(text)) for text in texts]


def test_french_is_typeset_with_its_own_spaces_and_apostrophes():
    on_screen = [entry for entry in CATALOGUE if entry.msgid not in TEXTS]
    poor = [
        text
        for entry in on_screen
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        if re.search(r"['\"“”]| [:;!?»]|« ", re.sub(r"<[^>]*>", "", text))
    ]

    assert poor == []


def test_keys_are_written_as_forms_and_addresses_read_them():
    """A bare key of 1024 is shown as a figure, 1 024: which no machine reads."""
    bare = re.compile(r"\{\{ [\w.]+\.pk \}\}")

    templates = (ROOT / "templates").rglob("*.html")
    assert [f"{path.name}: {hole}" for path in templates for hole in bare.findall(path.read_text("utf-8"))] == []


def test_catalogue_names_itself_and_nobody_else():
    assert {name: CATALOGUE.metadata.get(name) for name in ("Project-Id-Version", "Language", "Plural-Forms")} == {
        "Project-Id-Version": "Chappe",
        "Language": "fr",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
