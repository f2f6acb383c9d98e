"""A redirect and its drainer as real processes, on rows that are committed, so that they see them."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from shortlinks.models import Click, Heartbeat, JournalSegment, ShortDomain, ShortLink
from shortlinks.queries import codes_at
from shortlinks.services import create_domain, create_tracked_link, publish_link, reserve_range
from tests.factories import make_workspace
from tests.installation import Installation, wait_until
from tests.shortlinks.house import house

__all__ = ["house"]

HOST = "go.live.example"
IPHONE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1",
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "accept-language": "fr-FR,fr;q=0.9",
    "sec-fetch-site": "none",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "accept-encoding": "gzip, deflate, br",
}


@dataclass
class Live:
    """A workspace with a link of a hundred recipients, and the processes that serve it."""

    installation: Installation
    workspace: Workspace
    domain: ShortDomain
    link: ShortLink
    codes: list[str]
    client: httpx.Client

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        url = f"http://{self.installation.short_host}/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, url, headers={"host": HOST, **IPHONE, **named})

    @property
    def health(self) -> dict:
        return self.get("_health").json()

    @property
    def journal(self) -> Path:
        return self.installation.home / "journal"

    @property
    def drainer(self) -> int:
        """The process id of the redirect's drainer, once it has one."""
        parent = self.installation.processes["redirect"].pid
        children = Path(f"/proc/{parent}/task/{parent}/children")

        def find() -> int:
            pids = children.read_text().split()
            return next((int(pid) for pid in pids if b"drain" in Path(f"/proc/{pid}/cmdline").read_bytes()), 0)

        return wait_until(find, "a drainer")

    def clicks(self, link: ShortLink | None = None) -> list[tuple]:
        with scope(workspace=self.workspace):
            rows = Click.objects.filter(link=link or self.link).order_by("clicked_at")
            return list(rows.values_list("position", "method", "verdict", "device"))

    def wait_for_clicks(self, count: int, link: ShortLink | None = None) -> list[tuple]:
        wait_until(lambda: len(self.clicks(link)) >= count, f"{count} clicks, {self.installation.log('redirect')}")
        return self.clicks(link)

    def new_link(self, size: int = 1, **fields: object) -> tuple[ShortLink, list[str]]:
        fields = {"label": "New", "target_url": "https://shop.example/new", "carries_visit": False, **fields}
        alias = fields.pop("alias", "")
        link = create_tracked_link(workspace=self.workspace, **fields)
        if alias:
            link.alias = alias
            publish_link(link=link)
        reserve_range(link=link, size=size, now=timezone.now())
        return link, list(codes_at(link=link, positions=range(size)).values())

    def wait_for_news(self) -> None:
        """Until the redirect knows every link as it is now: on a busy machine it may have read the one before."""

        def is_current() -> bool:
            with scopes_disabled():
                return self.health["version"] == sum(ShortDomain.objects.values_list("version", flat=True))

        wait_until(is_current, "the redirect to know of the changes")

    def restart(self, how: int = signal.SIGTERM) -> None:
        self.installation.kill("redirect", how)
        self.installation.start("redirect")


@pytest.fixture(scope="module")
def live(django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Every row is committed, and deleted at the end. A module that uses it replaces `db`, which would hide them."""
    with django_db_blocker.unblock(), ExitStack() as stack:  # type: ignore[attr-defined]
        workspace = make_workspace("live", name="Maison Vive")
        stack.callback(delete_workspace, workspace)
        domain = create_domain(workspace=workspace, host=HOST)
        installation = Installation(home=tmp_path_factory.mktemp("live"))
        client = stack.enter_context(httpx.Client(timeout=10))
        live = Live(installation, workspace, domain, ShortLink(), [], client)
        live.link, live.codes = live.new_link(
            100, target_url="https://shop.example/sale?from=sms#top", carries_visit=True
        )
        stack.callback(JournalSegment.objects.all().delete)
        stack.callback(Heartbeat.objects.all().delete)
        stack.callback(installation.stop)
        installation.start("redirect")
        yield live


def delete_workspace(workspace: Workspace) -> None:
    with scopes_disabled():
        ShortLink.objects.filter(workspace=workspace).delete()
        ShortDomain.objects.filter(workspace=workspace).delete()
    groups = [role_group.group for role_group in workspace.role_groups.select_related("group")]
    root_page, collection = workspace.root_page, workspace.collection
    with scopes_disabled():
        workspace.delete()
    for row in (*groups, root_page, collection):
        row.delete()
