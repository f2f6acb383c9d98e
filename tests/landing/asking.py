"""A page with a form, and people who send it."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django_scopes import scope

from accounts.models import Workspace
from landing.models import FormAnswer, LandingPage

BLOCK = "5a7f4c1e-0000-4000-8000-000000000001"
WORDING = "Je veux recevoir les offres de Lambert par SMS."
PHONE = "06 39 98 00 01"
HIDDEN = re.compile(r'name="t" value="([^"]+)"')


def form_data(**fields: object) -> dict[str, Any]:
    return {
        "kind": "contact",
        "heading": "Be called back",
        "details": ["first_name", "phone"],
        "questions": [],
        "boxes": [{"wording": WORDING, "purpose": "marketing"}],
        "button": "Send",
        "thanks": "Thank you, we call you.",
    } | fields


def question(label: str, shape: str = "short", *, options: str = "", is_required: bool = False) -> dict[str, Any]:
    value = {"label": label, "shape": shape, "options": options, "is_required": is_required}
    return {"type": "item", "value": value, "id": f"{abs(hash(label)):08x}"[:8] + BLOCK[8:]}


def make_form_page(workspace: Workspace, title: str = "Appointment", **fields: object) -> LandingPage:
    page = LandingPage(
        title=title,
        slug=title.lower(),
        hero=json.dumps([{"type": "hero", "value": {"title": title}}]),
        body=json.dumps([{"type": "form", "value": form_data(**fields), "id": BLOCK}]),
    )
    workspace.root_page.add_child(instance=page)
    page.save_revision().publish()
    return page


class Browser:
    """Reads the page as it is, and sends its form: without cookies, as the browsers of phones do."""

    def __init__(self, page: LandingPage, *, network: str = "127.0.0.1", **headers: str) -> None:
        self.page, self.headers = page, {"user-agent": "Mozilla/5.0 (iPhone) Safari"} | headers
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=network)

    @property
    def address(self) -> str:
        return f"/form/{self.page.pk}/{BLOCK}/"

    def token(self) -> str:
        found = HIDDEN.search(self.client.get(self.page.url).content.decode())
        return unescape(found[1]) if found else ""

    def send(self, **fields: Any) -> Any:
        fields.setdefault("t", self.token())
        return self.post(fields)

    def post(self, fields: dict[str, Any]) -> Any:
        body = urlencode(fields, doseq=True)
        return self.client.post(
            self.address, body, content_type="application/x-www-form-urlencoded", headers=self.headers
        )


def answers_of(workspace: Workspace) -> list[FormAnswer]:
    with scope(workspace=workspace):
        return list(FormAnswer.objects.select_related("contact").order_by("pk"))
