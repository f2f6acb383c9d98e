"""What recipients tap is a conversion of their visit: without cookie, by the links themselves."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django_scopes import scope

from accounts.models import TrackingMode
from campaigns.models import Campaign
from landing.actions import Action, Kind
from landing.models import Conversion
from reports.goals import goals_of
from tests.landing.test_visitors import Mailing, mailing, own_media  # noqa: F401  (fixtures)

PINGS = re.compile(r'(?:ping|data-to)="(/seen/tap/[^"]+)"')


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def pings_of(client, address):
    return sorted({unescape(found) for found in PINGS.findall(client.get(address).content.decode())})


def tap(address, **headers):
    return Client(enforce_csrf_checks=True).post(address, "PING", content_type="text/ping", headers=headers)


def conversions(workspace):
    with scope(workspace=workspace):
        return sorted(Conversion.objects.values_list("goal", "page", "link", "position", "contact"))


def test_links_of_a_recipient_s_page_tell_what_was_tapped_and_nobody_else_s_do(client, mailing):  # noqa: F811
    goals = {address.split("/")[4] for address in pings_of(client, mailing.address(0))}

    assert goals >= {"button", "code"}
    assert pings_of(client, mailing.page.url) == []
    assert "connect-src 'self'" in client.get(mailing.address(0))["Content-Security-Policy"]


def test_a_tap_is_credited_to_the_visit_once(client, mailing):  # noqa: F811
    [button] = [each for each in pings_of(client, mailing.address(0)) if "/button/" in each]

    answers = [tap(button) for _ in range(3)]

    assert [(answer.status_code, answer.content, len(answer.cookies)) for answer in answers] == [(204, b"", 0)] * 3
    assert conversions(mailing.workspace) == [("button", mailing.page.pk, mailing.link.pk, 0, mailing.contacts[0].pk)]


def test_a_get_counts_nothing(client, mailing):  # noqa: F811
    [button] = [each for each in pings_of(client, mailing.address(0)) if "/button/" in each]

    assert client.get(button).status_code == 405
    assert conversions(mailing.workspace) == []


def test_made_up_and_old_tokens_foreign_pages_and_unknown_goals_count_nothing(client, mailing):  # noqa: F811
    page, old = mailing.page.pk, mailing.address(0, minutes_ago=31).partition("?v=")[2]
    fresh = mailing.address(0).partition("?v=")[2]

    statuses = [
        tap(f"/seen/tap/{page}/button/{'A' * 22}/").status_code,
        tap(f"/seen/tap/{page}/button/{old}/").status_code,
        tap(f"/seen/tap/{page}/button/{fresh}/", origin="https://evil.example").status_code,
        tap(f"/seen/tap/{page}/order/{fresh}/").status_code,
        tap(f"/seen/tap/999999/button/{fresh}/").status_code,
    ]

    assert statuses == [204, 204, 204, 404, 404]
    assert conversions(mailing.workspace) == []


def test_a_token_of_another_workspace_counts_nothing_here(client, mailing, other_workspace):  # noqa: F811
    theirs = Mailing(other_workspace)

    tap(f"/seen/tap/{mailing.page.pk}/button/{theirs.address(0).partition('?v=')[2]}/")

    assert [conversions(mailing.workspace), conversions(other_workspace)] == [[], []]


def test_who_may_not_be_followed_is_not(client, mailing):  # noqa: F811
    token = mailing.address(0).partition("?v=")[2]
    mailing.workspace.tracking_mode = TrackingMode.AGGREGATE
    mailing.workspace.save()

    tap(f"/seen/tap/{mailing.page.pk}/button/{token}/")

    assert conversions(mailing.workspace) == []


def test_each_kind_of_button_has_its_goal():
    actions = [Action("x", "06 39 98 00 00"), Action("x", "06 39 98 00 00", Kind.CALL)]
    actions += [Action("x", "1 rue Haute", Kind.DIRECTIONS), Action("x", "0639980000", Kind.WHATSAPP)]

    assert [action.goal for action in actions] == ["call", "call", "directions", "button"]


def test_a_campaign_s_report_shows_how_many_reached_which_goal(client, mailing):  # noqa: F811
    campaign = Campaign(workspace=mailing.workspace, batch=mailing.batch)
    for position in (0, 1, 1):
        token = mailing.address(position).partition("?v=")[2]
        tap(f"/seen/tap/{mailing.page.pk}/call/{token}/")
        tap(f"/seen/tap/{mailing.page.pk}/code/{token}/") if position else None

    with scope(workspace=mailing.workspace):
        goals = [(goal.label, goal.people) for goal in goals_of(campaign)]

    assert goals == [("Call tapped", 2), ("Code copied", 1)]
