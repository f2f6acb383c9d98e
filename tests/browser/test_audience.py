"""From a messy file to a campaign: verdicts, refused lines mended and brought again, a segment, its explained count."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Download, Locator, Page, expect

from accounts.models import Workspace
from audience.models import Contact, ContactImport, Segment
from audience.queries import segment_contacts
from campaigns.models import Campaign
from messaging.queries import explain_audience
from messaging.services.opt_out import opt_out
from tests.browser.conftest import DESK, HAND, Picture, fits
from tests.installation import wait_until

MESSY = Path(__file__).resolve().parents[1] / "files" / "messy.csv"
LIST = "Caisse de novembre"
PROOF = {
    "new_list": LIST,
    "consent_source": "En caisse, formulaire papier",
    "consent_on": "2026-09-01",
    "collected_by": "Équipe Nantes",
    "consent_wording": "J’accepte de recevoir par SMS les offres de Maison Lambert.",
}
# Of the twelve lines of the file.
CAMILLE = "+33639987142"
MENDED = {"6,12E+08": "0639987150", "02 40 12 34 56": "0639987151", "639980714": "0639980714"}
RIGHT_EDGES = """
tree => [...tree.querySelectorAll('select, input, button')].map((one) => one.getBoundingClientRect().right)
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def test_a_messy_file_becomes_people_a_segment_with_an_explained_count_and_an_audience(
    demo: Workspace, desk: Page, picture: Picture, tmp_path_factory: pytest.TempPathFactory
):
    opt_out(workspace=demo, phone=CAMILLE, scope="marketing", source="STOP", now=timezone.now())
    before = Contact.objects.count()

    upload(desk, MESSY)
    see_verdicts(desk, picture)
    prove_and_launch(desk)
    first = ended(desk)
    # Not in the installation's home, in which no number may lie open.
    refused = tmp_path_factory.mktemp("mended") / "refused.csv"
    mend(download(desk), refused)
    second = bring_without_proof_in_a_hand(desk, refused)
    assert (first.added, first.duplicates, first.rejected, first.opted_out, first.consented) == (5, 1, 6, 1, 4)
    assert (second.added, second.rejected, second.consented) == (3, 3, 0)
    assert Contact.objects.count() == before + 8

    build(desk)
    # Eight came in, Maëva lives in Martinique; Camille had said STOP, and three were brought without proof.
    told = desk.locator("[data-ch-rules-target=result]")
    expect(told.locator(".ch-aud__big")).to_have_text("7 contacts correspondent")
    expect(told.locator(".ch-legend b")).to_have_text(["3", "1", "3"])
    expect(told.locator(".ch-legend b + span")).to_have_text(
        ["peuvent recevoir un message maintenant", "a dit STOP", "sans preuve d’accord"]
    )
    picture(desk, "segment")
    desk.keyboard.press("Control+s")
    desk.wait_for_url("**/segments/edit/*/")
    segment = Segment.objects.get()
    people = segment_contacts(segment, segment.counted_at)
    assert segment.counted == people.count() == 7
    assert explain_audience(people, now=segment.counted_at).writable == 3

    choose_in_composer(desk, segment)
    fits_in_a_hand(desk, segment)


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
    expect(rows.filter(has_text="STOP")).to_contain_text("Camille")
    desk.select_option("[name=column-4]", "last_name")
    expect(desk.locator(".ch-steps [aria-current] small")).to_contain_text("4")
    desk.select_option("[name=column-4]", "")
    expect(desk.locator(".ch-steps [aria-current] small")).to_contain_text("3")
    picture(desk, "import")


def prove_and_launch(desk: Page) -> None:
    for name, text in PROOF.items():
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
    for spoiled, number in MENDED.items():
        refused = refused.replace(spoiled, number)
    path.write_text(refused, encoding="utf-8")


def bring_without_proof_in_a_hand(desk: Page, path: Path) -> ContactImport:
    desk.set_viewport_size(HAND)
    upload(desk, path)
    fits(desk)
    desk.select_option("[name=contact_list]", label=LIST)
    desk.click("[name=action-bare]")
    desk.wait_for_url("**/imports/inspect/*/")
    done = ended(desk)
    fits(desk)
    desk.set_viewport_size(DESK)
    return done


def build(desk: Page) -> None:
    """With the keyboard where it matters: adding moves the focus, removing leaves it in the group."""
    desk.goto("/admin/audience/segments/new/")
    desk.fill("[name=name]", "Nantes et alentours")
    row = desk.locator("[data-rule]").first
    row.locator("[data-about]").select_option("department")
    row.locator("[data-input]").fill("44")
    expect(desk.locator(".ch-told")).to_contain_text("Loire-Atlantique (44)")

    desk.get_by_role("button", name="Ajouter un groupe").press("Enter")
    expect(about(desk).last).to_be_focused()
    about(desk).last.select_option("opted_out")
    desk.get_by_role("button", name="Ajouter une condition").first.press("Enter")
    about(desk).last.select_option("consent")
    desk.get_by_role("button", name="Retirer cette condition").nth(1).press("Enter")
    expect(about(desk).last).to_be_focused()
    desk.get_by_role("button", name="Retirer ce groupe").press("Enter")
    expect(about(desk)).to_have_count(1)
    expect(about(desk).first).to_be_focused()

    desk.get_by_role("button", name="Ajouter une condition").first.press("Enter")
    about(desk).last.select_option("list")
    desk.locator("[data-rule]").last.locator("[data-input]").select_option(label=LIST)
    expect(desk.locator(".ch-told")).to_contain_text(LIST)
    expect(desk.locator("[data-ch-rules-target=result]")).to_have_attribute("aria-busy", "false")


def about(desk: Page) -> Locator:
    return desk.locator("[data-about]")


def choose_in_composer(desk: Page, segment: Segment) -> None:
    campaign = Campaign.objects.get(state=Campaign.State.DRAFT)
    desk.goto(f"/admin/campaigns/edit/{campaign.pk}/")
    desk.select_option("[name=audience]", f"segment:{segment.pk}")
    expect(desk.locator("#audience .ch-aud__big b")).to_have_text("3")
    expect(desk.locator("#audience")).to_contain_text("au moment du départ")
    desk.click("[name=action-save]")
    desk.wait_for_load_state("networkidle")
    campaign.refresh_from_db()
    assert (campaign.segment, campaign.contact_list) == (segment, None)


def fits_in_a_hand(desk: Page, segment: Segment) -> None:
    desk.set_viewport_size(HAND)
    desk.goto(f"/admin/audience/segments/edit/{segment.pk}/")
    desk.get_by_role("button", name="Ajouter un groupe").click()
    about(desk).last.select_option("birthday")
    fits(desk)
    edges = desk.locator("[data-ch-rules-target=tree]").evaluate(RIGHT_EDGES)
    assert max(edges) <= HAND["width"]
