"""A segment is built with the rule builder, its count is explained, and a campaign is written to it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Workspace
from audience.models import Contact, Segment
from audience.queries import segment_contacts
from campaigns.models import Campaign
from messaging.queries import explain_audience
from tests.browser.conftest import HAND, Picture, fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

RIGHT_EDGES = """
tree => [...tree.querySelectorAll('select, input, button')].map((one) => one.getBoundingClientRect().right)
"""


def test_a_segment_is_built_explained_and_written_to(demo: Workspace, desk: Page, picture: Picture):
    build(desk)
    picture(desk, "segment")
    desk.keyboard.press("Control+s")
    desk.wait_for_url("**/segments/edit/*/")

    segment = Segment.objects.get()
    people = segment_contacts(segment, segment.counted_at)
    told = explain_audience(people, now=segment.counted_at)
    assert (segment.counted, told.total) == (people.count(), people.count())
    assert 0 < told.writable < told.total < Contact.objects.count()
    result = desk.locator("[data-ch-rules-target=result]")
    for count in (told.total, told.writable, *(part.contacts for part in told.parts)):
        expect(result.get_by_text(re.compile(rf"^{count}$")).first).to_be_visible()

    choose_in_composer(desk, segment, told.writable)
    fits_in_a_hand(desk, segment)


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
    expect(desk.locator("[data-ch-rules-target=result]")).to_have_attribute("aria-busy", "false")


def about(desk: Page) -> Locator:
    return desk.locator("[data-about]")


def choose_in_composer(desk: Page, segment: Segment, writable: int) -> None:
    campaign = Campaign.objects.get(state=Campaign.State.DRAFT)
    desk.goto(f"/admin/campaigns/edit/{campaign.pk}/")
    desk.select_option("[name=audience]", f"segment:{segment.pk}")
    expect(desk.locator("#audience .ch-aud__big b")).to_have_text(str(writable))
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
