"""What becomes of people who are known already, under each of the three rules."""

import pytest
from django_scopes import scope

from audience.models import Attribute, Contact, ContactList, Tag
from audience.services import add_contact
from audience.services.lists import add_tag
from audience.services.minimisation import save_settings
from tests.audience.bringing import bring
from tests.factories import make_contact

FILE = """mobile;prénom;ville;Naissance;Pointure;Fidélité;tags
0639980001;Anna;Nantes;31/12/1990;39;or;vip, web
0639980001;Annette;Rezé;;40;;salon
0639980002;Béa;;;;;
"""


@pytest.fixture
def ana(workspace, other_workspace, in_workspace):
    """Known with a first name and a size; her namesake of another workspace as well."""
    make_contact(other_workspace, "+33639980001", first_name="Autre", city="Lille")
    Attribute.objects.create(workspace=workspace, label="Pointure", slug="pointure", kind=Attribute.Kind.NUMBER)
    Attribute.objects.create(workspace=workspace, label="Fidélité", slug="fidelite", kind=Attribute.Kind.TEXT)
    return make_contact(workspace, "+33639980001", first_name="Ana", attributes={"pointure": 38, "autre": "x"})


def facts(contact):
    contact.refresh_from_db()
    return contact.first_name, contact.city, contact.attributes


@pytest.mark.parametrize(
    ("rule", "first_name", "city", "attributes"),
    [
        ("fill", "Ana", "Nantes", {"pointure": 38, "autre": "x", "fidelite": "or"}),
        ("overwrite", "Annette", "Rezé", {"pointure": 40, "autre": "x", "fidelite": "or"}),
        ("keep", "Ana", "", {"pointure": 38, "autre": "x"}),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2_000])
def test_a_rule_says_whose_facts_stay_however_the_lines_are_cut(
    monkeypatch, ana, other_workspace, chunk, rule, first_name, city, attributes
):
    monkeypatch.setattr("audience.services.imports.running.CHUNK", chunk)

    done = bring(ana.workspace, FILE, merge_rule=rule, tag_names=["rentrée"])

    assert facts(ana) == (first_name, city, attributes)
    assert (done.added, done.known, done.duplicates, done.rejected) == (1, 1, 1, 0)
    assert list(ContactList.objects.get().contacts.order_by("pk").values_list("first_name", flat=True)) == [
        first_name,
        "Béa",
    ]
    assert [tag.name for tag in ana.tags.order_by("name")] == ["rentrée", "salon", "vip", "web"]
    assert [tag.name for tag in Contact.objects.get(first_name="Béa").tags.all()] == ["rentrée"]


@pytest.mark.parametrize("rule", ["fill", "overwrite", "keep"])
def test_an_empty_cell_empties_nothing(ana, rule):
    bring(ana.workspace, "mobile;prénom;Pointure\n0639980001;;\n", merge_rule=rule)

    assert facts(ana) == ("Ana", "", {"pointure": 38, "autre": "x"})


def test_the_same_list_and_tags_twice_are_one(ana):
    tag = Tag.objects.create(workspace=ana.workspace, name="vip")
    add_tag(contacts=Contact.objects.all(), tag=tag)

    for _ in range(2):
        bring(ana.workspace, FILE)

    assert ContactList.objects.get().contacts.count() == 2
    assert [tag.name for tag in ana.tags.order_by("name")] == ["salon", "vip", "web"]


def test_no_rule_touches_another_workspace(ana, other_workspace):
    bring(ana.workspace, FILE, merge_rule="overwrite")

    with scope(workspace=other_workspace):
        assert list(Contact.objects.values_list("first_name", "city")) == [("Autre", "Lille")]


@pytest.mark.parametrize("rule", ["fill", "overwrite"])
def test_a_field_that_the_workspace_does_not_keep_is_not_stored(in_workspace, rule):
    save_settings(workspace=in_workspace, kept_fields=["first_name"])
    known = add_contact(workspace=in_workspace, phone="0639980001", source="till")

    bring(
        in_workspace,
        FILE,
        merge_rule=rule,
        columns=["phone", "first_name", "city", "birth_date", "", "", ""],
    )

    known.refresh_from_db()
    new = Contact.objects.exclude(pk=known.pk).get()
    assert {(one.city, one.birth_date) for one in (known, new)} == {("", None)}
    assert new.first_name == "Béa"
