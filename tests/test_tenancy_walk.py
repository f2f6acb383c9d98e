"""Knocks at every admin address with the ids of another workspace, and reads every answer for its secrets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from wagtail.admin.models import EditingSession
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import Collection, Page, Revision, Site, UploadedFile

from accounts.middleware import SESSION_KEY
from accounts.models import Role, User
from accounts.services import add_member
from landing.models import LandingPage
from tests.factories import make_member
from tests.tenancy_cases import CASES
from tests.tenants import TENANT_MODELS, Document, Image, Tenant, make_tenant, snapshot, strays

# Stands in every text of the other workspace. A search for its beginning finds them, and does not echo it.
SECRET, SEARCH = "zebu", "zeb"
REFUSED = {302, 400, 403, 404, 405}
# Open to everybody, or about oneself only.
OPEN = {
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_login",
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_complete",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_sprite",
}
# Answers `{}` whatever the id, and deletes only one's own session; a file that is the same for all.
HARMLESS = OPEN | {"wagtailadmin_editing_sessions:release", "integrations_shops:package"}
# Ends the session; the failing screen fails on purpose; who belongs to both may switch.
NOT_WALKED = {"wagtailadmin_logout", "wagtailadmin_error_test"}
NOT_WALKED_BY_BOTH = NOT_WALKED | {"accounts:switch"}


@dataclass(frozen=True)
class Door:
    """An admin address, filled with the ids of the other workspace."""

    name: str
    address: str
    has_foreign_id: bool


def admin_names(resolver: Any = None, space: str = "", route: str = "") -> Iterator[tuple[str, URLPattern]]:
    """The qualified name and pattern of everything under `/admin/`."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = route + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from admin_names(entry, f"{space}{entry.namespace}:" if entry.namespace else space, path)
        elif path.startswith("admin/") and entry.name:
            yield space + entry.name, entry


def is_ours(name: str) -> bool:
    return not name.startswith("wagtail")


# What Wagtail's arguments mean ---------------------------------------------------------------------


def wagtail_ids(foreign: Tenant, name: str) -> dict[str, Any]:
    """Ids of the other workspace by the name of the argument."""
    page, image, document = foreign[Page].pk, foreign[Image].pk, foreign[Document].pk
    revision = foreign[Revision].pk
    by_argument = dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "page_pk", "destination_id"), page)
    by_argument |= {"image_id": image, "document_id": document, "doc_id": document, "object_id": page}
    by_argument |= {"revision_id": revision, "revision_id_a": revision, "revision_id_b": "latest"}
    by_argument |= {"uploaded_file_id": foreign[UploadedFile].pk, "collection_id": foreign[Collection].pk}
    by_argument |= {"session_id": foreign[EditingSession].pk, "pk": meaning_of_pk(foreign, name)}
    by_argument |= dict.fromkeys(("task_id", "task_state_id", "workflow_pk", "workflow_state_id"), 1)
    return by_argument


def meaning_of_pk(foreign: Tenant, name: str) -> int:
    for space, model in {
        "wagtailadmin_api:images": Image,
        "wagtailadmin_api:documents": Document,
        "wagtailadmin_collections": Collection,
        "wagtaildocs": Document,
        "wagtailimages": Image,
        "wagtailsites": Site,
        "wagtailusers_groups": Group,
        "wagtailusers_users": User,
    }.items():
        if name.startswith(space):
            return foreign[model].pk
    return foreign[Page].pk


WORDS = {
    "action": "delete",
    "action_name": "delete",
    "app_label": "landing",
    "app_name": "landing",
    "content_type_app_name": "landing",
    "content_type_model_name": "landingpage",
    "filter_spec": "max-165x165",
    "model_name": "landingpage",
    "token": "x-y",
    "uidb64": "MQ",
}


def doors(foreign: Tenant) -> list[Door]:
    found = [door for name, pattern in admin_names() for door in doors_of(foreign, name, pattern)]
    return list(dict.fromkeys(found))


