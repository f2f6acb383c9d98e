"""A page tells that it was shown: by a picture or a beacon, without cookie, and for people who may be followed."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.addresses import network_of
from accounts.keys import dated_address_hash
from accounts.models import TrackingMode
from landing.style import hashed
from shortlinks.models import Click, Confirmation, Verdict
from shortlinks.services.verdicts import PAGE_PATIENCE, judge_again
from tests.factories import make_click
from tests.landing.test_visitors import Mailing, mailing, own_media  # noqa: F401  (fixtures)

PICTURE = re.compile(r'<img src="(/seen/[^"]+)"')
SCRIPT = re.compile(r'<script data-to="(/seen/[^"]+)">(.*?)</script>', re.S)
PHONE = "Mozilla/5.0 (iPhone) Safari"


def picture_of(client, address):
    found = PICTURE.search(client.get(address).content.decode())
    return found and found[1]


def test_the_picture_of_a_personal_page_confirms_the_visit(client, mailing):  # noqa: F811
    address = picture_of(client, mailing.address(0))

    answer = client.get(address, headers={"user-agent": PHONE})

    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "image/gif", "no-store")
    assert not answer.cookies
    assert len(answer.content) < 50
    with scope(workspace=mailing.workspace):
        seen = Confirmation.objects.values_list("link", "position", "user_agent").distinct()
        assert list(seen) == [(mailing.link.pk, 0, PHONE)]


def test_nobody_s_page_and_that_of_people_who_are_not_followed_say_nothing(client, mailing):  # noqa: F811
    of_nobody = picture_of(client, mailing.page.url)
    mailing.workspace.tracking_mode = TrackingMode.AGGREGATE
    mailing.workspace.save()

    of_not_followed = picture_of(client, mailing.address(0))

    assert (of_nobody, of_not_followed) == (None, None)


def test_a_previewer_and_a_person_by_the_same_code_are_one_person(client, mailing):  # noqa: F811
    make_click(mailing.link, 0, verdict=Verdict.BOT, clicked_at=timezone.now())
    visitor = visitor_of_test_client()
    make_click(mailing.link, 0, verdict=Verdict.UNSURE, clicked_at=timezone.now(), visitor=visitor, user_agent=PHONE)
    client.get(picture_of(client, mailing.address(0)), headers={"user-agent": PHONE})

    judge_again(now=timezone.now() + PAGE_PATIENCE)

    with scope(workspace=mailing.workspace):
        assert list(Click.objects.order_by("pk").values_list("verdict", flat=True)) == ["bot", "human"]


def visitor_of_test_client():
    return dated_address_hash(network_of("127.0.0.1"), str(int(timezone.now().timestamp()) // 86_400))


def test_a_picture_of_a_made_up_token_is_the_same_picture_and_confirms_nothing(client, mailing):  # noqa: F811
    answer = client.get(f"/seen/{mailing.workspace.slug}/{'A' * 22}/")

    assert answer.status_code == 200
    with scope(workspace=mailing.workspace):
        assert not Confirmation.objects.exists()


def test_nothing_else_is_answered_and_nobody_else_s(client, mailing):  # noqa: F811
    address = f"/seen/{mailing.workspace.slug}/{'A' * 22}/"

    assert [client.put(address).status_code, client.get("/seen/nobody/x/").status_code] == [405, 404]


# By beacon, where scripts run ---------------------------------------------------------------------------


def beacon(address, *, network="127.0.0.1", user_agent=PHONE):
    """As `navigator.sendBeacon` sends: no body, and no token that a form of ours would have."""
    browser = Client(enforce_csrf_checks=True, REMOTE_ADDR=network)
    return browser.post(address, headers={"user-agent": user_agent})


def verdicts_after(mailing, verdict, *beacons):  # noqa: F811
    """What becomes of a click of the first recipient, once these beacons have come."""
    visitor = visitor_of_test_client()
    make_click(mailing.link, 0, verdict=verdict, clicked_at=timezone.now(), visitor=visitor, user_agent=PHONE)
    for address, sender in beacons:
        assert beacon(address, **sender).status_code == 204
    judge_again(now=timezone.now() + PAGE_PATIENCE)
    with scope(workspace=mailing.workspace):
        return list(Click.objects.values_list("verdict", flat=True))


def test_the_page_of_a_recipient_has_a_small_script_that_its_policy_names(client, mailing):  # noqa: F811
    answer = client.get(mailing.address(0))

    [(_, script)] = SCRIPT.findall(answer.content.decode())
    assert len(script) <= 450
    assert f"'{hashed(script)}'; connect-src 'self'" in answer["Content-Security-Policy"]


def test_nobody_s_page_has_no_beacon_and_its_policy_allows_none(client, mailing):  # noqa: F811
    answer = client.get(mailing.page.url)

    assert SCRIPT.findall(answer.content.decode()) == []
    assert "connect-src" not in answer["Content-Security-Policy"]


def test_a_beacon_lifts_unsure_and_says_nothing_back(client, mailing):  # noqa: F811
    address = SCRIPT.search(client.get(mailing.address(0)).content.decode())[1]

    assert verdicts_after(mailing, Verdict.UNSURE, (address, {})) == ["human"]

    answer = beacon(address)
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (204, b"", "no-store")
    assert not answer.cookies


def test_a_bot_with_a_beacon_stays_a_bot(client, mailing):  # noqa: F811
    address = picture_of(client, mailing.address(0))

    assert verdicts_after(mailing, Verdict.BOT, (address, {})) == ["bot"]


@pytest.mark.parametrize("sender", [{"network": "198.51.100.7"}, {"user_agent": "Mozilla/5.0 (Linux) Chrome"}])
def test_a_beacon_of_another_network_or_browser_lifts_nothing(client, mailing, sender):  # noqa: F811
    address = picture_of(client, mailing.address(0))

    assert verdicts_after(mailing, Verdict.UNSURE, (address, sender)) == ["unsure"]


def test_a_forged_beacon_and_another_recipient_s_lift_nothing(client, mailing):  # noqa: F811
    of_another = picture_of(client, mailing.address(1))
    forged = f"/seen/{mailing.workspace.slug}/{'A' * 22}/"

    assert verdicts_after(mailing, Verdict.UNSURE, (forged, {}), (of_another, {})) == ["unsure"]


def test_a_beacon_beside_its_picture_or_played_again_is_one_confirmation(client, mailing):  # noqa: F811
    address = picture_of(client, mailing.address(0))
    client.get(address, headers={"user-agent": PHONE})
    with scope(workspace=mailing.workspace):
        first = Confirmation.objects.values_list("pk", "visitor", "seen_at")
        before = [(pk, bytes(visitor), seen_at) for pk, visitor, seen_at in first]

    for _ in range(3):
        beacon(address)

    with scope(workspace=mailing.workspace):
        after = [(pk, bytes(visitor), seen_at) for pk, visitor, seen_at in first.all()]
    assert after == before


def test_a_beacon_of_yesterday_s_token_confirms_nothing(client, mailing):  # noqa: F811
    [token] = re.findall(r"v=(.+)", mailing.address(0, minutes_ago=31))

    beacon(f"/seen/{mailing.workspace.slug}/{token}/")

    with scope(workspace=mailing.workspace):
        assert not Confirmation.objects.exists()
