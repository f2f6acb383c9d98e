"""The query that rules become means what the rules say: compared with a plain Python opinion."""

import random
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience.models import Attribute, Contact, ContactList, Segment, Tag
from audience.queries import segment_contacts
from audience.segments.reading import catalogue_of, contacts_matching, parse_for, rules_of
from tests.audience.segments.population import CITIES, NAMES, POSTCODES, is_meant, make_people
from tests.factories import TUESDAY, make_contact

texts = st.sampled_from([*filter(None, [*CITIES, *NAMES, *POSTCODES]), "é", "É", "yo", "69", "%", "_", "carpe diem"])
days = st.integers(0, 180)
days_ago = st.integers(1, 40)
dates = st.sampled_from(["2026-11-22", "2026-11-23", "2026-11-24", "2024-02-29"])
MOMENTS = [
    TUESDAY,
    datetime(2026, 12, 28, 12, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # it is next year already in Paris
    datetime(2027, 2, 27, 12, tzinfo=UTC),
    datetime(2027, 2, 28, 23, 30, tzinfo=UTC),  # 1 March, and no 29 February this year
    datetime(2028, 2, 29, 12, tzinfo=UTC),
]


def rule(about, asked, **values):
    return st.fixed_dictionaries({"about": st.just(about), "is": st.just(asked), **values})


def text_rules(about):
    several = st.lists(texts, min_size=1, max_size=3)
    return st.one_of(
        rule(about, "equals", values=several), rule(about, "differs", values=several), rule(about, "filled"),
        rule(about, "begins", value=texts), rule(about, "contains", value=texts), rule(about, "empty"),
    )  # fmt: skip


def choice_rules(about, options, *more):
    asked = [rule(about, name, value=st.sampled_from(options)) for name in ("equals", "differs")]
    return st.one_of(*asked, *(rule(about, name) for name in more))


def moment_rules(about):
    return st.one_of(
        rule(about, "within", days=days_ago), rule(about, "longer", days=days_ago),
        rule(about, "since", day=dates), rule(about, "before", day=dates),
    )  # fmt: skip


def rules_about(lists, tags):
    codes = st.lists(st.sampled_from(["69", "2A", "2B", "971", "974", "977", "75"]), min_size=1, max_size=3)
    countries = st.lists(st.sampled_from(["FR", "BE", "RE"]), min_size=1, max_size=2)
    points = st.sampled_from([-3, 0, 5, 5.5, 6, 1000])
    simple = st.one_of(
        text_rules("first_name"), text_rules("city"), text_rules("postcode"), text_rules("attribute:motto"),
        choice_rules("gender", ["female", "male"], "filled", "empty"), choice_rules("language", ["fr", "en"]),
        choice_rules("territory", ["FR", "MQ"]),
        rule("department", "equals", values=codes), rule("department", "differs", values=codes),
        rule("country", "equals", values=countries), rule("country", "differs", values=countries),
        rule("country", "empty"),
        rule("age", "at_least", years=st.integers(1, 50)), rule("age", "younger", years=st.integers(1, 50)),
        rule("age", "empty"), rule("birthday", "soon", days=days), rule("birthday", "past", days=days),
        rule("birthday", "month"), moment_rules("created"), moment_rules("active"), rule("active", "never"),
        choice_rules("lifecycle", ["new", "active", "dormant"]),
        rule("list", "in", value=st.sampled_from(lists)), rule("list", "out", value=st.sampled_from(lists)),
        rule("tag", "has", value=st.sampled_from(tags)), rule("tag", "lacks", value=st.sampled_from(tags)),
        *(rule(about, answer) for about in ("consent", "tracking", "opted_out") for answer in ("yes", "no")),
        *(rule("attribute:points", name, value=points) for name in ("equals", "at_least", "at_most")),
        *(rule("attribute:joined", name, value=dates) for name in ("equals", "since", "before")),
        *(rule(f"attribute:{name}", asked) for name in ("points", "vip", "joined") for asked in ("filled", "empty")),
        rule("attribute:vip", "yes"), rule("attribute:vip", "no"),
        rule("attribute:size", "equals", value=st.sampled_from(["S", "M"])),
    )  # fmt: skip
    inner = st.one_of(simple, group_of(simple))
    return group_of(inner)


def group_of(rules):
    return st.fixed_dictionaries(
        {"match": st.sampled_from(["all", "any", "none"]), "rules": st.lists(rules, min_size=1, max_size=4)}
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rules_mean_as_a_query_what_they_mean_in_python_and_only_here(population, data):
    workspace, people, strangers = population
    with scope(workspace=workspace):
        lists = [str(key) for key in ContactList.objects.values_list("pk", flat=True)]
        tags = [str(key) for key in Tag.objects.values_list("pk", flat=True)]
        written = data.draw(rules_about(lists, tags))
        now = data.draw(st.sampled_from(MOMENTS))

        found = set(contacts_matching(parse_for(workspace, written), workspace=workspace, now=now))

    assert found == {person.contact for person in people if is_meant(written, person, now)}
    assert not found & strangers


@pytest.fixture
def population(workspace, other_workspace):
    strangers = {person.contact for person in make_people(other_workspace, seed=random.randrange(10**6), count=10)}
    return workspace, make_people(workspace, seed=random.randrange(10**6)), strangers


def test_a_segment_is_one_query_however_many_rules(population, django_assert_num_queries):
    workspace, people, _strangers = population
    with scope(workspace=workspace):
        rules = {
            "match": "all",
            "rules": [
                {"about": "consent", "is": "yes"},
                {"about": "opted_out", "is": "no"},
                {"match": "none", "rules": [{"about": "birthday", "is": "month"}, {"about": "age", "is": "empty"}]},
            ],
        }
        segment = Segment.objects.create(workspace=workspace, name="Adults", rules=rules)
        parsed = rules_of(segment)

        with django_assert_num_queries(1):
            found = set(contacts_matching(parsed, workspace=workspace, now=TUESDAY))

    assert found == {person.contact for person in people if is_meant(rules, person, TUESDAY)}


def test_days_are_the_workspaces_own(workspace):
    contact = make_contact(workspace, birth_date=datetime(2000, 1, 1, tzinfo=UTC).date())
    rules = {"match": "all", "rules": [{"about": "birthday", "is": "soon", "days": 0}]}
    with scope(workspace=workspace):
        segment = Segment.objects.create(workspace=workspace, name="Today", rules=rules)

        before = list(segment_contacts(segment, datetime(2026, 12, 31, 22, 59, tzinfo=UTC)))
        after = list(segment_contacts(segment, datetime(2026, 12, 31, 23, 0, tzinfo=UTC)))

    assert (before, after) == ([], [contact])


def test_a_segment_reads_its_own_workspace_whichever_scope_is_open(workspace, other_workspace):
    ours, _theirs = make_contact(workspace, city="Lyon"), make_contact(other_workspace, city="Lyon")
    rules = {"match": "all", "rules": [{"about": "city", "is": "equals", "values": ["Lyon"]}]}
    with scope(workspace=workspace):
        segment = Segment.objects.create(workspace=workspace, name="Lyon", rules=rules)

    with scope(workspace=other_workspace):
        contacts = segment_contacts(segment, TUESDAY)
        found = list(contacts)

    assert found == [ours]


def test_an_attribute_is_a_condition_of_its_workspace_only(workspace, other_workspace):
    for owner in (workspace, other_workspace):
        with scope(workspace=owner):
            Attribute.objects.create(workspace=owner, slug=owner.slug, label=owner.name, kind="text")

    with scope(workspace=workspace):
        own = [slug for slug in catalogue_of(workspace).conditions if slug.startswith("attribute:")]

    assert own == ["attribute:lambert"]


def test_a_catalogue_reads_each_kind_of_option_once(workspace):
    with scope(workspace=workspace):
        for name in ("One", "Two", "Three"):
            ContactList.objects.create(workspace=workspace, name=name)
        keys = ContactList.objects.values_list("pk", flat=True)
        rules = {"match": "any", "rules": [{"about": "list", "is": "in", "value": str(key)} for key in keys]}

        with CaptureQueriesContext(
            connection,
        ) as queries:
            parse_for(workspace, rules)

    assert len(queries) == 2  # attributes, lists


def test_contacts_are_never_doubled(population):
    workspace, people, _strangers = population
    rules = {"match": "any", "rules": [{"about": "consent", "is": answer} for answer in ("yes", "no")]}
    with scope(workspace=workspace):
        found = contacts_matching(parse_for(workspace, rules), workspace=workspace, now=TUESDAY)

        assert (found.count(), Contact.objects.count()) == (len(people), len(people))
