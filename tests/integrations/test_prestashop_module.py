"""The PHP module that shops install: its own tests, its style, its package, and its calls against our real door."""

import io
import json
import os
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test.client import ClientHandler
from django_scopes import scope

from audience.models import Consent
from integrations.models import InboundDelivery, Order, ShopConnection, ShopEvent
from integrations.services import inbox
from integrations.shops.module_zip import FOLDER, module_file_name, module_version, module_zip
from integrations.shops.registry import shop_of
from tests.factories import TUESDAY, make_shop
from tests.integrations.test_prestashop_schema import VALIDATOR

PRESTASHOP = FOLDER.parent
MODULE = FOLDER / "chappe"
DEBIAN = "php-cli php-curl php-mbstring php-sqlite3 php-xml phpunit php-codesniffer"
PHP_FILES = sorted(MODULE.rglob("*.php"))
# What PHP 7.2 can't read, that PHP 8 reads and `php -l` therefore lets pass.
TOO_NEW = re.compile(
    r"\bfn\s*\(|\?\?=|\?->|\bmatch\s*\(|#\[|\bstr_(?:contains|starts_with|ends_with)\(|\benum\s+[A-Z]|\barray_key_(?:first|last)\("
    r"|(?:public|private|protected)\s+(?:static\s+)?(?!static\s)\??[\w\\]+\s+\$|,\s*\)(?!\s*=)|\.\.\.\$?\w+\s*\]"
    r"|\)\s*:\s*\??(?:mixed|static|never)\b|\w+\|\w+\s+\$|\breadonly\b|get_debug_type\("
)
DANGEROUS = re.compile(
    r"\b(?:eval|exec|shell_exec|system|passthru|popen|proc_open|unserialize|create_function|file_get_contents|fopen)\s*\("
    r"|`[^`{]*\$|@\w+\(|\bvar_dump\(|\bprint_r\(|<iframe"
)


@pytest.fixture(scope="session", autouse=True)
def php() -> None:
    missing = [name for name in ("php", "phpunit", "phpcs") if shutil.which(name) is None]
    if missing:
        why = f"{', '.join(missing)}: apt-get install {DEBIAN}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


def run(*command: object, standard_input: str = "") -> str:
    result = subprocess.run(
        [str(word) for word in command], input=standard_input, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def code_of(path: Path) -> str:
    """Without comments and texts, which may say anything."""
    said = "[T_COMMENT, T_DOC_COMMENT, T_CONSTANT_ENCAPSED_STRING, T_ENCAPSED_AND_WHITESPACE, T_INLINE_HTML]"
    script = "foreach (token_get_all(file_get_contents($argv[1])) as $token) {"
    script += f" echo is_array($token) ? (in_array($token[0], {said}) ? '_' : $token[1]) : $token; }}"
    return run("php", "-r", script, path)


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    return {path.relative_to(MODULE).as_posix(): code_of(path) for path in PHP_FILES if path.name != "index.php"}


def test_every_file_parses():
    run("xargs", "-0", "-n", "1", "-P", "2", "php", "-l", standard_input="\0".join(map(str, PHP_FILES)))


def test_units():
    run("phpunit", "-c", PRESTASHOP / "tests" / "phpunit.xml")


def test_style_is_psr_12():
    run("phpcs", f"--standard={PRESTASHOP / 'phpcs.xml'}", "-q")


def test_no_word_of_php_that_7_2_can_not_read(codes):
    assert {name: found[0] for name, code in codes.items() if (found := TOO_NEW.search(code))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "fn ($x) => 1",
        "$a ??= 1",
        "$a?->b",
        "private ?int $a;",
        "private Db $db;",
        "call($a,\n)",
        "function a(): static",
        "a|b $c",
    ],
)
def test_the_scan_sees_what_is_too_new(line):
    assert TOO_NEW.search(line)


def test_nothing_dangerous_is_called(codes):
    assert {name: found[0] for name, code in codes.items() if (found := DANGEROUS.search(code))} == {}


def test_only_one_file_speaks_to_the_network(codes):
    assert [name for name, code in codes.items() if re.search(r"\bcurl_exec|fsockopen|stream_socket|mail\(", code)] == [
        "src/Transport.php"
    ]


