import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import Workspace
from tests.browser.watch import Watch
from tests.check import ROOT
from tests.installation import Installation

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

DESK, HAND = {"width": 1360, "height": 850}, {"width": 390, "height": 844}
SLOW_MACHINE_MS = 30_000

Picture = Callable[..., None]


def fits(page: Page) -> None:
    """Nothing hangs over the edge."""
    assert page.viewport_size is not None
    assert page.evaluate("document.scrollingElement.scrollWidth") <= page.viewport_size["width"]


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's browser. Where there is none, CI fails and everybody else skips."""
    program = shutil.which("chromium")
    if program is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("No Chromium. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, in which Django would refuse to read the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with launched() as browser:
        yield browser
        # Under the loop, Django opened another connection: left open, it would hold the test database.
        connections.close_all()


@pytest.fixture
def catalogue() -> Iterator[None]:
    """Who writes the demo's page here speaks French, as the browser does."""
    with override_settings(LOCALE_PATHS=[ROOT / "locale"]):
        yield


@pytest.fixture
def demo(catalogue: None, demo: Workspace) -> Workspace:
    return demo


@pytest.fixture
def watch(installation: Installation) -> Iterator[Watch]:
    """Looks over the shoulder of every window it is shown; what it saw must be nothing."""
    watch = Watch(allowed=(installation.site, f"http://{installation.short_host}"))
    yield watch
    assert watch.troubles == []


@pytest.fixture
def desk(chromium: Browser, watch: Watch, installation: Installation) -> Page:
    """A window on a desk, where somebody signs in."""
    context = watch.follow(chromium.new_context(base_url=installation.site, viewport=DESK, locale="fr-FR"))
    context.set_default_timeout(SLOW_MACHINE_MS)
    page = context.new_page()
    page.goto("/admin/")
    page.fill("[name=username]", settings.DEMO_EMAIL)
    page.fill("[name=password]", settings.DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    return page


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Picture:
    """Keeps what a window shows in docs/images, when the run was asked to (`--pictures`)."""
    wanted = request.config.getoption("--pictures")

    def take(page: Page, name: str, *, has_photo: bool = False) -> None:
        if wanted:
            IMAGES.mkdir(exist_ok=True)
            shot = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
            few = shot.quantize(256)
            # Dithered, a photo keeps its gradients; a flat ground would lose its white.
            (shot.quantize(palette=few) if has_photo else few).save(IMAGES / f"{name}.png", optimize=True)

    return take
