from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from accounts.models import Role
from shortlinks.link_page import STATES, in_state, link_page, people_among, state_of
from shortlinks.models import Click, Device, ShortLink, Source, Verdict
from shortlinks.services import publish_link, reserve_range
from shortlinks.viewsets import with_counts
from tests.factories import TUESDAY, make_click, make_link, make_member

HOUR = timedelta(hours=1)
ONE, OTHER = b"1" * 16, b"2" * 16


def address(name, link, *rest):
    return reverse(f"shortlinks_links:{name}", args=[link.pk, *rest])


def make_poster_link(workspace, **fields):
    return make_link(workspace, alias="soldes", **fields)


def client_of(workspace, role):
    client = Client()
    client.force_login(make_member(workspace, role))
    return client


def words(response):
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)


def test_people_are_told_apart_by_their_code_and_else_by_the_visitor_of_the_day(workspace):
    link = make_link(workspace)
    for position, visitor, verdict in [
        (0, ONE, "human"), (0, OTHER, "human"), (1, ONE, "human"), (2, ONE, "bot"), (3, ONE, "unsure"),
        (None, ONE, "human"), (None, ONE, "human"), (None, OTHER, "human"),
    ]:  # fmt: skip
        make_click(link, position, visitor=visitor, verdict=verdict)

    with scope(workspace=workspace):
        assert people_among(Click.objects.filter(link=link)) == 4


def test_the_page_adds_up_what_came_and_with_what(workspace):
    link = make_link(workspace)
    reserve_range(link=link, size=40, now=TUESDAY)
    for device in [Device.IPHONE, Device.IPHONE, Device.ANDROID, ""]:
        make_click(link, device=device)
    make_click(link, verdict=Verdict.BOT, device=Device.TABLET)

    with scope(workspace=workspace):
        page = link_page(link, now=TUESDAY)

    assert (page.codes, page.people, page.visits.total, page.state.slug) == (40, 1, 5, "live")
    assert {str(share.name): (share.count, share.total) for share in page.devices} == {
        "iPhone": (2, 4),
        "unknown": (1, 4),
        "Android phone": (1, 4),
    }


def test_the_page_tells_posters_from_messages_and_names_the_pages_that_led_here(workspace):
    link = make_link(workspace)
    for source, referrer in [(Source.MESSAGE, ""), (Source.QR, ""), (Source.SHARED, "blog.example"), (Source.QR, "")]:
        make_click(link, source=source, referrer=referrer)
    make_click(link, source=Source.QR, referrer="bot.example", verdict=Verdict.BOT)

    with scope(workspace=workspace):
        page = link_page(link, now=TUESDAY)

    assert [(str(share.name), share.count) for share in page.sources] == [
        ("QR code", 2),
        ("Message", 1),
        ("Shared address", 1),
    ]
    assert [(share.name, share.count) for share in page.referrers] == [("blog.example", 1)]


def test_the_page_takes_the_same_number_of_queries_however_much_came(
    owner_client, workspace, django_assert_max_num_queries
):
    link = make_poster_link(workspace)
    owner_client.get(address("page", link))
    for _ in range(40):
        make_click(link)

    with django_assert_max_num_queries(24):
        owner_client.get(address("page", link))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.booleans(),
    st.sampled_from([None, -HOUR, timedelta(), HOUR]),
    st.sampled_from([None, -HOUR, timedelta(), HOUR]),
    st.sampled_from([None, 1, 2, 3]),
)
def test_the_lists_filter_and_the_word_of_a_state_agree(visited_link, is_enabled, starts, expires, most):
    now = TUESDAY
    link = visited_link
    with scope(workspace=link.workspace):
        ShortLink.objects.filter(pk=link.pk).update(
            is_enabled=is_enabled,
            starts_at=None if starts is None else now + starts,
            expires_at=None if expires is None else now + expires,
            max_visits=most,
        )
        links = with_counts(ShortLink.objects.all())
        [changed] = links
        found = [slug for slug in STATES if in_state(links, slug, now=now)]

        assert found == [state_of(changed, hits=changed.hit_count, now=now).slug]


