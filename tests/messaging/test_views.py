from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from audience.models import Consent, OptOut, Topic
from audience.queries import contact_of, is_opted_out
from messaging.models import Message
from messaging.services.choices import Choices, choices_of
from shortlinks.models import CodeRange
from shortlinks.visits import make_visit_token
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import run_step, send_to_all

PHONE = "+33639980042"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def personal_page(workspace, sender, link):
    """The address behind `/<code>/s` of the one recipient."""
    make_contact(workspace, PHONE)
    send_to_all(make_batch(sender, "{link}", links={"link": link}), now=TUESDAY)
    with scope(workspace=workspace):
        number = CodeRange.objects.get(link=link).start
    token = make_visit_token(domain=link.domain, number=number, now=timezone.now())
    return reverse("messaging:opt_out_personal", args=[workspace.slug, token])


@pytest.fixture
def number_page(workspace):
    return reverse("messaging:opt_out", args=[workspace.slug])


def opted_out(workspace):
    return is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_looking_at_the_page_changes_nothing_and_shows_a_masked_number(personal_page, workspace):
    response = Client().get(personal_page)

    assert (response.status_code, opted_out(workspace)) == (200, False)
    assert "+33 6 •• •• •• 42" in response.text
    assert "3998" not in response.text


def test_one_tap_opts_out(personal_page, workspace, other_workspace):
    response = Client(enforce_csrf_checks=True).post(personal_page, follow=True)

    assert (response.status_code, opted_out(workspace), opted_out(other_workspace)) == (200, True, False)


def test_a_token_of_another_workspace_leads_to_the_form(personal_page, workspace, other_workspace):
    foreign = personal_page.replace(workspace.slug, other_workspace.slug)

    response = Client().post(foreign)

    assert response.headers["Location"] == reverse("messaging:opt_out", args=[other_workspace.slug])
    assert not opted_out(workspace)


def test_a_made_up_token_leads_to_the_form(workspace, number_page):
    response = Client().get(reverse("messaging:opt_out_personal", args=[workspace.slug, "x" * 22]))

    assert response.headers["Location"] == number_page


def test_a_typed_number_is_opted_out_known_or_not(number_page, workspace):
    response = Client().post(number_page, {"phone": "06 39 98 00 42"}, follow=True)

    assert (response.status_code, opted_out(workspace)) == (200, True)


@pytest.mark.parametrize("typed", ["", "bonjour", "01 23"])
def test_what_is_no_mobile_number_is_said_on_the_form(number_page, workspace, typed):
    response = Client().post(number_page, {"phone": typed})

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    with scope(workspace=workspace):
        assert OptOut.objects.count() == 0


def test_many_posts_from_one_address_are_refused(number_page):
    client = Client()

    answers = [client.post(number_page, {"phone": "bonjour"}).status_code for _time in range(11)]

    assert answers == [422] * 10 + [429]


def test_the_page_is_closed_to_scripts_frames_caches_and_search_engines(number_page):
    response = Client().get(number_page)

    kept = ("Content-Security-Policy", "Referrer-Policy", "Cache-Control", "X-Robots-Tag")
    assert [response.headers[name] for name in kept] == [
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "no-referrer",
        "no-store",
        "noindex",
    ]
    assert response.cookies == {}


def test_an_unknown_brand_has_no_page(db):
    assert Client().get("/stop/nobody/").status_code == 404


def test_behind_a_proxy_visitors_are_told_apart(number_page, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]

    answers = [
        Client()
        .post(number_page, {"phone": "not a number"}, headers={"X-Forwarded-For": f"203.0.113.{at}"})
        .status_code
        for at in range(11)
    ]

    assert answers == [422] * 11


def test_one_tap_counts_however_many_share_the_address(personal_page, number_page, workspace):
    for _ in range(11):
        Client().post(number_page, {"phone": "not a number"})

    Client().post(personal_page)

    assert opted_out(workspace)


def choices_page(personal_page):
    return f"{personal_page}choices/"


