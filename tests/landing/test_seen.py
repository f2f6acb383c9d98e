"""A page tells that it was shown: without script, without cookie, and only for people who may be followed."""

import re

from django.utils import timezone
from django_scopes import scope

from accounts.addresses import network_of
from accounts.keys import dated_address_hash
from accounts.models import TrackingMode
from shortlinks.models import Click, Confirmation, Verdict
from shortlinks.services.verdicts import PAGE_PATIENCE, judge_again
from tests.factories import make_click
from tests.landing.test_visitors import Mailing, mailing, own_media  # noqa: F401  (fixtures)

PICTURE = re.compile(r'<img src="(/seen/[^"]+)"')
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


def test_only_get_and_only_workspaces(client, mailing):  # noqa: F811
    address = f"/seen/{mailing.workspace.slug}/{'A' * 22}/"

    assert [client.post(address).status_code, client.get("/seen/nobody/x/").status_code] == [405, 404]
