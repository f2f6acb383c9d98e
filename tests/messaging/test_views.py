from ipaddress import ip_network

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from audience.models import OptOut
from audience.queries import is_opted_out
from shortlinks.models import CodeRange
from shortlinks.visits import make_visit_token
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import send_to_all

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
