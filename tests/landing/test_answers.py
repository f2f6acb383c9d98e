"""Answers to forms: the list, the file, segments, and the rights of the person."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from audience.models import AuditEntry, Contact
from audience.segments.reading import contacts_matching, parse_for
from audience.services.erasure import erase_contact
from audience.services.exports import export_person
from landing.answers.queries import forms_of
from landing.models import Conversion, FormAnswer
from tests.factories import make_contact, make_member
from tests.landing.asking import PHONE, Browser, answers_of, make_form_page

LIST, FILE = "/admin/landing/answers/", "/admin/landing/answers/csv/"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def page(workspace):
    return make_form_page(workspace)


def test_the_list_shows_who_wrote_what_without_whole_numbers(owner_client, page, other_workspace):
    Browser(page).send(first_name="Claire", phone=PHONE)
    Browser(make_form_page(other_workspace, "Theirs")).send(first_name="Stranger", phone=PHONE)

    html = owner_client.get(LIST).content.decode()

    assert ("Claire ·" in html, "Stranger" in html, "+33639980001" in html) == (True, False, False)


def test_an_empty_list_says_what_to_do(owner_client):
    assert "Put the block “Form” on a page" in owner_client.get(LIST).content.decode()


def test_three_answers_take_as_many_queries_as_one(owner_client, page, django_assert_max_num_queries):
    for number in (1, 2, 3):
        Browser(page).send(first_name="Claire", phone=f"06 39 98 00 0{number}")
    owner_client.get(LIST)

    with django_assert_max_num_queries(30):
        owner_client.get(LIST)


@pytest.mark.parametrize(
    ("role", "sees_list", "takes_file"), [(Role.MARKETER, True, False), (Role.ANALYST, False, False)]
)
def test_numbers_are_for_owners_and_answers_for_those_who_write(workspace, page, role, sees_list, takes_file):
    client = Client()
    client.force_login(make_member(workspace, role))

    statuses = [client.get(address).status_code == 200 for address in (LIST, FILE)]

    assert statuses == [sees_list, takes_file]


def test_the_file_has_a_column_for_each_question_runs_no_formula_and_leaves_a_note(owner_client, workspace, page):
    Browser(page).send(first_name="=1+1", phone=PHONE)

    answer = owner_client.post(FILE, {"reason": "the draw"})

    header, line, *rest = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert header == "answered;form;page;First name;Mobile number;agreed;offers_by_sms"
    assert line.split(";")[1:] == ["Be called back", "Appointment", "'=1+1", "'+33639980001", "", ""]
    assert rest == []
    with scope(workspace=workspace):
        noted = AuditEntry.objects.values_list("action", "count", "reason")
        assert list(noted) == [(AuditEntry.Action.LIST_EXPORTED, 1, "the draw")]


def test_a_segment_is_made_of_those_who_answered_or_did_not(workspace, page):
    make_contact(workspace, "+33639980009", first_name="Paul")
    Browser(page).send(first_name="Claire", phone=PHONE)

    def names(comparison):
        with scope(workspace=workspace):
            [form] = forms_of(workspace)
            rule = {"about": "form", "is": comparison, "form": form.key}
            rules = parse_for(workspace, {"match": "all", "rules": [rule]})
            found = contacts_matching(rules, workspace=workspace, now=timezone.now())
            return list(found.values_list("first_name", flat=True))

    assert [names("answered"), names("not_answered")] == [["Claire"], ["Paul"]]


def test_a_person_gets_what_they_wrote_and_an_erasure_leaves_the_count(workspace, page):
    Browser(page).send(first_name="Claire", phone=PHONE)
    owner = make_member(workspace, Role.OWNER, "second@example.com")
    with scope(workspace=workspace):
        contact = Contact.objects.get()
        exported = str(export_person(contact=contact, by=owner, now=timezone.now(), reason="asked"))

        erase_contact(contact=contact, by=owner, now=timezone.now(), reason="asked")

        [answer] = FormAnswer.objects.all()
        assert (answer.words, answer.contact, Conversion.objects.count()) == ([], None, 1)
    assert "Be called back" in exported
    assert len(answers_of(workspace)) == 1
