"""The examples of docs/deploy in nginx and Caddy themselves: who called arrives, who only says so does not."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

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

pytestmark = pytest.mark.usefixtures("db")

# All of 127.0.0.0/8 is this machine: a visitor with an address of their own.
VISITOR, LIE = "127.9.8.7", "198.51.100.66"
SITE = "sms.example.fr"
NGINX_MAIN = """
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
CADDY_MAIN = """
{{
    admin off
    auto_https off
    default_bind 127.0.0.1
    storage file_system {folder}/storage
}}
"""


@dataclass
class Front:
    port: int
    folder: Path

    def ask(self, host: str, path: str, *headers: str) -> tuple[bytes, bytes]:
        """Head and body of the answer to a request that comes from VISITOR."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", "User-Agent: Visitor", *headers]
        with self.visitor(host) as visitor:
            # Who asks for too much may be refused before it is all said.
            with suppress(ssl.SSLEOFError, ConnectionError):
                visitor.sendall("\r\n".join([*lines, "", ""]).encode())
            return answer_to(visitor)

    @contextmanager
    def visitor(self, host: str) -> Iterator[ssl.SSLSocket]:
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(VISITOR, 0)) as plain,
            ssl._create_unverified_context().wrap_socket(plain, server_hostname=host) as visitor,
        ):
            yield visitor


def answer_to(visitor: ssl.SSLSocket) -> tuple[bytes, bytes]:
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


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def front(request, live, tmp_path_factory) -> Iterator[Front]:
    program = request.param
    if shutil.which(program) is None and os.environ.get("CI") != "true":
        pytest.skip(f"apt-get install {program}")
    folder, port = tmp_path_factory.mktemp(program), free_port()
    folder.chmod(0o755)
    with ExitStack() as stack:
        site = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Echo))
        threading.Thread(target=site.serve_forever, daemon=True).start()
        stack.callback(site.shutdown)
        write_certificate(folder)
        ports = {"8000": site.server_port, "8001": live.installation.short_port}
        prepared = {"nginx": nginx, "caddy": caddy}[program](folder, port, ports)
        checked = subprocess.run(prepared.check, capture_output=True, text=True, check=False, env=prepared.environment)
        assert checked.returncode == 0, checked.stderr
        with (folder / "error.log").open("ab") as log:
            process = subprocess.Popen(prepared.run, stdout=log, stderr=log, env=prepared.environment)
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        wait_for_port(port, process, folder / "error.log")
        yield Front(port, folder)


class Prepared(NamedTuple):
    check: list[str]
    run: list[str]
    environment: dict[str, str]


def nginx(folder: Path, port: int, ports: dict[str, int]) -> Prepared:
    """The file as it stands in the documentation, with our ports, names and certificate in it."""
    text = re.sub(r".*listen \[::\].*\n", "", (ROOT / "docs/deploy/nginx.conf").read_text())
    text = replaced(
        text,
        ("listen 80 default_server", f"listen 127.0.0.1:{free_port()} default_server"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        *((f"127.0.0.1:{before}", f"127.0.0.1:{after}") for before, after in ports.items()),
        ("server_name go.example.fr", f"server_name {HOST}"),
        ("/var/lib/chappe/", f"{folder}/"),
    )
    (folder / "chappe.conf").write_text(re.sub(r"/etc/letsencrypt/live/[^/]+/", f"{folder}/", text))
    # Root's workers would become nobody, who may not look into our folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX_MAIN.format(folder=folder, user=user))
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    return Prepared([*command, "-t"], command, dict(os.environ))


def caddy(folder: Path, port: int, ports: dict[str, int]) -> Prepared:
    """The same; it would ask an authority for certificates, so it is given ours."""
    certificate = f"tls {folder}/fullchain.pem {folder}/privkey.pem"
    text = replaced(
        (ROOT / "docs/deploy/Caddyfile").read_text(),
        (f"{SITE} {{", f"https://{SITE}:{port} {{\n\t{certificate}"),
        ("go.example.fr {", f"https://{HOST}:{port} {{\n\t{certificate}"),
        *((f"127.0.0.1:{before}", f"127.0.0.1:{after}") for before, after in ports.items()),
        ("/var/lib/chappe/", f"{folder}/"),
    )
    (folder / "Caddyfile").write_text(CADDY_MAIN.format(folder=folder) + text)
    options = ["--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    return Prepared(
        ["caddy", "validate", *options],
        ["caddy", "run", *options],
        {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)},
    )


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text


def write_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName(SITE)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(names, critical=False)
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
    _, body = front.ask(SITE, "/admin/", f"X-Forwarded-For: {LIE}", "X-Forwarded-Proto: http")

    seen = json.loads(body)
    assert [seen[name] for name in ("host", "x-forwarded-for", "x-forwarded-proto")] == [
        SITE,
        VISITOR,
        "https",
    ]


def test_uploaded_files_are_sent_in_a_sandbox(front):
    (front.folder / "media").mkdir()
    (front.folder / "media" / "page.html").write_text("<script>alert(1)</script>")
    for path in (front.folder / "media", front.folder / "media" / "page.html"):
        path.chmod(0o755)

    head, _ = front.ask(SITE, "/media/page.html")

    assert b"content-security-policy: default-src 'none'; sandbox" in head.lower()


def test_figures_stay_behind_the_front_server_and_health_says_one_word(front):
    assert front.ask(HOST, "/_metrics")[0].startswith(b"HTTP/1.1 404 ")
    assert front.ask(HOST, "/_health")[1] == b'{"status": "ok"}'


def test_visits_of_short_links_stand_in_no_log(live, front):
    _, [code] = live.new_link()

    front.ask(HOST, f"/{code}")

    logs = list(front.folder.rglob("*.log"))
    assert logs
    assert not any(code in path.read_text() for path in logs)


@pytest.mark.parametrize("size", [1_000, 8_000, 8_300, 60_000])
def test_an_address_of_any_length_is_refused_politely_and_harms_nobody(live, front, size):
    _, [code] = live.new_link()

    long_path, _ = front.ask(HOST, f"/{'a' * size}")
    long_query, _ = front.ask(HOST, f"/{code}?{'a' * size}")
    head, _ = front.ask(HOST, f"/{code}")

    # The second may be led on, while it is short enough for the front server.
    assert status_of(long_path) in {404, 414, 431, 400}
    assert status_of(long_query) in {302, 414, 431, 400}
    assert status_of(head) == 302
    assert status_of(long_query) == 302 or size > 8_000


def test_those_who_ask_slowly_are_answered_and_hold_up_nobody(live, front):
    link, codes = live.new_link(size=2)
    lines = [f"GET /{codes[0]} HTTP/1.1", f"Host: {HOST}", "Connection: close", "", ""]
    request = "\r\n".join(lines).encode()

    with ExitStack() as stack:
        slow = [stack.enter_context(front.visitor(HOST)) for _ in range(20)]
        for piece in (request[:7], request[7:30], request[30:-2]):
            for visitor in slow:
                visitor.sendall(piece)
            started = time.monotonic()
            head, _ = front.ask(HOST, f"/{codes[1]}")
            assert (status_of(head), time.monotonic() - started < 2) == (302, True)
        slow[0].sendall(request[-2:])
        answered, _ = answer_to(slow[0])

    assert status_of(answered) == 302
    live.wait_for_clicks(4, link)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_redirect_that_was_started_again_is_found_again_at_once(live, front, how):
    link, codes = live.new_link(size=20)
    # Leaves connections open between the two.
    before = [status_of(front.ask(HOST, f"/{code}")[0]) for code in codes[:10]]

    live.restart(how)
    after = [status_of(front.ask(HOST, f"/{code}")[0]) for code in codes[10:]]

    assert before + after == [302] * 20
    live.wait_for_clicks(20, link)


def status_of(head: bytes) -> int:
    return int(head.split(maxsplit=2)[1])
