import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.installation import Installation, adopt


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files as production serves them, collected once a run."""
    from django.test import override_settings  # needs settings

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
