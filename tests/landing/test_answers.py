"""Answers to forms: the list, the file, segments, and the rights of the person."""

import re
import weakref
from datetime import UTC, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from audience.models import AuditEntry, Contact
from audience.segments.reading import contacts_matching, parse_for
from audience.services.erasure import erase_contact
from audience.services.exports import export_person
from audience.services.retention import switch_retention
from landing.answers import screens
from landing.answers.queries import forms_of, of_form
from landing.answers.retention import forget_old_answers
from landing.dossier import answers_in_timeline
from landing.models import Conversion, FormAnswer
from tests.factories import TUESDAY, make_contact, make_member
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


def test_questions_with_the_same_words_have_a_column_each(owner_client, workspace, page):
    [one, *_rest] = many_answers(workspace, page, 1)
    with scope(workspace=workspace):
        one.words = [["Size", "S"], ["Size", "M"], ["Size (2)", "L"]]
        one.save()

    answer = owner_client.post(FILE, {"reason": "the draw"})

    header, line = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert header == "answered;form;page;Size;Size (2);Size (2) (2);agreed;offers_by_sms"
    assert line.split(";")[3:6] == ["S", "M", "L"]


def test_an_owner_deletes_one_answer_with_a_reason_and_it_stays_counted(owner_client, workspace, page):
    for number, name in ((1, "Claire"), (2, "Paul")):
        Browser(page).send(first_name=name, phone=f"06 39 98 00 0{number}")
    claire, _paul = answers_of(workspace)

    asked = owner_client.get(f"{LIST}delete/{claire.pk}/").content.decode()
    kept = len(answers_of(workspace))
    owner_client.post(f"{LIST}delete/{claire.pk}/", {"reason": "a child wrote it"})

    assert ("Delete for good" in asked, kept) == (True, 2)
    with scope(workspace=workspace):
        noted = AuditEntry.objects.values_list("action", "contact", "reason")
        assert list(noted) == [(AuditEntry.Action.ANSWER, claire.contact_id, "a child wrote it")]
        assert Conversion.objects.filter(goal="form").count() == 2
    assert [answer.words[0][1] for answer in answers_of(workspace)] == ["Paul"]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_nobody_but_an_owner_deletes_an_answer(workspace, page, role):
    Browser(page).send(first_name="Claire", phone=PHONE)
    [answer] = answers_of(workspace)
    client = Client()
    client.force_login(make_member(workspace, role))

    client.post(f"{LIST}delete/{answer.pk}/", {"reason": "why not"})

    assert answers_of(workspace) == [answer]
    assert "Delete<span" not in client.get(LIST).content.decode()


def many_answers(workspace, page, number):
    """Of as many forms of the page as there are answers modulo three."""
    with scope(workspace=workspace):
        return FormAnswer.objects.bulk_create(
            FormAnswer(
                workspace=workspace,
                page=page,
                block=f"5a7f4c1e-0000-4000-8000-00000000000{each % 3}",
                form=f"Form {each % 3}",
                kind="survey",
                words=[[f"Question {each % 3}", str(each)]],
                dedup_key=f"answer {each}".encode(),
                answered_at=TUESDAY + timedelta(minutes=each),
            )
            for each in range(number)
        )


@pytest.fixture
def alive():
    """How many answers are in memory, of those that were read since the test began."""
    read = []

    def note(instance, **kwargs):
        read.append(weakref.ref(instance))

    post_init.connect(note, sender=FormAnswer)
    yield lambda: sum(reference() is not None for reference in read)
    post_init.disconnect(note, sender=FormAnswer)


def test_the_file_of_many_answers_holds_few_of_them_at_a_time(workspace, page, monkeypatch, alive):
    many_answers(workspace, page, 120)
    monkeypatch.setattr(screens, "PIECE", 10)
    with scope(workspace=workspace):
        found = FormAnswer.objects.order_by("answered_at", "pk")

    lines = [(line, alive()) for line in screens.csv_lines(found, UTC)]

    assert [line for line, _number in lines][:2] == [
        "\ufeffanswered;form;page;Question 0;Question 1;Question 2;agreed;offers_by_sms\r\n",
        "2026-11-24 09:30+00:00;Form 0;Appointment;0;;;;\r\n",
    ]
    assert (len(lines), 0 < max(number for _line, number in lines) <= 30) == (121, True)


def test_the_answers_of_one_form_are_found_by_index(workspace, page):
    many_answers(workspace, page, 3)
    if connection.vendor == "postgresql":  # it would read so few rows without any
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
            )
    with scope(workspace=workspace):
        latest = FormAnswer.objects.filter(of_form(forms_of(workspace)[0].key)).order_by("-answered_at", "-pk")

        plan = latest[:20].explain()

    assert "form_answer_by_form" in plan
    assert [sorting for sorting in ("TEMP B-TREE", "Sort Key") if sorting in plan] == []


def test_all_forms_are_named_in_two_queries(workspace, page, django_assert_num_queries):
    many_answers(workspace, page, 7)

    with scope(workspace=workspace), django_assert_num_queries(2):
        names = [form.name for form in forms_of(workspace)]

    assert names == ["Form 0 · Appointment", "Form 2 · Appointment", "Form 1 · Appointment"]


def test_from_the_answers_of_a_form_a_segment_is_one_step_away(owner_client, workspace, page):
    Browser(page).send(first_name="Claire", phone=PHONE)
    with scope(workspace=workspace):
        [form] = forms_of(workspace)
    everything, of_one = (owner_client.get(LIST, query).content.decode() for query in ({}, {"form": form.key}))

    [address] = re.findall(r'href="(/admin/audience/segments/new/[^"]+)"', of_one)
    proposed = owner_client.get(unescape(address)).content.decode()

    assert "segments/new" not in everything
    assert ("Be called back · Appointment" in proposed, form.key in proposed) == (True, True)


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


def test_a_contact_s_timeline_says_what_they_wrote_without_the_whole_number(workspace, page):
    Browser(page).send(first_name="Claire", phone=PHONE)

    with scope(workspace=workspace):
        [entry] = answers_in_timeline(Contact.objects.get())

    assert (entry.title, entry.detail) == ("Be called back", "Appointment · Claire · +33 6 •• •• •• 01")


def test_old_answers_are_forgotten_where_the_workspace_keeps_nothing_that_long(
    owner_client, workspace, other_workspace
):
    for place in (workspace, other_workspace):
        many_answers(place, make_form_page(place), 4)
        with scope(workspace=place):
            switch_retention(workspace=place, is_on=place == workspace, by=None, now=TUESDAY)

    later = TUESDAY + timedelta(days=36 * 31, minutes=2)
    forgotten = [forget_old_answers(workspace=place, now=later) for place in (workspace, workspace, other_workspace)]

    assert forgotten == [4, 0, 0]
    assert [[answer.words for answer in answers_of(place)] == [[]] * 4 for place in (workspace, other_workspace)] == [
        True,
        False,
    ]
    assert "no longer kept" in owner_client.get(LIST).content.decode()


def test_answers_of_the_last_months_stay(workspace, page):
    many_answers(workspace, page, 2)
    with scope(workspace=workspace):
        switch_retention(workspace=workspace, is_on=True, by=None, now=TUESDAY)

    assert forget_old_answers(workspace=workspace, now=TUESDAY + timedelta(days=35 * 30)) == 0
