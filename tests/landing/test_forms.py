"""Forms of pages: what is asked, stored, agreed to, and what is turned away."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_scopes import scope

from audience.models import Consent, ConsentAct, Contact, OptOutScope
from audience.queries import settings_of
from audience.services import record_opt_out
from landing.answers import tokens
from landing.answers.views import FORM_TYPE
from landing.blocks import blocks_for
from landing.models import Conversion, FormAnswer
from landing.signals import form_submitted
from messaging.models import Message
from tests.factories import make_account, make_contact, make_sender
from tests.landing.asking import BLOCK, PHONE, WORDING, Browser, answers_of, form_data, make_form_page, question
from tests.landing.test_visitors import Mailing, mailing, own_media  # noqa: F401  (fixtures)

E164 = "+33639980001"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def page(workspace):
    return make_form_page(workspace)


def ledger(workspace):
    with scope(workspace=workspace):
        return list(Consent.objects.order_by("pk").values_list("act", "wording", "source"))


def test_an_answer_is_stored_sealed_and_thanked_for(workspace, page):
    response = Browser(page).send(first_name="Claire", phone=PHONE)

    assert (response.status_code, response["Location"]) == (303, f"{page.url}?sent={BLOCK}#form-{BLOCK}")
    assert not response.cookies
    [answer] = answers_of(workspace)
    assert answer.words == [["First name", "Claire"], ["Mobile number", E164]]
    assert (answer.contact.phone, answer.contact.first_name, answer.sign_up) == (E164, "Claire", "")
    thanks = Browser(page).client.get(response["Location"]).content.decode()
    assert ("Thank you, we call you." in thanks, "<form" in thanks) == (True, False)


def test_an_unticked_box_is_no_consent_and_a_ticked_one_is_stored_word_for_word(workspace, page):
    with scope(workspace=workspace):
        settings_of(workspace)
    Browser(page).send(first_name="Claire", phone=PHONE)
    before = ledger(workspace)

    Browser(page).send(first_name="Paul", phone="06 39 98 00 02", **{"box-0": "on"})

    assert before == []
    assert ledger(workspace) == [(ConsentAct.GRANTED, WORDING, "Form “Be called back” (Appointment)")]
    assert [answer.sign_up for answer in answers_of(workspace)] == ["", "granted"]


def test_the_thanks_say_what_was_ticked_and_never_whose_number_is_known(workspace, page):
    with scope(workspace=workspace):
        make_sender(make_account(workspace))
        make_contact(workspace, E164)
        record_opt_out(workspace=workspace, phone=E164, scope=OptOutScope.MARKETING, source="STOP", now=timezone.now())
    browser, known, unknown = Browser(page), PHONE, "06 39 98 00 02"

    without = [browser.send(first_name="Claire", phone=phone)["Location"] for phone in (known, unknown)]
    ticked = {"first_name": "Claire", "box-0": "on"}
    # Once more is the same answer, and gets the same words.
    agreed = [browser.send(phone=phone, **ticked)["Location"] for phone in (known, unknown, unknown)]

    assert set(without) == {f"{page.url}?sent={BLOCK}#form-{BLOCK}"}
    assert set(agreed) == {f"{page.url}?sent={BLOCK}&agreed=1#form-{BLOCK}"}
    asks = "If an SMS asks you to confirm, one tap is enough."
    pages = [browser.client.get(address).content.decode() for address in (without[0], agreed[0])]
    assert [(asks in html, "Thank you, we call you." in html) for html in pages] == [(False, True), (True, True)]


def test_no_box_is_ticked_beforehand(page):
    html = Browser(page).client.get(page.url).content.decode()

    assert WORDING in html
    assert "checked" not in html


def test_with_double_opt_in_their_own_phone_is_asked_and_nothing_is_granted(workspace, page):
    with scope(workspace=workspace):
        make_sender(make_account(workspace))
        settings = settings_of(workspace)
        settings.double_opt_in = True
        settings.save()

    Browser(page).send(first_name="Claire", phone=PHONE, **{"box-0": "on"})

    assert [act for act, *_rest in ledger(workspace)] == [ConsentAct.REQUESTED]
    [answer] = answers_of(workspace)
    with scope(workspace=workspace):
        assert (answer.sign_up, Message.objects.filter(contact=answer.contact).count()) == ("asked", 1)


def test_a_tick_never_lifts_an_opt_out_by_itself(workspace, page):
    with scope(workspace=workspace):
        make_sender(make_account(workspace))
        record_opt_out(workspace=workspace, phone=E164, scope=OptOutScope.MARKETING, source="STOP", now=timezone.now())

    Browser(page).send(first_name="Claire", phone=PHONE, **{"box-0": "on"})

    assert [act for act, *_rest in ledger(workspace)][-1] == ConsentAct.REQUESTED


def test_without_a_sender_the_answer_is_kept_and_says_that_nobody_was_asked(workspace, page):
    with scope(workspace=workspace):
        settings = settings_of(workspace)
        settings.double_opt_in = True
        settings.save()

    response = Browser(page).send(first_name="Claire", phone=PHONE, **{"box-0": "on"})

    assert response.status_code == 303
    assert [answer.sign_up for answer in answers_of(workspace)] == ["not_asked"]
    assert ledger(workspace) == []


def test_errors_stand_next_to_their_fields_and_what_was_typed_stays(workspace, page):
    response = Browser(page).send(first_name="Claire", phone="01 23 45 67 89", **{"box-0": "on"})

    html = response.content.decode()
    assert (response.status_code, response["Cache-Control"]) == (422, "private, no-store")
    assert "<title>Not sent yet — Appointment — " in html
    assert 'value="Claire"' in html
    assert 'value="01 23 45 67 89"' in html
    assert 'aria-invalid="true" aria-describedby="5a7f4c1e-phone_error"' in html
    assert '<p class="wrong" id="5a7f4c1e-phone_error">' in html
    assert 'id="5a7f4c1e-box-0" checked' in html
    assert answers_of(workspace) == []


def test_a_double_tap_is_one_answer_one_line_and_one_conversion(workspace, page):
    browser = Browser(page)
    fields = {"first_name": "Claire", "phone": PHONE, "box-0": "on", "t": browser.token()}

    answers = [browser.post(fields).status_code for _ in range(3)]

    assert answers == [303, 303, 303]
    assert (len(answers_of(workspace)), len(ledger(workspace))) == (1, 1)
    with scope(workspace=workspace):
        assert list(Conversion.objects.values_list("goal", "page")) == [("form", page.pk)]


def test_whoever_types_a_known_number_changes_nothing_that_is_known(workspace, page):
    contact = make_contact(workspace, E164, first_name="")

    Browser(page).send(first_name="Impostor", phone=PHONE)

    contact.refresh_from_db()
    assert contact.first_name == ""
    assert [answer.contact_id for answer in answers_of(workspace)] == [contact.pk]


def test_the_number_of_a_contest_takes_part_once(workspace):
    page = make_form_page(workspace, kind="contest", questions=[question("Which year?")])
    name = question("Which year?")["id"][:8]

    for year in ("1987", "1988"):
        Browser(page).send(first_name="Claire", phone=PHONE, **{f"q{name}": year})

    assert [answer.words[-1] for answer in answers_of(workspace)] == [["Which year?", "1987"]]


def test_to_an_invitation_the_latest_answer_counts(workspace):
    page = make_form_page(workspace, kind="rsvp")

    Browser(page).send(first_name="Claire", phone=PHONE, coming="yes", people="3")
    Browser(page).send(first_name="Claire", phone=PHONE, coming="no")

    [answer] = answers_of(workspace)
    assert [text for _label, text in answer.words] == ["Claire", E164, "I can’t come", ""]


def test_choices_numbers_and_dates_are_read_strictly(workspace):
    questions = [
        question("Size", "one", options="S\nM", is_required=True),
        question("Colours", "several", options="red\nblue\nred"),
        question("How many", "number"),
        question("When", "date"),
    ]
    page = make_form_page(workspace, kind="survey", details=[], boxes=[], questions=questions)
    size, colours, many, when = (f"q{one['id'][:8]}" for one in questions)

    wrong = Browser(page).send(**{size: "XL", colours: ["red", "green"], many: "some", when: "soon"})
    right = Browser(page).send(**{size: "M", colours: ["red", "blue"], many: "2", when: "2026-12-24"})

    assert (wrong.status_code, wrong.content.decode().count('class="wrong" id=')) == (422, 4)
    assert right.status_code == 303
    [answer] = answers_of(workspace)
    assert [text for _label, text in answer.words][:3] == ["M", "red, blue", "2"]


def test_the_visitor_of_a_link_is_credited_and_stays_known(client, mailing):  # noqa: F811
    page = make_form_page(mailing.workspace, kind="survey", details=[], boxes=[], questions=[question("Why?")])
    token = mailing.address(0).partition("?v=")[2]

    response = Browser(page).send(v=token, **{f"q{question('Why?')['id'][:8]}": "Because"})

    assert f"v={token}&sent={BLOCK}" in response["Location"]
    [answer] = answers_of(mailing.workspace)
    assert (answer.contact_id, answer.link_id, answer.position) == (mailing.contacts[0].pk, mailing.link.pk, 0)
    with scope(workspace=mailing.workspace):
        found = Conversion.objects.values_list("goal", "link", "position", "contact")
        assert list(found) == [("form", mailing.link.pk, 0, mailing.contacts[0].pk)]


def test_automations_hear_of_an_answer_that_its_number_was_typed_by_anybody(
    workspace, page, monkeypatch, django_capture_on_commit_callbacks
):
    heard, numbers = [], ["0639980018", "0639980019"]
    form_submitted.connect(listener := lambda conversion, trust, **_: heard.append((conversion.goal, trust)))
    monkeypatch.setattr(tokens, "MOST_TYPED", 1)

    with django_capture_on_commit_callbacks(execute=True):
        for number in numbers:
            Browser(page).send(first_name="Claire", phone=number)

    form_submitted.disconnect(listener)
    assert heard == [("form", "typed"), ("form", "crowd")]


def test_automations_hear_whether_it_came_by_a_link_of_that_very_contact(
    mailing,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    page = make_form_page(mailing.workspace)
    token = mailing.address(0).partition("?v=")[2]
    heard = []
    form_submitted.connect(listener := lambda trust, **_: heard.append(trust))

    with django_capture_on_commit_callbacks(execute=True):
        for contact in mailing.contacts[:2]:
            Browser(page).send(v=token, first_name="Claire", phone=contact.phone)

    form_submitted.disconnect(listener)
    assert heard == ["own", "typed"]


# At the door ------------------------------------------------------------------------------------------


def test_programs_that_fill_in_everything_are_thanked_and_forgotten(workspace, page):
    response = Browser(page).send(first_name="Bot", phone=PHONE, website="https://spam.example")

    assert response.status_code == 303
    assert answers_of(workspace) == []


@pytest.mark.parametrize("token", ["", "x", "1-2", "999999999999-00", "0-" + "0" * 24])
def test_a_token_of_ours_is_needed_and_a_stale_page_may_be_sent_once_more(workspace, page, token):
    response = Browser(page).send(first_name="Claire", phone=PHONE, t=token)

    assert response.status_code == 422
    assert "open for a long time" in response.content.decode()
    assert answers_of(workspace) == []


def test_a_token_is_good_for_its_form_and_for_a_day():
    now = timezone.now()
    token = tokens.make_form_token(page=1, block=BLOCK, now=now)

    def is_good(page=1, block=BLOCK, hours=0):
        return tokens.is_form_token(token, page=page, block=block, now=now + timedelta(hours=hours))

    assert [is_good(), is_good(hours=24), is_good(hours=26)] == [True, True, False]
    assert [is_good(page=2), is_good(block="other"), is_good(hours=-3)] == [False, False, False]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://testserver"}, 303),
    ],
)
def test_pages_of_others_can_not_send_our_forms(workspace, page, headers, status):
    response = Browser(page, **headers).send(first_name="Claire", phone=PHONE)

    assert (response.status_code, len(answers_of(workspace))) == (status, int(status == 303))


def test_a_flood_costs_no_query_and_stores_little(workspace, page, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_OF_LINE", 3)
    browser = Browser(page)
    fields = {"phone": PHONE, "t": browser.token()}
    for number in range(3):
        browser.post(fields | {"first_name": f"Name {number}"})

    with django_assert_num_queries(0):
        statuses = {browser.post(fields | {"first_name": f"Other {number}"}).status_code for number in range(1_000)}

    assert (statuses, len(answers_of(workspace))) == ({429}, 3)


def test_behind_a_crowded_address_whoever_has_a_link_of_their_own_gets_through(mailing, monkeypatch):  # noqa: F811
    monkeypatch.setattr(tokens, "MOST_OF_LINE", 0)
    page = make_form_page(mailing.workspace)
    token = mailing.address(0).partition("?v=")[2]

    made_up = Browser(page).send(first_name="A", phone=PHONE, v="A" * 22)
    own = Browser(page).send(first_name="A", phone=PHONE, v=token)

    assert (made_up.status_code, own.status_code) == (429, 303)


def test_what_is_too_long_or_no_form_is_not_read(page):
    browser = Browser(page)

    long = browser.post({"first_name": "x" * 70_000})
    other = browser.client.post(browser.address, "{}", content_type="application/json")
    unmeasured = browser.client.post(browser.address, "a=b", content_type=FORM_TYPE, CONTENT_LENGTH="many")

    assert (long.status_code, other.status_code, unmeasured.status_code) == (413, 415, 400)


def test_looking_at_a_form_s_address_changes_nothing_and_leads_to_the_page(workspace, page):
    response = Browser(page).client.get(f"/form/{page.pk}/{BLOCK}/")

    assert (response.status_code, response["Location"]) == (303, page.url)
    assert answers_of(workspace) == []


def test_a_form_that_is_not_on_the_page_or_offline_is_not_there(page):
    elsewhere = BLOCK[:-1] + "2"
    client = Browser(page).client

    missing = client.get(f"/form/{page.pk}/{elsewhere}/").status_code
    page.unpublish()

    assert (missing, client.get(f"/form/{page.pk}/{BLOCK}/").status_code) == (404, 404)


def test_a_closed_form_says_so_and_takes_nothing(workspace):
    page = make_form_page(workspace, closes_at="2020-01-01T00:00:00+00:00")

    Browser(page).send(first_name="Claire", phone=PHONE)

    assert answers_of(workspace) == []
    assert "<form" not in Browser(page).client.get(page.url).content.decode()


def test_answers_stay_in_their_workspace(workspace, other_workspace, page):
    theirs = make_form_page(other_workspace, "Theirs")

    Browser(page).send(first_name="Claire", phone=PHONE)
    Browser(theirs).send(first_name="Claire", phone=PHONE)

    with scope(workspace=workspace):
        assert [answer.page_id for answer in FormAnswer.objects.all()] == [page.pk]
        assert Contact.objects.count() == 1


# In the editor ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"details": ["first_name"]},
        {"details": [], "boxes": [], "questions": []},
        {"kind": "contest", "details": ["email"], "boxes": []},
        {"questions": [question("Size", "one", options="S")]},
    ],
)
def test_a_form_that_could_not_keep_its_word_is_refused(fields):
    block = dict(blocks_for("body"))["form"]

    with pytest.raises(ValidationError):
        block.clean(block.to_python(form_data(**fields)))
