"""nginx that keeps pages, in front of the site: it has what anyone may see, and nothing of what is somebody's own."""

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import brotli
import httpx
import pytest

from landing.services import draw_pictures
from tests.installation import Installation, adopt
from tests.landing.test_visitors import Mailing
from tests.servers import free_port, wait_for_port

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

# `blunt` takes all visits of a path for the same one: no proxy should, and none may leak for it.
CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/kept keys_zone=pages:1m;
    proxy_cache pages;
    proxy_cache_lock on;
    proxy_set_header Host 127.0.0.1;
    add_header X-Kept $upstream_cache_status;
    server {{
        listen 127.0.0.1:{careful};
        location / {{ proxy_pass http://127.0.0.1:{site}; proxy_cache_key $request_uri; }}
    }}
    server {{
        listen 127.0.0.1:{blunt};
        location / {{ proxy_pass http://127.0.0.1:{site}; proxy_cache_key blunt$uri; }}
    }}
}}
"""
PACKINGS = ("identity", "gzip", "br")
UNPACK = {b"gzip": gzip.decompress, b"br": brotli.decompress}
CLAIRE, OTHER, ANYONE = 0, 1, None
CONDITIONS = {"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "Cache-Control": "max-age=0"}


@dataclass
class Proxy:
    mailing: Mailing
    folder: Path
    careful: int
    blunt: int

    def __post_init__(self) -> None:
        page = self.mailing.page.url
        self.paths = {CLAIRE: self.mailing.address(0), OTHER: self.mailing.address(1), ANYONE: page}

    def visit(self, who, packing="identity", *, method="GET", is_blunt=False, **headers):
        port = self.blunt if is_blunt else self.careful
        address = f"http://127.0.0.1:{port}{self.paths[who]}"
        return httpx.request(method, address, headers={"accept-encoding": packing, **headers}, timeout=20)

    def shown(self, answer: httpx.Response) -> set[str]:
        """Whose page it is; more than one would be a leak."""
        marks = {
            "Claire": ("Claire, 32", self.mailing.code(0)),
            "other": ("&lt;img src=x", self.mailing.code(1)),
            "anyone": ("Welcome, 32",),
        }
        return {name for name, words in marks.items() if any(word in answer.text for word in words)}

    @property
    def kept(self) -> list[bytes]:
        """All that lies on the proxy's disk, unpacked, with the addresses it was asked for by."""
        return [unpacked(path.read_bytes()) for path in (self.folder / "kept").rglob("*") if path.is_file()]


def unpacked(kept: bytes) -> bytes:
    """A file of nginx's: numbers of its own, the key, the head of the answer and its body. Packed, any two letters
    stand somewhere in it by chance."""
    head, _end, body = kept[kept.index(b"\nKEY: ") :].partition(b"\r\n\r\n")
    packing = re.search(rb"\r\ncontent-encoding: (\w+)", head, re.IGNORECASE)
    return head + (UNPACK[packing[1]](body) if packing else body)


NAMES = {CLAIRE: {"Claire"}, OTHER: {"other"}, ANYONE: {"anyone"}}


@pytest.fixture
def proxy(workspace, settings, tmp_path, collected_static) -> Iterator[Proxy]:
    if shutil.which("nginx") is None and os.environ.get("CI") != "true":
        pytest.skip("apt-get install nginx-light")
    (tmp_path / "static").symlink_to(collected_static)
    site = Installation(home=tmp_path, redis_url=os.environ.get("REDIS_URL", ""))
    adopt(site, settings)
    folder, careful, blunt = tmp_path / "nginx", free_port(), free_port()
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    ports = {"site": site.web_port, "careful": careful, "blunt": blunt}
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, user=user, **ports))
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    with ExitStack() as stack:
        mailing = Mailing(workspace)
        draw_pictures(page=mailing.page)
        stack.callback(site.stop)
        site.start("web")
        with (folder / "error.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        wait_for_port(careful, process, folder / "error.log")
        yield Proxy(mailing, folder, careful, blunt)


def test_two_recipients_and_a_stranger_are_never_shown_each_other_by_a_proxy_that_keeps_pages(proxy):
    order = [CLAIRE, ANYONE, OTHER, ANYONE, CLAIRE, OTHER, ANYONE]

    for packing in PACKINGS:
        answers = [(who, proxy.visit(who, packing)) for who in order]

        assert [proxy.shown(answer) for _who, answer in answers] == [NAMES[who] for who in order]
        assert [answer.headers["x-kept"] for who, answer in answers if who is ANYONE] == ["MISS", "HIT", "HIT"]
        assert {answer.headers["x-kept"] for who, answer in answers if who is not ANYONE} == {"MISS"}
        assert {answer.headers.get("content-encoding", "identity") for _who, answer in answers} == {packing}

    heads = [proxy.visit(who, method="HEAD") for who in order]
    assert [(head.headers["x-kept"], head.content) for head in heads[:2]] == [("MISS", b""), ("HIT", b"")]
    again = [proxy.visit(who, **CONDITIONS) for who in order]
    assert [proxy.shown(answer) for answer in again] == [NAMES[who] for who in order]
    assert {answer.status_code for answer in again} == {200}
    assert [
        name for answer in again for name in ("etag", "last-modified", "set-cookie") if name in answer.headers
    ] == []

    with ThreadPoolExecutor(6) as crowd:
        visits = [(who, crowd.submit(proxy.visit, who, "gzip", is_blunt=True)) for who in order * 4]
        seen = [(NAMES[who], proxy.shown(visit.result())) for who, visit in visits]
    assert [(own, shown) for own, shown in seen if shown not in (own, {"anyone"})] == []

    assert len(proxy.kept) >= len(PACKINGS)
    assert [kept[:300] for kept in proxy.kept if b"Welcome, 32" not in kept] == []
    secrets = [b"v=", b"Claire", *(proxy.mailing.code(number).encode() for number in (0, 1))]
    assert [(secret, kept[:300]) for kept in proxy.kept for secret in secrets if secret in kept] == []
