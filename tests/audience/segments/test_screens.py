import html
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Role
from audience.models import ContactList, Segment
from audience.services import record_opt_out
from tests.factories import TUESDAY, make_contact, make_member

ADDRESS = "/admin/audience/segments/"
LYON = {"match": "all", "rules": [{"about": "city", "is": "equals", "values": ["Lyon"]}]}


def make_segment(workspace, name="Lyon", rules=LYON):
    with scope(workspace=workspace):
        return Segment.objects.create(workspace=workspace, name=name, rules=rules)


@pytest.fixture
def people(workspace, other_workspace):
    make_contact(workspace, "+33639980001", first_name="Ana", city="Lyon")
    make_contact(workspace, "+33639980002", first_name="Béa", city="LYON", consents=False)
    make_contact(workspace, "+33639980003", first_name="Cid", city="lyon")
    make_contact(workspace, "+33639980004", first_name="Dov", city="Nantes")
    make_contact(other_workspace, "+33639980005", first_name="Eve", city="Lyon")
    record_opt_out(workspace=workspace, phone="+33639980003", scope="marketing", source="STOP", now=TUESDAY)


def test_the_list_says_what_to_do_when_it_is_empty(owner_client):
    assert f"{ADDRESS}new/" in owner_client.get(ADDRESS).text


def test_the_list_tells_rules_and_count_in_a_constant_number_of_queries(workspace, owner_client, people):
    make_segment(workspace)
    owner_client.get(ADDRESS)
    with CaptureQueriesContext(connection) as one:
        page = owner_client.get(ADDRESS).text
    for name in ("Two", "Three", "Four"):
        make_segment(workspace, name)
    with CaptureQueriesContext(connection) as many:
        owner_client.get(ADDRESS)

    assert "Town is “Lyon”" in page
    assert len(one) == len(many)


def test_whoever_builds_sees_the_count_explained_and_a_masked_sample(owner_client, people):
    page = owner_client.post(f"{ADDRESS}count/", {"rules": json.dumps(LYON)}).text

    for words in (
        "<b>3</b>",
        "may be written to now",
        "opted out",
        "without proof of consent",
        "Town is “Lyon”",
        "Ana",
    ):
        assert words in page
    assert "Eve" not in page
    assert "Dov" not in page
    assert "063998" not in page.replace(" ", "")
    assert "+33639980001" not in page


def test_rules_that_are_not_finished_are_told_and_not_an_error(owner_client):
    page = owner_client.post(f"{ADDRESS}count/", {"rules": '{"match": "all", "rules": [{"about": ""}]}'})

    assert (page.status_code, "Choose what the condition is about." in page.text) == (200, True)


def test_a_segment_is_saved_counted_and_readable_without_script(workspace, owner_client, people):
    answer = owner_client.post(f"{ADDRESS}new/", {"name": "In Lyon", "rules": json.dumps(LYON)})
    with scope(workspace=workspace):
        segment = Segment.objects.get()

    page = owner_client.get(answer.url).text

    assert (segment.name, segment.rules, segment.counted) == ("In Lyon", LYON, 3)
    assert "Town is “Lyon”" in page
    written = re.search(r'<textarea name="rules"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert json.loads(html.unescape(written[1])) == LYON


@pytest.mark.parametrize(
    ("rules", "words"),
    [("", "Add at least one condition."), ("{", "These rules can&#x27;t be read.")],
)
def test_rules_that_are_wrong_are_refused_where_they_are_typed(workspace, owner_client, rules, words):
    page = owner_client.post(f"{ADDRESS}new/", {"name": "Bad", "rules": rules}).text

    assert words in page
    with scope(workspace=workspace):
        assert not Segment.objects.exists()


def test_a_report_can_propose_rules(owner_client, people):
    page = owner_client.get(f"{ADDRESS}new/", {"name": "Readers", "rules": json.dumps(LYON)}).text

    assert "Readers" in page
    assert "Town is “Lyon”" in page


def test_a_segment_is_duplicated_under_a_name_of_its_own(workspace, owner_client):
    segment = make_segment(workspace)
    for _ in range(2):
        owner_client.post(f"{ADDRESS}{segment.pk}/copy/")

    with scope(workspace=workspace):
        names = sorted(Segment.objects.values_list("name", flat=True))

    assert names == ["Lyon", "Lyon (copy)", "Lyon (copy) 2"]


def test_freezing_makes_a_list_that_stays(workspace, owner_client, people):
    segment = make_segment(workspace)

    owner_client.post(f"{ADDRESS}{segment.pk}/freeze/")
    make_contact(workspace, "+33639980009", first_name="Fay", city="Lyon")

    with scope(workspace=workspace):
        frozen = ContactList.objects.get()
        names = sorted(frozen.contacts.values_list("first_name", flat=True))
    assert (names, frozen.name.startswith("Lyon, as of "), frozen.frozen_at is None) == (
        ["Ana", "Béa", "Cid"],
        True,
        False,
    )


def test_a_segment_whose_list_is_gone_says_so_everywhere(workspace, owner_client):
    with scope(workspace=workspace):
        contact_list = ContactList.objects.create(workspace=workspace, name="Gone")
    rules = {"match": "all", "rules": [{"about": "list", "is": "in", "value": str(contact_list.pk)}]}
    segment = make_segment(workspace, rules=rules)
    with scope(workspace=workspace):
        contact_list.delete()

    pages = [owner_client.get(ADDRESS).text, owner_client.get(f"{ADDRESS}edit/{segment.pk}/").text]
    owner_client.post(f"{ADDRESS}{segment.pk}/freeze/")

    assert all("List: What was chosen for “list” is gone." in page for page in pages)
    with scope(workspace=workspace):
        assert not ContactList.objects.exists()


def test_analysts_look_and_do_not_build(workspace, client):
    segment = make_segment(workspace)
    client.force_login(make_member(workspace, Role.ANALYST))

    answers = [
        client.post(f"{ADDRESS}{address}", {"rules": json.dumps(LYON)}).status_code
        for address in ("count/", "new/", f"{segment.pk}/copy/", f"{segment.pk}/freeze/")
    ]

    assert answers == [302, 302, 302, 302]
    with scope(workspace=workspace):
        assert Segment.objects.count() == 1
