import pytest
from django.test import Client
from wagtail.models import Page
from wagtail.rich_text import RichText

from accounts.middleware import SESSION_KEY
from accounts.models import Role
from landing.models import LandingPage
from tests.factories import make_member
from tests.tenants import Document, Image, make_tenant


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lambert(db):
    return make_tenant("lambert")


@pytest.fixture
def breton(db):
    return make_tenant("breton")


@pytest.fixture
def client(lambert) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_member(lambert.workspace, Role.OWNER, "anna@lambert.example"))
    return client


def test_page_chooser_starts_at_the_own_root(client, lambert, breton):
    answer = client.get("/admin/choose-page/").json()

    assert answer["parent_page_id"] == lambert.workspace.root_page_id
    assert "lambert page" in answer["html"]


def test_page_chooser_finds_own_pages_only(client, lambert, breton):
    page = client.get("/admin/choose-page/search/", {"q": "page"}).content.decode()

    assert "lambert page" in page
    assert "breton" not in page


@pytest.mark.parametrize("act", ["delete", "unpublish", "move", "copy", "edit"])
def test_root_page_of_a_workspace_is_not_touched(client, lambert, act):
    root_page = lambert.workspace.root_page

    assert client.post(f"/admin/pages/{root_page.pk}/{act}/", {"title": "x"}).status_code == 404
    assert client.get(f"/admin/pages/{root_page.pk}/").status_code == 200


def test_root_page_is_left_out_of_bulk_actions(client, lambert):
    root_page = lambert.workspace.root_page

    response = client.get("/admin/bulk/wagtailcore/page/delete/", {"id": root_page.pk, "next": "/admin/"})

    assert response.status_code == 404


def test_all_means_all_of_the_list_one_came_from(client, lambert, breton):
    client.post(f"/admin/bulk/wagtailcore/page/delete/?id=all&childOf={lambert.workspace.root_page_id}")

    assert not Page.objects.filter(title="lambert page").exists()
    assert Page.objects.filter(title="breton page").exists()


@pytest.mark.parametrize(("kind", "title"), [("images", "lambert image"), ("documents", "lambert document")])
def test_admin_api_lists_own_files_only(client, lambert, breton, kind, title):
    answer = client.get(f"/admin/api/main/{kind}/").json()

    assert [item["title"] for item in answer["items"]] == [title]


def status(client, address) -> int:
    response = client.get(address)
    b"".join(response.streaming_content if response.streaming else [])  # read to the end, the file is closed
    return response.status_code


def test_document_is_for_its_workspace(client, lambert, breton):
    own, foreign = lambert[Document], breton[Document]

    assert status(client, own.url) == 200
    assert status(client, foreign.url) == 404
    assert status(Client(), own.url) == 404


def test_document_on_a_published_page_is_for_everybody(lambert, django_capture_on_commit_callbacks):
    page, document = lambert[LandingPage], lambert[Document]
    page.body = [("text", {"body": RichText(f'<p><a linktype="document" id="{document.pk}">Menu</a></p>')})]
    with django_capture_on_commit_callbacks(execute=True):
        page.save()

    assert status(Client(), document.url) == 200

    page.unpublish()

    assert status(Client(), document.url) == 404


def test_images_take_no_tags(client, lambert):
    image = lambert[Image]

    client.post(f"/admin/images/{image.pk}/", {"title": "New", "tags": "secret-plan", "focal_point_x": ""})

    image.refresh_from_db()
    assert list(image.tags.names()) == []


def test_media_files_lie_under_names_nobody_guesses(lambert, breton):
    folder, token, name = lambert[Image].file.name.split("/")

    assert (folder, name) == ("original_images", "lambert.png")
    assert len(token) == 16
    assert token != breton[Image].file.name.split("/")[1]


def test_reports_of_the_whole_installation_are_not_in_the_menu(client, lambert):
    assert "/admin/reports/site-history/" not in client.get("/admin/").content.decode()


def test_operator_keeps_the_screens_of_the_house(admin_client, lambert):
    session = admin_client.session
    session[SESSION_KEY] = lambert.workspace.pk
    session.save()

    for path in ("users/", "groups/", "sites/", "collections/", "reports/site-history/"):
        assert admin_client.get(f"/admin/{path}").status_code == 200, path
