from collections.abc import Iterator

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Workspace
from tests.factories import make_member, make_workspace


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


@pytest.fixture
def workspace(db: None) -> Workspace:
    """Maison Lambert; no scope is open."""
    return make_workspace("lambert", name="Maison Lambert")


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    """Atelier Breton: whoever claims isolation makes rows here as well."""
    return make_workspace("breton", name="Atelier Breton")


@pytest.fixture
def in_workspace(workspace: Workspace) -> Iterator[Workspace]:
    """Maison Lambert, with its scope open."""
    with scope(workspace=workspace):
        yield workspace


@pytest.fixture
def owner_client(workspace: Workspace) -> Client:
    """A browser in which Maison Lambert's owner is signed in."""
    client = Client()
    client.force_login(make_member(workspace))
    return client
