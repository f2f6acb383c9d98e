import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest import TestCase

import pytest
from celery.signals import before_task_publish
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from django_scopes import scope
from PIL import AvifImagePlugin, Image, WebPImagePlugin
from pytest_django.plugin import blocking_manager_key

from accounts.models import Workspace
from chappe.demo.load import load_demo
from tests import plain_numbers
from tests.factories import make_member
from tests.installation import Installation, adopt
from tests.template import start_from_template
from tests.workspaces import workspace_again


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="browser tests refresh docs/images")
    parser.addoption("--of-the-database", action="store_true", help="leave out what asks for no database")


# `house` has the redirect on a database of its own, of the run's engine.
DATABASES = {"db", "transactional_db", "live_server", "django_db_setup", "house"}
EMPTIED = pytest.StashKey[bool]()


def empties_the_database(item: pytest.Item) -> bool:
    """A test that commits leaves empty tables behind: also without the root page that migrations make."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in item.fixturenames  # type: ignore[attr-defined]


def pytest_runtest_teardown(item: pytest.Item) -> None:
    if empties_the_database(item):
        item.session.stash[EMPTIED] = True


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """What starts processes and browsers mostly waits, and takes longest: first, so that no worker is left with it."""
    yield
    items.sort(key=lambda item: not starts_processes(item))
    if config.getoption("of_the_database"):
        config.hook.pytest_deselected(items=[item for item in items if not asks_for_a_database(item)])
        items[:] = filter(asks_for_a_database, items)


def asks_for_a_database(item: pytest.Item) -> bool:
    """Whether the engine may make a difference: a `TestCase` (a state machine) has a database of its class."""
    fixtures = DATABASES & set(item.fixturenames)  # type: ignore[attr-defined]
    is_case = issubclass(getattr(item, "cls", None) or object, TestCase)
    return bool(fixtures) or is_case or item.get_closest_marker("django_db") is not None


def starts_processes(item: pytest.Item) -> bool:
    return any(item.iter_markers("flow")) or any(item.iter_markers("browser"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A parallel run hands out whole files: a test that rolls back may come after one that commits."""
    if item.session.stash.get(EMPTIED, False) and not empties_the_database(item):
        item.session.stash[EMPTIED] = False
        with item.config.stash[blocking_manager_key].unblock():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Once each worker's database has its name: a copy of what `tests.run` has migrated, if it has."""
    start_from_template(connection.settings_dict)


@pytest.fixture(autouse=True, scope="session")
def words_of_the_sources() -> Iterator[None]:
    """Tests read English, also in a tree whose catalogues were compiled for a running site."""
    with override_settings(LOCALE_PATHS=[]):
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """What the last test left in the cache, such as Wagtail's paths of sites, was rolled back in the database."""
    cache.clear()


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages name static files without the manifest that `collectstatic` writes."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def simulated_operator(settings, tmp_path):
    """Every test has an operator of its own, with empty books."""
    settings.SIMULATOR_PATH = tmp_path / "simulator.sqlite3"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A password hash that is slow on purpose would be most of the time of a test that signs in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def quick_pictures() -> None:
    """The least effort that AVIF and WebP know: two dozen renditions of a page would be most of a test's time."""
    for name, plugin, effort in (("AVIF", AvifImagePlugin, {"speed": 10}), ("WEBP", WebPImagePlugin, {"method": 0})):
        Image.register_save(name, partial(save_with, effort, plugin._save))


def save_with(effort: dict[str, int], save: Callable[..., None], image: Image.Image, *target: object) -> None:
    image.encoderinfo = effort | image.encoderinfo
    save(image, *target)


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Maison Lambert; no scope is open."""
    return workspace_again("lambert", "Maison Lambert")


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    """Atelier Breton: whoever claims isolation makes rows here as well."""
    return workspace_again("breton", "Atelier Breton")


@pytest.fixture
def in_workspace(workspace: Workspace) -> Iterator[Workspace]:
    """Maison Lambert, with its scope open."""
    with scope(workspace=workspace):
        yield workspace


@pytest.fixture
def no_transaction_may_still_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is one open transaction, beside those of other test runs in the same cluster: sealing would wait for all
    of them. None of them writes into this ledger; `audience/test_settling.py` has the real thing."""
    monkeypatch.setattr("audience.ledger.sealing.oldest_transaction", lambda *, workspace_id: 2**62)


@pytest.fixture
def owner_client(workspace: Workspace) -> Client:
    """A browser in which Maison Lambert's owner is signed in."""
    client = Client()
    client.force_login(make_member(workspace))
    return client


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files and French words as production serves them, made ready once a run."""
    call_command("compile_catalogues")
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def installation(
    transactional_db: None, tmp_path: Path, settings: object, collected_static: Path
) -> Iterator[Installation]:
    """All processes of the product, running on this test's database."""
    (tmp_path / "static").symlink_to(collected_static)
    running = Installation(home=tmp_path, redis_url=os.environ.get("REDIS_URL", ""))
    adopt(running, settings)
    running.start()
    yield running
    running.stop()
    assert_no_number_lies_open(tmp_path)


def assert_no_number_lies_open(home: Path) -> None:
    """Logs, journal, queue, media, simulator and database, after all processes have written what they write."""
    found = plain_numbers.in_folder(home) + plain_numbers.in_database()
    assert found == [], f"{len(found)} phone numbers in clear"


@pytest.fixture(autouse=True)
def no_number_in_a_task() -> Iterator[None]:
    """What tasks carry lies in the broker, where anyone with a shell may read it."""
    found: list[bytes] = []

    def look(body: object, **_: object) -> None:
        found.extend(plain_numbers.in_bytes(repr(body).encode()))

    before_task_publish.connect(look)
    yield
    before_task_publish.disconnect(look)
    assert found == []


@pytest.fixture
def demo(installation: Installation) -> Iterator[Workspace]:
    """The demo's shop in Nantes, with its scope open."""
    workspace = load_demo(short_host=installation.short_host, now=timezone.now())
    with scope(workspace=workspace):
        yield workspace