def doors_of(foreign: Tenant, name: str, pattern: URLPattern) -> Iterator[Door]:
    if is_ours(name) and name in CASES:
        arguments = CASES[name](foreign)
        yield Door(name, reverse(name, kwargs=arguments), bool(arguments))
    elif name == "wagtail_bulk_action":
        yield from bulk_doors(foreign)
    elif not is_ours(name):
        ids, wanted = wagtail_ids(foreign, name), set(pattern.pattern.regex.groupindex)
        arguments = {argument: ids.get(argument) or WORDS[argument] for argument in wanted}
        yield Door(name, reverse(name, kwargs=arguments), bool(wanted & set(ids)))


def bulk_doors(foreign: Tenant) -> Iterator[Door]:
    """Every bulk action, with the foreign row by its id and by "all"."""
    bulk_action_registry.get_bulk_actions_for_model("wagtailcore", "page")  # scans
    by_label = {model._meta.label_lower: row for model, row in foreign.rows.items()}
    for app_label, bulk_models in bulk_action_registry.actions.items():
        for model_name, actions in bulk_models.items():
            row = by_label[f"{app_label}.{model_name}"]
            for action in actions:
                address = reverse("wagtail_bulk_action", args=[app_label, model_name, action])
                yield Door("wagtail_bulk_action", f"{address}?id={row.pk}", True)
                yield Door("wagtail_bulk_action", f"{address}?id=all&childOf={foreign[Page].get_parent().pk}", False)


# Knocking ------------------------------------------------------------------------------------------


def hostile_body(foreign: Tenant) -> dict[str, Any]:
    """A form that fits nearly every screen: harmless words, and the other workspace's row for every relation."""
    body: dict[str, Any] = {"new_title": "Copy", "new_slug": "copy", "action-publish": "x", "confirm": "on"}
    for model in TENANT_MODELS:
        for one in model._meta.concrete_fields:
            body[one.name] = body_value(foreign, one)
    page, collection = foreign[Page].pk, foreign[Collection].pk
    # Blocks of a page come with their number, or Wagtail can't read the form.
    body |= {"external-link-chooser-url": "https://own.example/", "body-count": "0"}
    body |= {"new_parent_page": page, "chosen_page": page, "chooser": page, "parent_page": page, "page": page}
    return body | {"collection": collection, "id": [row.pk for row in foreign.rows.values()], "title": "Taken"}


def body_value(foreign: Tenant, one: models.Field) -> Any:
    if isinstance(one, models.ForeignKey):
        row = foreign.row_for(one)
        return row.pk if row else ""
    if one.choices:
        return one.choices[0][0]
    return "https://own.example/" if isinstance(one, models.URLField) else "1"


def hostile_query(foreign: Tenant, name: str) -> dict[str, Any]:
    """Search, export, lists of ids: what a list can be asked for."""
    ids = [foreign[model].pk for model in (Page, Image, Document)]
    is_search = name.startswith("wagtailadmin_api") or name == "wagtail_bulk_action"
    return {} if is_search else {"q": SEARCH, "term": SEARCH, "id": ids, "export": "csv", "parent_page_id": ids[0]}


class Walker:
    def __init__(self, client: Client, foreign: Tenant, *, posts: bool = True) -> None:
        self.client, self.foreign, self.posts = client, foreign, posts
        self.body = hostile_body(foreign)
        self.found: list[str] = []

    def walk(self, not_walked: set[str]) -> list[str]:
        for door in doors(self.foreign):
            if door.name not in not_walked:
                self.knock(door)
        return self.found

    def look(self, door: Door) -> int:
        response = self.client.get(door.address)
        self.judge(door, "GET", response)
        return response.status_code

    def knock(self, door: Door) -> None:
        self.look(door)
        query = hostile_query(self.foreign, door.name)
        if query and not door.has_foreign_id:
            self.judge(door, "GET with query", self.client.get(door.address, query))
        if self.posts:
            self.judge(door, "POST", self.client.post(door.address, self.body))

    def judge(self, door: Door, act: str, response: Any) -> None:
        content = b"".join(response.streaming_content) if response.streaming else response.content
        told = content.decode(errors="replace") + str(response.headers) + str(list(response.wsgi_request._messages))
        may_be_seen = not door.has_foreign_id or door.name in HARMLESS
        problems = [
            (SECRET in told, f"shows {', '.join(sorted(set(re.findall(f'.{{0,12}}{SECRET}.{{0,12}}', told)))[:3])}"),
            (response.status_code not in REFUSED | {200, 201}, f"answers {response.status_code}"),
            (response.status_code == 200 and not may_be_seen, "opens for a foreign id"),
        ]
        self.found += [f"{act} {door.name} {door.address} {text}" for is_wrong, text in problems if is_wrong]


