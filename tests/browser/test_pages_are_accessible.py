"""axe-core finds nothing to complain about on the finished pages: in a hand by day, on a desk by night.

What it can't see is looked at beside it; docs/accessibility.md says what a person has to look at.
"""

from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from django_scopes import scope
from playwright.sync_api import Browser, Page, Route

from landing.models import LandingPage
from landing.services import create_page, save_theme
from landing.trades import TRADES
from tests.browser.conftest import DESK, HAND, SLOW_MACHINE_MS, fits, launched

AXE = Path(__file__).resolve().parents[1] / "vendor/axe-core/axe.min.js"
# A desk's screen at 400 %, with the letters of somebody who reads them best far apart (WCAG 1.4.10, 1.4.12).
ENLARGED = {"width": 320, "height": 256}
FAR_APART = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
# Every control in turn: its mark, whether the bar covers it, its size outside of sentences (2.4.7, 2.4.11, 2.5.8).
CONTROLS = """
() => [...document.querySelectorAll('a[href], button, summary, .in, [type=checkbox], [type=radio], [tabindex="0"]')]
  .filter((each) => each.checkVisibility())
  .flatMap((each) => {
    each.focus({ focusVisible: true });
    const box = each.getBoundingClientRect(), bar = document.querySelector('.dock').getBoundingClientRect();
    const isCovered = !each.closest('.dock') && box.top >= bar.top && box.bottom <= bar.bottom;
    const wrong = [];
    if (parseFloat(getComputedStyle(each).outlineWidth) < 2) wrong.push('no mark');
    if (isCovered || box.bottom <= 0 || box.top >= innerHeight) wrong.push('hidden');
    if (Math.min(box.width, box.height) < 24 && !each.closest('p, .card, figure')) wrong.push('small');
    return wrong.map((word) => `${word}: ${each.outerHTML.slice(0, 120)}`);
  })
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def page_of(workspace, trade: str) -> LandingPage:
    with scope(workspace=workspace):
        save_theme(workspace=workspace, **asdict(TRADES[trade].look))
    page = create_page(workspace=workspace, trade=trade, now=timezone.now())
    page.save_revision().publish()
    return LandingPage.objects.get(pk=page.pk)


def opened(browser: Browser, html: str) -> Page:
    """The page and its files without a server."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=str(finders.find(path.removeprefix("/static/"))))
        elif path.startswith("/media/"):
            route.fulfill(path=Path(settings.MEDIA_ROOT) / path.removeprefix("/media/"))
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    context = browser.new_context(viewport=HAND, color_scheme="light", bypass_csp=True, reduced_motion="reduce")
    context.set_default_timeout(SLOW_MACHINE_MS)
    context.route("**/*", answer)
    page = context.new_page()
    page.goto("https://page.example/")
    page.add_script_tag(content=AXE.read_text())
    return page


def violations(page: Page) -> list[str]:
    found = page.evaluate("tags => axe.run({runOnly: tags})", RULES)["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


def test_everybody_can_use_the_finished_pages(workspace, picture):
    # The browser brings an event loop, under which the database is another one: it comes last.
    written = {trade: Client().get(page_of(workspace, trade).url).content.decode() for trade in TRADES}

    with launched() as browser:
        for trade, html in written.items():
            page = opened(browser, html)
            picture(page, f"landing-{trade}")
            fits(page)
            assert (trade, violations(page)) == (trade, [])

            assert (trade, page.evaluate(CONTROLS)) == (trade, [])

            page.set_viewport_size(DESK)
            page.emulate_media(color_scheme="dark")
            assert (trade, violations(page)) == (trade, [])

            page.set_viewport_size(ENLARGED)
            page.add_style_tag(content=FAR_APART)
            fits(page)
            assert (trade, page.evaluate(CONTROLS)) == (trade, [])
            page.context.close()