@pytest.fixture
def visited_link(workspace):
    """A link with two hits."""
    link = make_link(workspace)
    make_click(link)
    make_click(link, verdict=Verdict.BOT)
    return link


def test_the_list_is_filtered_by_state(owner_client, workspace):
    make_link(workspace, label="On")
    off = make_link(workspace, label="Off")
    off.is_enabled = False
    publish_link(link=off)

    response = owner_client.get(reverse("shortlinks_links:index"), {"state": "off"})

    assert [link.label for link in response.context["object_list"]] == ["Off"]


def test_a_link_is_switched_off_and_on_by_post_only(owner_client, workspace):
    link = make_link(workspace)

    assert owner_client.get(address("switch", link)).status_code == 405
    states = []
    for data in ({}, {"on": "1"}):
        owner_client.post(address("switch", link), data)
        with scope(workspace=workspace):
            link.refresh_from_db()
        states.append((link.is_enabled, link.version))

    assert states == [(False, 2), (True, 3)]


def test_an_analyst_looks_and_changes_nothing(workspace):
    link, client = make_link(workspace), client_of(workspace, Role.ANALYST)

    response = client.get(address("page", link))
    posted = [client.post(address(name, link)).status_code for name in ("switch", "poster")]

    assert (response.status_code, "Switch off" in words(response)) == (200, False)
    with scope(workspace=workspace):
        assert (ShortLink.objects.get().is_enabled, ShortLink.objects.get().alias) == (True, "")
    assert posted == [302, 302]  # Wagtail leads whoever may not back to the home page


def test_a_tracked_link_gets_an_address_for_posters_once(owner_client, workspace):
    link = make_link(workspace)

    owner_client.post(address("poster", link))
    with scope(workspace=workspace):
        first = ShortLink.objects.get().alias
    owner_client.post(address("poster", link))

    with scope(workspace=workspace):
        assert ShortLink.objects.get().alias == first
    assert first.startswith("qr-")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_code_is_downloaded_in_the_chosen_colours(owner_client, workspace, kind):
    link = make_poster_link(workspace)

    response = owner_client.get(address("qr", link, kind), {"dark": "#123a5c", "light": "#fff4e0"})

    assert response.headers["Content-Disposition"] == f'attachment; filename="qr-go.lambert.example-soldes.{kind}"'
    if kind == "svg":
        assert (b"#123a5c" in response.content, b"#fff4e0" in response.content) == (True, True)
    else:
        [found] = zxingcpp.read_barcodes(Picture.open(BytesIO(response.content)))
        assert found.text == "https://go.lambert.example/soldes/q"


def test_colours_that_no_reader_sees_are_explained(owner_client, workspace):
    link, colours = make_poster_link(workspace), {"dark": "#ffffff", "light": "#eeeeee"}

    preview = owner_client.get(address("qr_preview", link), colours)
    download = owner_client.get(address("qr", link, "png"), colours, follow=True)

    assert "The code must be darker" in words(preview)
    assert "The code must be darker" in words(download)


def test_a_logo_is_one_of_the_workspaces_own_pictures(owner_client, workspace, other_workspace):
    link, images = make_poster_link(workspace), get_image_model().objects
    pictures = [
        images.create(title=owner.name, file=get_test_image_file(colour="red"), collection=owner.collection)
        for owner in (workspace, other_workspace)
    ]

    ours, theirs = (owner_client.get(address("qr", link, "svg"), {"logo": picture.pk}) for picture in pictures)

    assert (b"<image" in ours.content, b"<image" in theirs.content) == (True, False)


def test_a_link_without_an_address_for_everybody_has_no_code(owner_client, workspace):
    link = make_link(workspace)

    response = owner_client.get(address("qr", link, "png"))

    assert (response.status_code, response.url) == (302, address("page", link))
