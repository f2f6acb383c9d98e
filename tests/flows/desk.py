"""Somebody at a desk, over HTTP: opens pages and fills in the forms that are really on them."""

from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from bs4 import BeautifulSoup, Tag
from django.conf import settings

from tests.installation import Installation

# What a phone sends when a finger taps a link, and what a preview sends.
IPHONE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1",
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "accept-language": "fr-FR,fr;q=0.9",
    "sec-fetch-site": "none",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "accept-encoding": "gzip, deflate, br",
}
PREVIEWER = {"user-agent": "WhatsApp/2.23.20.0", "accept": "*/*"}


def look(address: str, headers: dict[str, str], method: str = "GET") -> httpx.Response:
    """One request without cookies; redirects are not followed."""
    # The first visitor of a page waits for its pictures to be scaled.
    return httpx.request(method, address, headers=headers, timeout=60)


def soup(response: httpx.Response) -> BeautifulSoup:
    assert response.status_code == 200, f"{response.request.method} {response.url} answered {response.status_code}"
    return BeautifulSoup(response.text, "html.parser")


def words(tag: Tag | None) -> str:
    """The text of an element, with single spaces."""
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def filled(form: Tag) -> dict[str, str]:
    """What a browser would post as it stands, without the buttons."""
    fields = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            fields[str(field["name"])] = str(chosen["value"]) if chosen else ""
        elif field.name == "textarea":
            fields[str(field["name"])] = field.get_text().removeprefix("\n")
        elif field.get("type") not in {"submit", "button", "file"}:
            fields[str(field["name"])] = str(field.get("value", ""))
    return fields


class Desk:
    """A signed-in browser without scripts."""

    def __init__(self, installation: Installation) -> None:
        self.client = httpx.Client(base_url=installation.site, follow_redirects=True, timeout=60)
        self.page = soup(self.client.get("/admin/"))
        self.submit("form", username=settings.DEMO_EMAIL, password=settings.DEMO_PASSWORD)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.close()

    def open(self, path: str) -> BeautifulSoup:
        self._show(self.client.get(path))
        return self.page

    def submit(self, selector: str, *, files: dict[str, tuple[str, bytes]] | None = None, **typed: str) -> str:
        """Type into a form of the present page and press one of its buttons (`button=""`); where that led."""
        form = self.page.select_one(selector)
        assert form is not None, f"{selector} is not on this page"
        action = str(form.get("action") or self.address)
        return self._show(self.client.post(action, data={**filled(form), **typed}, files=files))

    def send_campaign(self, **typed: str) -> list[str]:
        """Write a campaign in the composer, save it, let it go, confirm; the paths that led through."""
        self.open("/admin/campaigns/new/")
        typed |= {"audience": self.choose("audience", typed["audience"]), "page": self.find_page(typed["page"])}
        steps = [
            self.submit("#w-editor-form", **typed, **{"action-save": "1"}),
            self.submit("#w-editor-form", **{"action-send": "1"}),
            self.submit(".ch-card form"),
        ]
        return [urlsplit(address).path for address in steps]

    def choose(self, field: str, words_of_option: str) -> str:
        """The value of an option on the present page, by its words."""
        options = self.page.select(f'select[name="{field}"] option')
        return next(str(option["value"]) for option in options if words_of_option in option.get_text())

    def find_page(self, title: str) -> str:
        """The key of a landing page, as the chooser that opens over the composer finds it."""
        query = {"page_type": "landing.landingpage", "q": title}
        found = soup(self.client.get("/admin/choose-page/search/", params=query)).select("a[data-id]")
        return next(str(link["data-id"]) for link in found if title in link.get_text())

    def _show(self, response: httpx.Response) -> str:
        self.page, self.address = soup(response), str(response.url)
        return self.address
