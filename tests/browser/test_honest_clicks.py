"""The same code, opened by a messenger's preview and then by a person in a real browser: one human click."""

import pytest
from playwright.sync_api import Browser, Error

from tests.browser.conftest import HAND
from tests.flows.desk import PREVIEWER
from tests.shortlinks.conftest import Live, live  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("db")]
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
def db(live: Live) -> None:  # noqa: F811
    """No transaction around these tests: other processes must see the rows."""


def test_a_preview_and_then_a_person_are_one_human_click(live: Live, chromium: Browser):  # noqa: F811
    link, [code] = live.new_link()
    major = chromium.version.partition(".")[0]
    phone = chromium.new_context(viewport=HAND, is_mobile=True, locale="fr-FR", user_agent=ANDROID.format(major))
    page = phone.new_page()

    live.get(code, method="HEAD", **PREVIEWER)
    live.get(code, **PREVIEWER)
    # It was led on to a shop that does not exist.
    with pytest.raises(Error, match="ERR_"):
        page.goto(f"http://{live.installation.short_host}/{code}")

    assert [(method, verdict) for _, method, verdict, _ in live.wait_for_clicks(3, link)] == [
        ("HEAD", "bot"),
        ("GET", "bot"),
        ("GET", "human"),
    ]
