"""Records what real browsers, and real programs, send when they open a short link: the corpus' first-hand half.

    python -m bench.clicks_record > tests/corpora/clicks/recorded.jsonl

Wants Debian's chromium, firefox-esr, libwebkit2gtk-4.1-0 (MiniBrowser), xvfb, openssl, curl, wget and node; what is
missing is left out and said so. Each hit is made over http, or over https with a certificate made for the occasion, for
headers differ. Chromium wears the frames of phones and tablets (size, touch, name): `source` says which browser really
made the hit.
"""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

HOST = "go.example"
PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s.0.0.0 Mobile Safari/537.36"
RULES = '<script type="speculationrules">{{"prerender":[{{"source":"list","urls":["{}"]}}]}}</script>'
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--accept-lang=fr-FR,fr,en-US,en", f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
]  # fmt: skip
# None: those that the browser itself was started with.
LANGUAGES = ["fr-FR", None, "en-GB", None, "fr-BE", "pt-PT", None, "es-ES"]
MINI_BROWSERS = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
]
SYSTEM_LANGUAGES = ["fr", "en-US", "de", "es-ES", "fr, en-US, en", "nl, fr", "pt-PT", "it"]
KEPT_OUT = {"host", "connection", "cookie"}


class Handler(BaseHTTPRequestHandler):
    """Answers every address with a page, and notes the hits that are to be kept: `/keep/<label>/<source>`."""

    protocol_version = "HTTP/1.1"
    hits: list[dict[str, Any]]
    pages: dict[str, str]

    def do_GET(self) -> None:
        _, kind, *rest = unquote(self.path).split("/", 3)
        if kind == "keep":
            headers = {name: value for name, value in self.headers.items() if name.lower() not in KEPT_OUT}
            label, source = rest
            self.hits.append({"label": label, "method": self.command, "headers": headers, "source": source})
        body = self.pages.get(self.path, "<!doctype html><title>page</title>").encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  (the base class looks for it)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Site:
    """The same pages over http and https."""

    folder: Path
    hits: list[dict[str, Any]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        handler = type("Noting", (Handler,), {"hits": self.hits, "pages": self.pages})
        subject = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:localhost"]
        files = ["-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem")]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *subject]
        subprocess.run(command, check=True, capture_output=True)
        for scheme in ("http", "https"):
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
            if scheme == "https":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
                server.socket = context.wrap_socket(server.socket, server_side=True)
            self.ports[scheme] = server.server_address[1]
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def url(self, scheme: str, path: str, host: str = HOST) -> str:
        return f"{scheme}://{host}:{self.ports[scheme]}{path}"

    def keep(self, scheme: str, label: str, source: str, host: str = HOST) -> str:
        return self.url(scheme, f"/keep/{label}/{source}, {scheme}", host)


def record_chromium(site: Site) -> None:
    """Phones, tablets and desks, in many languages; and what the browser does by itself (bots)."""
    from playwright.sync_api import sync_playwright  # only this part wants it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        plain = browser.new_page().evaluate("navigator.userAgent").replace("Headless", "")
        version = plain.partition("Chrome/")[2].partition(".")[0]
        for place, (name, device) in enumerate(_frames(playwright.devices, plain)):
            options: dict[str, Any] = {
                **device,
                "locale": LANGUAGES[place % len(LANGUAGES)],
                "ignore_https_errors": True,
            }
            context = browser.new_context(**options)
            page = context.new_page()
            source = f"chromium {version} in the frame of {name}"
            for scheme in ("https", "https", "https", "http"):
                page.goto(site.keep(scheme, "human", source))
            page.goto(site.url("https", "/from"))
            site.pages["/from"] = (
                f'<!doctype html><a href="{site.keep("https", "human", f"{source}, by a link")}">x</a>'
            )
            page.goto(site.url("https", "/from"))
            page.click("a")
            page.wait_for_load_state()
            context.close()
        _record_machinery(site, browser, version)
        browser.close()


