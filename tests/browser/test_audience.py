"""A messy file in a real browser: its verdicts, its refused lines, mended and brought again."""

from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from accounts.models import Workspace
from audience.models import Contact, ContactImport
from tests.browser.conftest import Picture, fits
from tests.installation import wait_until

MESSY = Path(__file__).resolve().parents[1] / "files" / "messy.csv"
PROOF = {
    "new_list": "Caisse de novembre",
    "consent_source": "En caisse, formulaire papier",
    "consent_on": "2026-09-01",
    "collected_by": "Équipe Nantes",
    "consent_wording": "J’accepte de recevoir par SMS les offres de Maison Lambert.",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def test_a_messy_file_is_seen_through_mended_and_brought_again(
    demo: Workspace, desk: Page, picture: Picture, tmp_path_factory: pytest.TempPathFactory
):
    before = Contact.objects.count()

    upload(desk, MESSY)
    see_verdicts(desk, picture)
    prove_and_launch(desk)
    first = ended(desk)
    # Not in the installation's home, in which no number may lie open.
    refused = tmp_path_factory.mktemp("mended") / "refused.csv"
    mend(download(desk), refused)
    upload(desk, refused)
    prove_and_launch(desk)
    second = ended(desk)

    assert (first.added, first.duplicates, first.rejected, first.consented) == (5, 1, 6, 5)
    assert (second.added, second.rejected) == (3, 3)
    assert Contact.objects.count() == before + 8
    desk.set_viewport_size({"width": 390, "height": 844})
    fits(desk)


def upload(desk: Page, path: Path) -> None:
    desk.goto("/admin/audience/imports/new/")
    desk.set_input_files("[name=file]", path)
    desk.click("form[enctype] [type=submit]")
    desk.wait_for_url("**/imports/plan/*/")


def see_verdicts(desk: Page, picture: Picture) -> None:
    expect(desk.locator("[name=encoding]")).to_have_value("cp1252")
    rows = desk.locator("[data-ch-mapping-order=pressing] tr")
    expect(rows.first).to_contain_text("rejeté")
    expect(rows.filter(has_text="outre-mer")).to_contain_text("Martinique")
    desk.select_option("[name=column-4]", "last_name")
    expect(desk.locator(".ch-steps [aria-current] small")).to_contain_text("4")
    desk.select_option("[name=column-4]", "")
    expect(desk.locator(".ch-steps [aria-current] small")).to_contain_text("3")
    picture(desk, "import")


def prove_and_launch(desk: Page) -> None:
    for name, text in PROOF.items():
        taken = name == "new_list" and desk.locator("[name=contact_list] option", has_text=text).count()
        if taken:
            desk.select_option("[name=contact_list]", label=text)
        else:
            desk.fill(f"[name={name}]", text)
            desk.keyboard.press("Escape")
    desk.check("[name=attested]")
    expect(desk.locator("[data-ch-mapping-part=missing]")).to_have_text("")
    desk.click("[name=action-launch]")
    desk.wait_for_url("**/imports/inspect/*/")


def ended(desk: Page) -> ContactImport:
    wait_until(lambda: not ContactImport.objects.filter(state="running").exists(), "the import to end")
    expect(desk.locator("[data-ch-live-target=fragment]")).to_have_attribute("data-state", "done")
    return ContactImport.objects.latest("pk")


def download(desk: Page) -> str:
    with desk.expect_download() as caught:
        desk.click("form[action*='/refused/'] button")
    found: Download = caught.value
    return Path(found.path()).read_text(encoding="utf-8-sig")


def mend(refused: str, path: Path) -> None:
    """Three of the six: what a spreadsheet had shortened, a landline and a lost zero."""
    for spoiled, number in (("6,12E+08", "0639987150"), ("02 40 12 34 56", "0639987151"), ("639980714", "0639980714")):
        refused = refused.replace(spoiled, number)
    path.write_text(refused, encoding="utf-8")