def test_choices_are_shown_and_saved_without_a_script(personal_page, workspace):
    with scope(workspace=workspace):
        shoes, hats = (Topic.objects.create(workspace=workspace, name=name) for name in ("Shoes", "Hats"))
    page = choices_page(personal_page)

    before = Client().get(page)
    saved = Client(enforce_csrf_checks=True).post(page, {"topics": [hats.pk], "frequency": "weekly"})

    assert (before.status_code, saved.status_code) == (200, 200)
    assert "3998" not in before.text and "<script" not in before.text
    contact = contact_of(workspace=workspace, phone=PHONE)
    assert choices_of(workspace=workspace, contact=contact) == Choices(
        refused_topics=frozenset({shoes.pk}), frequency="weekly", wants_service=False, may_be_followed=False
    )
    assert is_opted_out(workspace=workspace, phone=PHONE, scope="service") and not opted_out(workspace)
    with scope(workspace=workspace):
        words = list(Consent.objects.filter(source="preference page").order_by("purpose").values_list("purpose", "act"))
    assert words == [("service", "withdrawn"), ("tracking", "withdrawn")]


def test_saving_the_same_choices_again_adds_nothing_to_the_ledger(personal_page, workspace):
    for _time in range(2):
        Client().post(choices_page(personal_page), {"wants_service": "on", "may_be_followed": "on"})

    with scope(workspace=workspace):
        assert Consent.objects.filter(source="preference page").count() == 0


def test_service_messages_refused_on_the_page_are_allowed_on_the_page(personal_page, workspace):
    page = choices_page(personal_page)

    Client().post(page, {"may_be_followed": "on"})
    refused = is_opted_out(workspace=workspace, phone=PHONE, scope="service")
    Client().post(page, {"may_be_followed": "on", "wants_service": "on"})

    assert (refused, is_opted_out(workspace=workspace, phone=PHONE, scope="service")) == (True, False)


def test_whoever_opted_out_comes_back_by_their_own_phone_only(personal_page, workspace, account, gateway):
    Client().post(personal_page)

    answer = Client().post(choices_page(personal_page), {"again": "yes"})
    run_step(account, timezone.now())

    assert "We send a text to this number" in answer.text
    assert opted_out(workspace)
    with scope(workspace=workspace):
        page = Message.objects.get(batch__purpose="service").merge_values["confirm_url"]
    looked = Client().get(urlsplit(page).path)
    still = opted_out(workspace)
    confirmed = Client(enforce_csrf_checks=True).post(urlsplit(page).path)
    over = Client().get(urlsplit(page).path)
    assert "I want to get offers from Maison Lambert by SMS again." in looked.text
    assert (looked.status_code, still, confirmed.status_code, opted_out(workspace)) == (200, True, 200, False)
    assert over.status_code == 410
    with scope(workspace=workspace):
        assert Consent.objects.get(act="confirmed").evidence.content["network"] == "127.0.0.0/24"


def test_a_link_gives_no_consent_to_whoever_never_said_no(personal_page, workspace):
    with scope(workspace=workspace):
        Consent.objects.all().delete()

    answer = Client().post(choices_page(personal_page), {"again": "yes"})

    assert answer.status_code == 200
    with scope(workspace=workspace):
        assert not Consent.objects.exists()


def test_choices_of_a_made_up_token_or_another_brand_lead_to_the_form(personal_page, workspace, other_workspace):
    foreign = choices_page(personal_page).replace(workspace.slug, other_workspace.slug)

    answers = [
        Client().post(foreign, {"frequency": "weekly"}).status_code,
        Client().get(reverse("messaging:choices", args=[workspace.slug, "x" * 22])).status_code,
    ]

    assert answers == [302, 302]


def test_one_link_can_post_ten_times_in_ten_minutes(personal_page):
    answers = [Client().post(choices_page(personal_page), {}).status_code for _time in range(11)]

    assert answers == [200] * 10 + [429]


def test_all_addresses_of_one_subscriber_count_together(number_page, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]

    answers = [
        Client()
        .post(number_page, {"phone": "not a number"}, headers={"X-Forwarded-For": f"2001:db8:1:{net}::{at}"})
        .status_code
        for net, at in [*((1, at) for at in range(1, 12)), (2, 1)]
    ]

    assert answers == [422] * 10 + [429, 422]
