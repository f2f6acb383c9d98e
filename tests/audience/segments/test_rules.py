import json
from datetime import date

import pytest
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.models import ContactList
from audience.segments.conditions import Catalogue
from audience.segments.library import BUILT_IN
from audience.segments.reading import catalogue_of
from audience.segments.rules import BadRules, parse
from audience.segments.words import explain, in_one_line
from tests.factories import make_workspace

CATALOGUE = Catalogue(None, BUILT_IN)  # type: ignore[arg-type]
BEGINS = {"about": "postcode", "is": "begins", "value": "69"}
LYON = {"about": "city", "is": "equals", "values": ["Lyon", "Bron"]}


def all_of(*rules):
    return {"match": "all", "rules": list(rules)}


def deep(levels):
    rules = BEGINS
    for _ in range(levels):
        rules = all_of(rules)
    return rules


WRONG = [
    ("{", "These rules can't be read."),
    ("[" * 10_000, "These rules can't be read."),
    ("x" * 20_001, "These rules are too long."),
    (None, "These rules can't be read."),
    ([], "These rules can't be read."),
    ({"match": "all", "rules": [1]}, "These rules can't be read."),
    ({"match": "all", "rules": [BEGINS], "extra": 1}, "These rules can't be read."),
    ({"match": "some", "rules": [BEGINS]}, "A group matches all, any or none of its conditions."),
    (all_of(), "Add at least one condition."),
    (all_of(all_of()), "A group is empty."),
    (deep(4), "Groups can be 3 deep, not more."),
    (all_of(*[BEGINS] * 51), "A segment has at most 50 conditions."),
    (all_of({"about": ""}), "Choose what the condition is about."),
    (all_of({"about": "horoscope", "is": "good"}), "A condition speaks of something that is gone: choose another one."),
    (all_of({"about": ["a"], "is": "good"}), "A condition speaks of something that is gone: choose another one."),
    (all_of({**BEGINS, "is": "rhymes"}), "“Postcode” can't be asked like this."),
    (all_of({**BEGINS, "workspace": 2}), "“Postcode” can't be asked like this."),
    (all_of({**BEGINS, "value": " "}), "Postcode: Fill in “value”."),
    (all_of({**BEGINS, "value": {"a": 1}}), "Postcode: Fill in “value”."),
    (all_of({**BEGINS, "value": "6\x009"}), "Postcode: Write at most 120 characters."),
    (all_of({**LYON, "values": []}), "Town: Fill in “values, with commas between them”."),
    (all_of({**LYON, "values": ["x"] * 61}), "Town: Give at most 60 values."),
    (all_of({"about": "age", "is": "at_least", "years": True}), "Age: “years” is a number."),
    (all_of({"about": "age", "is": "at_least", "years": 0}), "Age: “years” goes from 1 to 120."),
    (all_of({"about": "age", "is": "at_least", "years": 10**400}), "Age: “years” goes from 1 to 120."),
    (all_of({"about": "created", "is": "since", "day": "31/12/2026"}), "Added: “day” is a date."),
    (all_of({"about": "gender", "is": "equals", "value": "cat"}), "Gender: What was chosen for “gender” is gone."),
    (all_of({"about": "gender", "is": "equals"}), "Gender: Choose “gender”."),
    (all_of({"about": "department", "is": "equals", "values": ["20"]}), "Department: “20” does not fit here."),
    (all_of({"about": "country", "is": "equals", "values": ["France"]}), "Country: “France” does not fit here."),
]


@pytest.mark.parametrize(("written", "words"), WRONG)
def test_what_is_not_a_rule_is_refused_with_words_that_help(written, words):
    with pytest.raises(BadRules) as error:
        parse(written, CATALOGUE)

    assert str(error.value) == words


def test_rules_come_back_as_they_were_written():
    written = all_of(
        BEGINS,
        {"match": "none", "rules": [LYON, {"about": "created", "is": "since", "day": "2026-11-24"}]},
        {"about": "department", "is": "equals", "values": ["69", "2A"]},
    )

    rules = parse(json.dumps(written), CATALOGUE)

    assert rules.as_json() == written
    assert rules.rules[1].rules[1].values == {"day": date(2026, 11, 24)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["match", "rules", "about", "is", "value", "values", "days"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(json_values | st.text() | json_values.map(all_of))
def test_whatever_is_written_is_rules_or_refused(written):
    try:
        rules = parse(written, CATALOGUE)
    except BadRules as error:
        assert str(error)
    else:
        assert parse(rules.as_json(), CATALOGUE) == rules


def test_rules_are_told_in_sentences(db):
    workspace = make_workspace()
    with scope(workspace=workspace):
        contact_list = ContactList.objects.create(workspace=workspace, name="Customers")
        catalogue = catalogue_of(workspace)
        in_list = {"about": "list", "is": "in", "value": str(contact_list.pk)}
        rules = parse(all_of(BEGINS, {"match": "none", "rules": [LYON, in_list]}), catalogue)

        told = explain(rules, catalogue)
        line = in_one_line(rules, catalogue)

    assert told.text == "all of these"
    assert [child.text for child in told.children] == ["Postcode begins with “69”", "none of these"]
    assert [child.text for child in told.children[1].children] == [
        "Town is “Lyon” or “Bron”",
        "In the list “Customers”",
    ]
    assert line == "Postcode begins with “69” and (none of: Town is “Lyon” or “Bron” or In the list “Customers”)"


def test_a_list_of_another_workspace_is_gone(workspace, other_workspace):
    with scope(workspace=other_workspace):
        theirs = ContactList.objects.create(workspace=other_workspace, name="Theirs")

    with scope(workspace=workspace), pytest.raises(BadRules, match="gone"):
        parse(all_of({"about": "list", "is": "in", "value": str(theirs.pk)}), catalogue_of(workspace))
