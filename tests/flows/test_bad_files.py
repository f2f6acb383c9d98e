"""What strangers bring, through the real screens with a real worker: read right, or refused in words."""

import io
import signal
import time
import zipfile
from datetime import date

import pytest
from wagtail.images.models import Rendition

from accounts.models import Workspace
from audience.models import Contact, ContactImport, ContactList
from bench.processes import family, most_memory_mb
from tests.audience.test_imports_workbooks import ods
from tests.audience.test_sheets import archive, workbook
from tests.flows.desk import Desk, filled, words
from tests.installation import Installation, wait_until

MOST_MB = 300
HEAD = "mobile;prénom"
FORMULA = "=cmd|' /C calc'!A0"

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def repeated(columns: int, rows: int, cell: str) -> bytes:
    """An ODS that says of one cell how often it stands."""
    with zipfile.ZipFile(io.BytesIO(ods({"Clients": [["Mobile"], ["0639987160"]]}))) as packed:
        members = {name: packed.read(name).decode() for name in packed.namelist()}
    bomb = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}"{cell}</table:table-row></table:table>'
    )
    members["content.xml"] = members["content.xml"].replace("</table:table>", bomb)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


FULL = ' office:value-type="string"><text:p>x</text:p></table:table-cell>'


def refused() -> dict[str, tuple[bytes, str]]:
    """What each file is told."""
    return {
        "bombe.xlsx": (archive(xl__workbook="x", xl__bomb=b"0" * 700_000_000), "se déploie"),
        "bombe.ods": (repeated(16_384, 1_048_576, FULL), "abîmé"),
        "large.ods": (repeated(16_384, 1, FULL), "1 000 colonnes"),
        "large.csv": (b"mobile" + b";" * 60_000 + b"\n0639987161\n", "1 000 colonnes"),
        "ligne.csv": (b"x" * (40 << 20), "tableau"),
        "trop.csv": (b"0639987162\n" * (5 << 20), "50"),
        "facture.csv": (b"%PDF-1.7\n" + bytes(range(256)) * 400, "tableau"),
        "facture.xlsx": (b"%PDF-1.7\n" + bytes(range(256)) * 400, "tableau"),
        "vide.csv": (b"", "vide"),
        "blanc.csv": (b" \n;;\n", "vide"),
    }


def read() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Who comes in with each file."""
    columns = [f"{HEAD};{';'.join(map(str, range(298)))}", f"0639987170;Ana{';x' * 298}", ""]
    dates = [["Mobile", "Prénom", "Naissance"], ["0639987177", "Dora", 33238]]
    # Each line but the first is a landline's, nearly too long to be read, and of characters that cost four bytes.
    heavy = f"{HEAD}\n0639987178;Ana\n" + f"0142685300;{'x' * 60_000}😀\n" * 700
    return {
        "vide.ods": (repeated(16_384, 1_048_576, "/>"), {"+33639987160": ""}),
        "colonnes.csv": ("\n".join(columns).encode(), {"+33639987170": "Ana"}),
        "nul.csv": (b"mobile;pr\0\xc3\xa9nom\n0639\0987171;An\0a\n", {"+33639987171": "Ana"}),
        "utf16.csv": (f"{HEAD}\r\n0639987172;Zoé\r\n".encode("utf-16-le"), {"+33639987172": "Zoé"}),
        "fins.csv": (
            f"{HEAD}\r0639987173;Ana\r\n0639987174;Béa\n0639987175;Cid".encode(),
            {"+33639987173": "Ana", "+33639987174": "Béa", "+33639987175": "Cid"},
        ),
        "formule.csv": (f"{HEAD}\n0639987176;{FORMULA}\n".encode(), {"+33639987176": FORMULA}),
        "dates.xlsx": (workbook(dates), {"+33639987177": "Dora"}),
        "lourd.csv": (heavy.encode(), {"+33639987178": "Ana"}),
    }


def test_bad_files_are_refused_in_words_or_read_right_and_nobody_falls_over(
    demo: Workspace, installation: Installation
):
    expected = read()
    begin_with_a_fresh_worker(installation)

    with Desk(installation) as desk:
        told = {name: refusal_of(desk, name, content) for name, (content, _words) in refused().items()}
        people = {name: people_of(desk, name, content) for name, (content, _people) in expected.items()}
        formula = download(desk, "formule.csv", b"mobile;nom\n0142685300;" + FORMULA.encode())

    assert {name: said in told[name] for name, (_content, said) in refused().items()} == dict.fromkeys(told, True)
    assert people == {name: came for name, (_content, came) in expected.items()}
    assert Contact.objects.get(first_name="Dora").birth_date == date(1990, 12, 31)
    assert f";'{FORMULA}" in formula
    peaks = {name: peak_mb(installation, name) for name in ("web", "worker")}
    assert {name: peak <= MOST_MB for name, peak in peaks.items()} == {"web": True, "worker": True}, peaks


def begin_with_a_fresh_worker(installation: Installation) -> None:
    """The demo's page is new, and a worker that has drawn its pictures keeps what that took."""

    def are_drawn() -> bool:
        before = Rendition.objects.count()
        time.sleep(2)
        return before == Rendition.objects.count() > 0

    wait_until(are_drawn, "the pictures of the demo's page")
    installation.kill("worker", signal.SIGTERM)
    installation.start("worker")


def refusal_of(desk: Desk, name: str, content: bytes) -> str:
    upload(desk, name, content)
    return words(desk.page.select_one(".error-message"))


def people_of(desk: Desk, name: str, content: bytes) -> dict[str, str]:
    bring(desk, name, content)
    people = ContactList.objects.get(name=name).contacts.all()
    return {contact.phone: contact.first_name for contact in people}


def download(desk: Desk, name: str, content: bytes) -> str:
    """The file of refused lines."""
    bring(desk, f"refuse-{name}", content)
    done = ContactImport.objects.latest("pk")
    desk.open(f"/admin/audience/imports/inspect/{done.pk}/")
    form = desk.page.select_one("form[action*='/refused/']")
    assert form is not None
    return desk.client.post(str(form["action"]), data=filled(form)).text


def bring(desk: Desk, name: str, content: bytes) -> None:
    upload(desk, name, content)
    desk.submit("#plan", new_list=name, **{"action-bare": "1"})
    wait_until(lambda: not ContactImport.objects.filter(state="running").exists(), f"{name} to come in")
    assert ContactImport.objects.latest("pk").state == "done"


def upload(desk: Desk, name: str, content: bytes) -> None:
    desk.open("/admin/audience/imports/new/")
    desk.submit("form[enctype]", files={"file": (name, content)})


def peak_mb(installation: Installation, name: str) -> int:
    return max(map(most_memory_mb, family(installation.processes[name].pid)))
