from datetime import timedelta

import pytest
from django_scopes import scope
from wagtail.models import Page, Site

from landing.models import Conversion, LandingPage, Theme
from landing.queries import public_url, workspace_of
from landing.services import record_conversion, save_theme
from shortlinks.models import ShortLink
from tests.factories import TUESDAY, make_contact, make_link, make_workspace

HOST = "http://testserver"


def make_page(workspace, slug="winter"):
    page = LandingPage(title="Winter", slug=slug, hero=[("hero", {"title": "Winter"})])
    workspace.root_page.add_child(instance=page)
    return page


def targets(workspace):
    with scope(workspace=workspace):
        return list(ShortLink.objects.order_by("pk").values_list("target_url", flat=True))


@pytest.fixture
def page(workspace):
    return make_page(workspace)


def test_a_conversion_is_counted_once_however_often_it_is_told(in_workspace, page):
    contact = make_contact(in_workspace)
    details = {"page": page, "contact": contact, "value": 23400, "currency": "EUR"}

    first = record_conversion(workspace=in_workspace, goal="order", dedup_key="order-1", now=TUESDAY, **details)
    again = record_conversion(
        workspace=in_workspace, goal="order", dedup_key="order-1", now=TUESDAY + timedelta(hours=1), **details
    )

    assert again == first
    assert list(Conversion.objects.values("goal", "page", "contact", "value", "currency", "occurred_at")) == [
        {
            "goal": "order",
            "page": page.pk,
            "contact": contact.pk,
            "value": 23400,
            "currency": "EUR",
            "occurred_at": TUESDAY,
        }
    ]


def test_a_page_is_opened_on_the_installations_host_unless_the_workspace_has_one(page):
    own = make_workspace("shop", host="shop.example")

    assert public_url(page) == f"{HOST}/lambert/winter/"
    assert public_url(make_page(own)) == "http://shop.example/winter/"


def test_a_page_belongs_to_the_workspace_of_its_root(page, workspace):
    assert workspace_of(page) == workspace
    assert workspace_of(Page.objects.get(depth=2)) is None


def test_links_follow_a_page_to_its_new_address(workspace, other_workspace, page, django_capture_on_commit_callbacks):
    make_link(workspace, f"{HOST}/lambert/winter/")
    make_link(workspace, f"{HOST}/lambert/winter/?from=sms")
    make_link(workspace, f"{HOST}/lambert/winter-coats/")
    make_link(other_workspace, f"{HOST}/lambert/winter/")

    page.slug = "spring"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()

    assert targets(workspace) == [
        f"{HOST}/lambert/spring/",
        f"{HOST}/lambert/spring/?from=sms",
        f"{HOST}/lambert/winter-coats/",
    ]
    assert targets(other_workspace) == [f"{HOST}/lambert/winter/"]


def test_a_rewritten_link_tells_the_redirect(workspace, page, django_capture_on_commit_callbacks):
    link = make_link(workspace, f"{HOST}/lambert/winter/")

    page.slug = "spring"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()

    with scope(workspace=workspace):
        assert ShortLink.objects.get(pk=link.pk).version > link.version


def test_links_follow_a_page_that_moves(workspace, page):
    make_link(workspace, f"{HOST}/lambert/winter/")
    folder = workspace.root_page.add_child(instance=Page(title="Archive", slug="archive"))

    page.move(folder, pos="last-child")

    assert targets(workspace) == [f"{HOST}/lambert/archive/winter/"]


def test_links_follow_all_pages_when_the_root_changes_address(workspace, page, django_capture_on_commit_callbacks):
    make_link(workspace, f"{HOST}/lambert/winter/")

    workspace.root_page.slug = "maison"
    with django_capture_on_commit_callbacks(execute=True):
        workspace.root_page.save()

    assert targets(workspace) == [f"{HOST}/maison/winter/"]


def test_links_lead_home_while_a_page_is_offline(workspace, page, client):
    make_link(workspace, f"{HOST}/lambert/winter/?from=sms")

    page.unpublish()

    (target,) = targets(workspace)
    assert target.partition("#")[0] == f"{HOST}/lambert/"
    assert client.get(target).status_code == 200


def test_links_come_back_with_their_page_even_under_a_new_address(workspace, page, django_capture_on_commit_callbacks):
    make_link(workspace, f"{HOST}/lambert/winter/?from=sms")

    page.unpublish()
    page.slug = "spring"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()

    assert targets(workspace) == [f"{HOST}/lambert/spring/?from=sms"]


def test_links_of_a_deleted_page_lead_home(workspace, page):
    make_link(workspace, f"{HOST}/lambert/winter/")

    page.delete()

    assert targets(workspace)[0].startswith(f"{HOST}/lambert/#page-")


def test_a_workspace_has_one_look(in_workspace):
    save_theme(workspace=in_workspace, brand="#c22a1b")
    save_theme(workspace=in_workspace, voice="wide")

    assert list(Theme.objects.values_list("brand", "voice")) == [("#c22a1b", "wide")]


def test_pages_of_a_workspace_without_a_look_have_the_first_one(in_workspace):
    assert Theme.of(in_workspace).choices == Theme().choices


def test_the_default_site_is_known_by_the_installations_address(page):
    Site.objects.filter(is_default_site=True).update(hostname="elsewhere.example")

    assert public_url(page) == f"{HOST}/lambert/winter/"
