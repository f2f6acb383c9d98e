"""The nginx example of docs/deploy, in the real nginx: who called arrives, and who only says so does not."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django_scopes import scope

from accounts.addresses import network_of
from accounts.keys import dated_address_hash
from shortlinks.models import Click
from tests.installation import ROOT
from tests.servers import free_port, wait_for_port
from tests.shortlinks.conftest import HOST

pytestmark = [
    pytest.mark.usefixtures("db"),
    pytest.mark.skipif(shutil.which("nginx") is None, reason="apt-get install nginx-light"),
]

# All of 127.0.0.0/8 is this machine: a visitor with an address of their own.
VISITOR, LIE = "127.9.8.7", "198.51.100.66"
MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/chappe.conf;
}}
"""


@dataclass
class Front:
    port: int
    folder: Path

    def ask(self, host: str, path: str, *headers: str) -> tuple[bytes, bytes]:
        """Head and body of the answer to a request that comes from VISITOR."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", "User-Agent: Visitor", *headers]
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(VISITOR, 0)) as plain,
            ssl._create_unverified_context().wrap_socket(plain, server_hostname=host) as visitor,
        ):
            visitor.sendall("\r\n".join([*lines, "", ""]).encode())
            head, _, body = visitor.makefile("rb").read().partition(b"\r\n\r\n")
        return head, body


class Echo(BaseHTTPRequestHandler):
    """A site that answers what reached it."""

    def do_GET(self):
        said = json.dumps({"peer": self.client_address[0], **{k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module", autouse=True)
def trusting_this_machine() -> Iterator[None]:
    """Before the redirect starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAPPE_TRUSTED_PROXIES", "127.0.0.1,::1")
        yield


@pytest.fixture
def db(live):
    """No transaction around these tests: other processes must see the rows."""


@pytest.fixture(scope="module")
def front(live, tmp_path_factory) -> Iterator[Front]:
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    folder.chmod(0o755)
    with ExitStack() as stack:
        site = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Echo))
        threading.Thread(target=site.serve_forever, daemon=True).start()
        stack.callback(site.shutdown)
        write_certificate(folder)
        (folder / "chappe.conf").write_text(example(folder, port, site.server_port, live.installation.short_port))
        # Root's workers would become nobody, who may not look into our folder.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        process = subprocess.Popen(command)
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        wait_for_port(port, process, folder / "error.log")
        yield Front(port, folder)


def example(folder: Path, port: int, site_port: int, short_port: int) -> str:
    """The file as it stands in the documentation, with our ports, names and certificate in it."""
    text = (ROOT / "docs/deploy/nginx.conf").read_text()
    text = re.sub(r".*listen \[::\].*\n", "", text)
    for before, after in (
        ("listen 80 default_server", f"listen 127.0.0.1:{free_port()} default_server"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("127.0.0.1:8000", f"127.0.0.1:{site_port}"),
        ("127.0.0.1:8001", f"127.0.0.1:{short_port}"),
        ("server_name go.example.fr", f"server_name {HOST}"),
        ("/var/lib/chappe/", f"{folder}/"),
    ):
        assert before in text
        text = text.replace(before, after)
    return re.sub(r"/etc/letsencrypt/live/[^/]+/", f"{folder}/", text)


def write_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    (folder / "fullchain.pem").write_bytes(certificate)
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def visitors_of(live, link):
    with scope(workspace=live.workspace):
        return [bytes(visitor) for visitor in Click.objects.filter(link=link).values_list("visitor", flat=True)]


@pytest.mark.parametrize(
    "lies",
    [
        [],
        [f"X-Forwarded-For: {LIE}"],
        [f"X-Forwarded-For: {LIE}, 127.0.0.1"],
        [f"X-Forwarded-For: {LIE}", f"X-Forwarded-For: {LIE}"],
        ["X-Forwarded-For: ::1", f"Forwarded: for={LIE}", f"X-Real-IP: {LIE}"],
    ],
)
def test_the_redirect_learns_who_called_and_never_who_only_says_so(live, front, lies):
    link, [code] = live.new_link()

    head, _ = front.ask(HOST, f"/{code}", *lies)

    live.wait_for_clicks(1, link)
    today = str(int(time.time()) // 86_400)
    assert head.startswith(b"HTTP/1.1 302 ")
    assert visitors_of(live, link) == [dated_address_hash(network_of(VISITOR), today)]


def test_without_a_front_server_an_appended_line_counts_and_the_first_does_not(live):
    """A front server that adds a line of its own, behind the visitor's."""
    link, [code] = live.new_link()

    with socket.create_connection(("127.0.0.1", live.installation.short_port), timeout=20) as proxy:
        lines = [f"X-Forwarded-For: {LIE}", "X-Forwarded-For: 203.0.113.9", "Connection: close", "", ""]
        proxy.sendall("\r\n".join([f"GET /{code} HTTP/1.1", f"Host: {HOST}", *lines]).encode())
        proxy.makefile("rb").read()

    live.wait_for_clicks(1, link)
    today = str(int(time.time()) // 86_400)
    assert visitors_of(live, link) == [dated_address_hash("203.0.113.0/24", today)]


def test_the_site_gets_host_scheme_and_the_visitor_alone(front):
    _, body = front.ask("sms.example.fr", "/admin/", f"X-Forwarded-For: {LIE}", "X-Forwarded-Proto: http")

    seen = json.loads(body)
    assert [seen[name] for name in ("host", "x-forwarded-for", "x-forwarded-proto")] == [
        "sms.example.fr",
        VISITOR,
        "https",
    ]


def test_uploaded_files_are_sent_in_a_sandbox(front):
    (front.folder / "media").mkdir()
    (front.folder / "media" / "page.html").write_text("<script>alert(1)</script>")
    for path in (front.folder / "media", front.folder / "media" / "page.html"):
        path.chmod(0o755)

    head, _ = front.ask("sms.example.fr", "/media/page.html")

    assert b"content-security-policy: default-src 'none'; sandbox" in head.lower()


def test_figures_stay_behind_the_front_server_and_health_says_one_word(front):
    assert front.ask(HOST, "/_metrics")[0].startswith(b"HTTP/1.1 404 ")
    assert front.ask(HOST, "/_health")[1] == b'{"status": "ok"}'


def test_visits_of_short_links_stand_in_no_log(live, front):
    _, [code] = live.new_link()

    front.ask(HOST, f"/{code}")

    assert code not in (front.folder / "access.log").read_text()