def _frames(devices: dict[str, Any], plain: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Devices with a Chromium of their own, a few that have another engine, and desks of all sizes."""
    for name, device in devices.items():
        is_chromium = "Chrome/" in device["user_agent"]
        if (
            is_chromium or name in {"iPhone 15", "iPhone 13 Mini", "iPhone SE (3rd gen)", "iPad Mini"}
        ) and "BlackBerry" not in name:
            yield name, {key: value for key, value in device.items() if key != "default_browser_type"}
    for width, height in [(1280, 720), (1366, 768), (1440, 900), (1536, 864), (1920, 1080), (2560, 1440)]:
        yield f"a desk of {width} by {height}", {"user_agent": plain, "viewport": {"width": width, "height": height}}


def _record_machinery(site: Site, browser: Any, version: str) -> None:
    """Headless without disguise, prefetch, prerender, frames, pictures, scripts."""
    kinds = {
        "prefetched": '<link rel="prefetch" href="{}" as="document">',
        "prerendered": RULES,
        "prefetched by rule": RULES.replace("prerender", "prefetch"),
        "as a picture": '<img src="{}">',
        "by fetch": '<script>fetch("{}")</script>',
        "as a script": '<script src="{}"></script>',
    }
    for device in (
        {},
        {"user_agent": PHONE % version},
    ):
        context = browser.new_context(**device, ignore_https_errors=True, locale="fr-FR")
        page = context.new_page()
        for kind, markup in kinds.items():
            site.pages["/kind"] = "<!doctype html>" + markup.format(
                site.keep("https", "bot", f"chromium {version}, {kind}")
            )
            page.goto(site.url("https", "/kind"))
            page.wait_for_timeout(700)
        context.close()
    for language in LANGUAGES:
        context = browser.new_context(ignore_https_errors=True, locale=language)
        for scheme in ("http", "https"):
            context.new_page().goto(site.keep(scheme, "bot", f"chromium {version}, headless and saying so"))
        context.close()


def record_firefox(site: Site) -> None:
    version = subprocess.run(["firefox-esr", "--version"], capture_output=True, text=True, check=True).stdout.split()[
        -1
    ]
    for languages in SYSTEM_LANGUAGES:
        profile = Path(tempfile.mkdtemp(dir=site.folder))
        preferences = {
            "intl.accept_languages": languages, "browser.shell.checkDefaultBrowser": False, "app.update.auto": False,
            "datareporting.policy.dataSubmissionEnabled": False, "browser.aboutwelcome.enabled": False,
            "network.dns.localDomains": HOST, "browser.tabs.loadInBackground": False,
        }  # fmt: skip
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
        (profile / "user.js").write_text("\n".join(lines))
        source = f"firefox {version}"
        urls = [site.keep("http", "human", source, host) for host in (*[HOST] * 4, *["localhost"] * 6)]
        _open(site, ["firefox-esr", "--headless", "--profile", str(profile), *urls], {}, len(urls))


def record_webkit(site: Site) -> None:
    program = next((path for path in MINI_BROWSERS if Path(path).exists()), None)
    if program is None:
        raise FileNotFoundError("MiniBrowser")
    with _display(site.folder) as display:
        for language in ("fr_FR", "en_GB", "de_DE", "es_ES"):
            for scheme in ("https", "http"):
                urls = [site.keep(scheme, "human", "webkitgtk MiniBrowser", "localhost") for _ in range(10)]
                environment = {
                    "DISPLAY": display,
                    "LANGUAGE": language,
                    "LANG": f"{language}.UTF-8",
                    "LC_ALL": f"{language}.UTF-8",
                }
                command = [program, f"--accept-language={language.replace('_', '-')}", "--ignore-tls-errors", *urls]
                _open(site, [part for part in command if "accept" not in part], environment, len(urls))


@contextmanager
def _display(folder: Path) -> Iterator[str]:
    server = subprocess.Popen(["Xvfb", ":97", "-screen", "0", "1280x900x24"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    try:
        yield ":97"
    finally:
        server.terminate()
        server.wait()


def _open(site: Site, command: list[str], environment: dict[str, str], count: int) -> None:
    """Start a browser on some pages and end it when it has asked for them all, or for long enough."""
    wanted, patience = len(site.hits) + count, time.monotonic() + 25
    own = {**os.environ, "HOME": str(site.folder), "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", **environment}
    with subprocess.Popen(
        command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as browser:
        while len(site.hits) < wanted and time.monotonic() < patience:
            time.sleep(0.2)
        os.killpg(browser.pid, signal.SIGTERM)
        try:
            browser.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(browser.pid, signal.SIGKILL)


SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def record_programs(site: Site) -> None:
    """Programs under their own names, and under a browser's with as little else as scripts care for."""
    for name in ("", SAFARI, CHROME):
        disguise = " in a browser's name" if name else ""
        agent = {"User-Agent": name} if name else {}
        for more in ({}, {"Accept": HTML}, {"Accept": HTML, "Accept-Language": "en-US,en;q=0.5"}):
            headers = {**agent, **more}
            url = site.keep("http", "bot", "{}" + disguise, "localhost")
            for command in _programs(url, headers).values():
                if shutil.which(command[0]):
                    subprocess.run(command, capture_output=True, timeout=20, check=False)


def _programs(url: str, headers: dict[str, str]) -> dict[str, list[str]]:
    lines, known, python = [f"{name}: {value}" for name, value in headers.items()], json.dumps(headers), sys.executable
    urls = {
        name: quote(url.replace("{}", name), safe=":/?,") for name in ("curl", "wget", "httpx", "urllib", "node fetch")
    }
    urllib = f"import urllib.request as r;r.urlopen(r.Request({urls['urllib']!r},headers={known}))"
    return {
        "curl": ["curl", "-s", *[part for line in lines for part in ("-H", line)], urls["curl"]],
        "wget": ["wget", "-qO-", *[f"--header={line}" for line in lines], urls["wget"]],
        "httpx": [python, "-c", f"import httpx;httpx.get({urls['httpx']!r},headers={known})"],
        "urllib": [python, "-c", urllib],
        "node fetch": ["node", "-e", f"fetch({json.dumps(urls['node fetch'])},{{headers:{known}}})"],
    }


def main() -> None:
    with ExitStack() as stack:
        site = Site(Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))))
        for record in (record_chromium, record_firefox, record_webkit, record_programs):
            before = len(site.hits)
            try:
                record(site)
            except (ImportError, FileNotFoundError) as error:
                print(f"{record.__name__} is left out: {error}", file=sys.stderr)
            print(f"{record.__name__}: {len(site.hits) - before} hits", file=sys.stderr)
        for hit in site.hits:
            print(json.dumps(hit, ensure_ascii=False))


if __name__ == "__main__":
    main()