@pytest.fixture
def foreign(db: None, settings: Any, tmp_path: Any) -> Tenant:
    settings.MEDIA_ROOT = tmp_path
    return make_tenant(SECRET)


@pytest.fixture
def home(foreign: Tenant) -> Tenant:
    return make_tenant("home")


def sign_in(user: User, tenant: Tenant) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(user)
    session = client.session
    session[SESSION_KEY] = tenant.workspace.pk
    session.save()
    return client


def test_every_admin_address_of_ours_has_a_case():
    names = {name for name, _ in admin_names() if is_ours(name)}

    missing, stale = sorted(names - CASES.keys()), sorted(CASES.keys() - names)
    assert not missing, f"Add a line to tests/tenancy_cases.py for each of {missing}: which foreign row its ids mean."
    assert not stale, f"These addresses are gone, remove their lines from tests/tenancy_cases.py: {stale}."


def test_stranger_is_sent_to_the_sign_in_page(foreign):
    client = Client(raise_request_exception=False)

    found = Walker(client, foreign).walk(NOT_WALKED)
    opened = {door.name for door in doors(foreign) if client.get(door.address).status_code == 200}

    assert found == []
    assert opened == OPEN


@pytest.mark.parametrize("role", [Role.OWNER, Role.ANALYST])
def test_member_of_another_workspace_meets_nothing_of_this_one(foreign, home, role):
    before = snapshot(foreign)
    member = make_member(home.workspace, role, "member@home.example")

    # What an analyst may post, an owner may post too.
    found = Walker(sign_in(member, home), foreign, posts=role == Role.OWNER).walk(NOT_WALKED)

    assert found == []
    assert snapshot(foreign) == before
    assert strays() == []


def test_member_of_both_meets_only_the_workspace_they_stand_in(foreign, home):
    member = make_member(home.workspace, Role.OWNER, "both@home.example")
    add_member(workspace=foreign.workspace, user=member, role=Role.OWNER)
    # They edited pages of both.
    foreign[LandingPage].save_revision(user=member, log_action=True)
    before = snapshot(foreign)

    found = Walker(sign_in(member, home), foreign).walk(NOT_WALKED_BY_BOTH)

    assert found == []
    assert snapshot(foreign) == before
    assert strays() == []


def test_ids_are_right_and_the_walk_would_see_a_leak(foreign):
    """The owner standing in the workspace itself: every door of ours opens, and most screens show its rows."""
    client = sign_in(make_member(foreign.workspace, Role.OWNER, "inside@home.example"), foreign)
    walker = Walker(client, foreign)

    telling = {"wagtailadmin_explore", "wagtailimages:edit", "audience_contacts:index", "accounts:team"}
    walked = [door for door in doors(foreign) if is_ours(door.name) or door.name in telling]

    answers = {door.name: walker.look(door) for door in walked}

    shown = {line.split()[1] for line in walker.found if "shows" in line}
    assert {name: status for name, status in answers.items() if status not in {200, 302, 405}} == {}
    assert telling <= shown


def test_an_analyst_changes_nothing_of_their_own_workspace(home):
    client = sign_in(make_member(home.workspace, Role.ANALYST, "analyst@home.example"), home)
    before, body = snapshot(home), hostile_body(home)

    answers = {door: client.post(door.address, body).status_code for door in doors(home) if door.name not in NOT_WALKED}

    assert {door: status for door, status in answers.items() if status >= 500} == {}
    assert snapshot(home) == before


def test_looking_changes_nothing_even_for_an_owner(home):
    client = sign_in(make_member(home.workspace, Role.OWNER, "owner@home.example"), home)
    before = snapshot(home)

    answers = {door: client.get(door.address).status_code for door in doors(home) if door.name not in NOT_WALKED}

    assert {door: status for door, status in answers.items() if status >= 500} == {}
    assert snapshot(home) == before