def test_every_file_ends_at_once_outside_a_shop(codes):
    guarded = re.compile(r"if \(!defined\(_\)\) \{\s*exit;\s*\}")

    assert [name for name, code in codes.items() if not guarded.search(code)] == []


def test_no_folder_can_be_listed():
    folders = [MODULE, *(path for path in MODULE.rglob("*") if path.is_dir())]

    assert [folder for folder in folders if not (folder / "index.php").is_file()] == []


def test_every_file_names_its_licence():
    assert [path for path in PHP_FILES if "AFL-3.0" not in path.read_text()] == []


def test_every_hook_of_the_module_is_caught(codes):
    hooks = re.findall(r"function (hook\w+)\(array[^{]*\{\s*(.{0,40})", "".join(codes.values()), re.DOTALL)
    careless = [hook for hook, body in hooks if "$this->quietly(" not in body]

    assert (careless, len(hooks) > 5) == ([], True)


def test_versions_agree():
    config = ElementTree.parse(MODULE / "config.xml").getroot()
    kit = re.search(r"VERSION = '([\d.]+)'", (MODULE / "src" / "Kit.php").read_text())

    assert (config.findtext("version"), kit and kit[1]) == (module_version(), module_version())


def test_no_field_of_a_form_is_named_as_the_back_offices_own():
    fields = re.findall(r'name="(\w+)', "".join(path.read_text() for path in MODULE.rglob("*.tpl")))

    assert (len(fields) > 5, {"token", "controller", "configure", "action", "ajax"} & set(fields)) == (True, set())


def test_every_text_is_in_french():
    french = (MODULE / "translations" / "fr.php").read_text()
    told = re.findall(r"->l\(\s*'([^']+)'", "".join(path.read_text() for path in PHP_FILES))
    told += re.findall(r"\{l s='([^']+)'", "".join(path.read_text() for path in MODULE.rglob("*.tpl")))

    assert [text for text in told if f"    '{text}' =>" not in french] == []
    assert len(set(told)) > 50


def test_zip_has_one_folder_and_is_the_same_whenever_it_is_packed(tmp_path, capsys):
    call_command("prestashop_module", to=tmp_path / "module.zip")
    packed = (tmp_path / "module.zip").read_bytes()
    module_zip.cache_clear()

    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert packed == module_zip()
    assert (names, {name.split("/")[0] for name in names}) == (sorted(names), {"chappe"})
    assert {"chappe/chappe.php", "chappe/config.xml", "chappe/logo.png", "chappe/index.php"} <= set(names)
    assert module_file_name() == f"chappe-{module_version()}.zip"
    assert capsys.readouterr().out.strip().endswith("module.zip")


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def door(settings) -> Iterator[tuple[WSGIServer, list[int]]]:
    """The real views on loopback, in this thread and so in this test's transaction.

    A status put into the list is answered once in place of what the views said.
    """
    statuses: list[int] = []
    site = ClientHandler()

    def application(environ: dict, start_response: Callable) -> list[bytes]:
        answer = site(environ)
        status = statuses.pop(0) if statuses else answer.status_code
        start_response(f"{status} as said", [("Content-Type", "application/json")])
        return [answer.content if status == answer.status_code else b"<html>"]

    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    server.timeout = 0.05
    yield server, statuses
    server.server_close()


def walk(server: WSGIServer, shop: ShopConnection, folder: Path, steps: str) -> dict:
    """Lets the module's shop go through the steps while its calls are answered; the figures of its outbox, and what it
    answered to a `wake`.
    """
    url = f"http://127.0.0.1:{server.server_port}/hooks/shops/{shop.public_id}/"
    script = [PRESTASHOP / "tests" / "walk.php", folder / "shop.sqlite", url, shop.credentials["secret"]]
    process = subprocess.Popen(
        ["php", *map(str, script), TUESDAY.isoformat()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(process.communicate(steps)[0]))
    reader.start()
    while reader.is_alive():
        server.handle_request()
    reader.join()
    assert process.returncode == 0, said
    return json.loads(said[0])


def wake(shop: ShopConnection, past: str = "", after: int = 0) -> str:
    """A step: this shop's server asks the module how it is, for what waits there, and for a page of its past."""
    body = urlencode({"past": past, "after": after}).encode() if past else b""
    signed = shop_of(shop).waking(TUESDAY, body)
    return " ".join(["\nwake", past, str(after), *signed.values()])


@pytest.fixture
def now(monkeypatch) -> None:
    monkeypatch.setattr("integrations.views.timezone.now", lambda: TUESDAY)


WALK = """order 42
flush
pass 20
flush
state 42 2
flush
order 43
track 42 6A12345678901
state 42 4
flush
state 42 5
refund 42 10.50 2
state 43 6"""
HAPPENED = [
    "order.placed:42",
    "order.paid:42",
    "order.placed:43",
    "order.shipped:42",
    "order.delivered:42",
    "order.refunded:1",
    "order.cancelled:43",
]


def test_the_modules_calls_are_understood_stored_once_and_become_the_orders(door, workspace, now, tmp_path):
    shop = make_shop(workspace)
    server, statuses = door
    statuses.append(503)

    figures = walk(server, shop, tmp_path, WALK + wake(shop, "customers", 42))

    with scope(workspace=workspace):
        deliveries = list(InboundDelivery.objects.order_by("pk"))
        for delivery in deliveries:
            VALIDATOR.validate(json.loads(delivery.body))
            inbox.work(delivery_id=delivery.pk, now=TUESDAY)
        events = list(ShopEvent.objects.order_by("pk").values_list("event_key", flat=True))
        first, second = Order.objects.order_by("external_id")
        contact = first.contact
    shop.refresh_from_db()
    assert (figures["waiting"], figures["delivered"], figures["refused"], shop.refused_webhooks) == (0, 7, 0, 0)
    assert (len(deliveries), sorted(events)) == (4, sorted(HAPPENED))
    woken = figures["woken"]["answer"]
    assert (woken["past"], woken["state"]) == ({"noted": 1, "last": 43, "total": 2}, "connected")
    assert (woken["waiting"], bool(woken["pull_at"])) == (0, True)
    assert (first.number, first.total, first.refunded_total, first.currency) == ("XKBK42", 5490, 1250, "EUR")
    assert (first.placed_at, bool(first.paid_at), bool(first.delivered_at)) == (TUESDAY, True, True)
    assert first.tracking == [
        {
            "number": "6A12345678901",
            "url": "https://suivi.colis.example/6A12345678901",
            "carrier": "Colissimo",
        }
    ]
    assert (contact and contact.phone, bool(second.cancelled_at)) == ("+33639981234", True)


WORDS = """hello
agree 5 0639980005
flush
fill 5
pass 60
withdraw 5
flush
erase 5
flush"""


def test_what_the_module_tells_of_customers_and_carts_is_understood(door, workspace, now, tmp_path):
    shop = make_shop(workspace)

    figures = walk(door[0], shop, tmp_path, WORDS)

    with scope(workspace=workspace):
        deliveries = list(InboundDelivery.objects.order_by("pk"))
        for delivery in deliveries:
            VALIDATOR.validate(json.loads(delivery.body))
        outcomes = [inbox.work(delivery_id=delivery.pk, now=TUESDAY).outcome for delivery in deliveries]
        acts = list(Consent.objects.order_by("pk").values_list("act", "wording"))
    assert (figures["refused"], figures["waiting"], len(outcomes)) == (0, 0, 3)
    assert acts[0] == ("granted", "J’accepte de recevoir par SMS les offres de Maison Lambert.")
    assert [act for act, _wording in acts[1:]] == ["withdrawn"]
    assert outcomes == [
        "agreed to offers by SMS; connected",
        "noted: cart; no more offers by SMS",
        "erased: the customer",
    ]


def test_calls_of_a_module_with_another_secret_are_refused_and_kept_by_it(door, workspace, now, tmp_path):
    shop, other = make_shop(workspace), make_shop(workspace, name="Other")
    other.public_id = shop.public_id

    figures = walk(door[0], other, tmp_path, "order 42\nflush" + wake(shop, "orders"))

    shop.refresh_from_db()
    assert (shop.refused_webhooks, figures["waiting"], figures["last_status"]) == (1, 1, 401)
    assert figures["woken"] == {"status": 401, "answer": None}
