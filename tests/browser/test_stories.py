"""Stories 1 and 2 in a real browser: log in, compose, send, read on the simulated phone, tap, land, see who clicked."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Workspace
from campaigns.models import Campaign
from messaging.models import Message
from shortlinks.models import Click, Device
from tests.browser.conftest import HAND, SLOW_MACHINE_MS, Picture, fits
from tests.browser.watch import Watch
from tests.flows.desk import IPHONE
from tests.installation import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def phone(chromium: Browser, watch: Watch) -> Page:
    """Camille's own phone."""
    context: BrowserContext = watch.follow(
        chromium.new_context(
            viewport=HAND, locale="fr-FR", is_mobile=True, has_touch=True, user_agent=IPHONE["user-agent"]
        )
    )
    context.set_default_timeout(SLOW_MACHINE_MS)
    return context.new_page()


def test_from_log_in_to_the_human_click(demo: Workspace, desk: Page, phone: Page, picture: Picture):
    picture(desk, "home")
    campaign = Campaign.objects.get(state=Campaign.State.DRAFT)

    compose_and_send(desk, campaign, picture)
    wait_until(lambda: is_delivered(campaign), "the last delivery report")
    link = read_on_the_phone(desk, picture)
    land(phone, link, picture)
    wait_until(lambda: Click.objects.filter(link__campaigns=campaign).exists(), "the click to land")

    see_who_clicked(desk, campaign)
    past = Campaign.objects.exclude(pk=campaign.pk).get()
    desk.goto(f"/admin/reports/campaign/{past.pk}/")
    picture(desk, "report")
    fits_in_a_hand(desk)


def compose_and_send(desk: Page, campaign: Campaign, picture: Picture) -> None:
    desk.goto("/admin/campaigns/")
    desk.get_by_role("link", name=campaign.name).first.click()
    text, units = desk.locator("[name=text]"), desk.locator("[data-ch-composer-target=units]")
    before = int(units.inner_text())
    text.press("Control+End")
    text.press_sequentially(" !")
    expect(units).to_have_text(str(before + 2))
    text.press("Backspace")
    text.press("Backspace")
    expect(units).to_have_text(str(before))
    expect(desk.locator("#w-editor-form")).not_to_have_attribute("aria-busy", "true", timeout=SLOW_MACHINE_MS)
    look_at_their_phones(desk)
    put_in_a_field(desk)
    fall_into_a_trap_and_mend_it(desk)
    write_in_two_windows(desk, campaign)
    desk.mouse.move(0, 0)
    picture(desk, "composer")

    desk.click("[name=action-send]")
    desk.wait_for_url("**/confirm/")
    desk.click(".ch-card form [type=submit]")
    desk.wait_for_url(f"**/admin/reports/campaign/{campaign.pk}/")
    watch_it_leave(desk)


def look_at_their_phones(desk: Page) -> None:
    """The worst reader first, the others by arrow keys, and the page behind the link; no number lies open."""
    who = desk.locator("[data-ch-composer-target=who]")
    expect(who).to_contain_text("Pire cas")
    desk.get_by_label("Destinataire suivant").press("ArrowRight")
    expect(who).to_contain_text("2 / 9")
    expect(who).to_contain_text("+33 6 •• •• ••")
    desk.get_by_role("button", name="Page", exact=True).click()
    expect(desk.frame_locator(".ch-lp iframe").locator("main")).to_contain_text("Camille, 32 pièces")
    desk.click("[data-action='ch-composer#worst']")
    expect(who).to_contain_text("1 / 9")


def put_in_a_field(desk: Page) -> None:
    text = desk.locator("[name=text]")
    written = text.input_value()
    text.press("Control+End")
    desk.locator(".ch-fields").get_by_role("button", name="Ville").click()
    desk.fill("#ch-fallback", "chez {vous}")
    desk.press("#ch-fallback", "Enter")
    expect(text).to_have_value(written + "{city|chez vous}")
    text.fill(written)


def fall_into_a_trap_and_mend_it(desk: Page) -> None:
    """A curly apostrophe and an emoji: named, priced, taken back by one button; then the report card is content
    with all but the page, which leads to a shop of fiction."""
    text, alphabet = desk.locator("[name=text]"), desk.locator("[data-ch-composer-target=alphabet]")
    written = text.input_value()
    text.fill("Nos soldes d’hiver commencent, -40 % : {link} 🎉")
    expect(alphabet).to_have_text("Unicode")
    expect(desk.locator(".ch-field__mirror mark.bad")).to_have_text(["’", "🎉"])
    mend = desk.locator("[data-ch-composer-part=fix] button")
    expect(mend).to_be_visible(timeout=SLOW_MACHINE_MS)
    expect(desk.locator("[data-ch-composer-part=fix] del").first).to_contain_text("d’hiver")
    mend.click()
    expect(text).to_have_value("Nos soldes d'hiver commencent, -40 % : {link}")
    expect(desk.locator("#check :is(.warn, .stop)")).to_have_count(1, timeout=SLOW_MACHINE_MS)
    expect(desk.locator("#check .warn")).to_contain_text("n’est qu’un exemple : https://maison-lambert.example/")
    text.fill("«Soldes»")
    expect(desk.locator("[data-ch-composer-part=fix] ins")).to_have_text('"Soldes"', timeout=SLOW_MACHINE_MS)
    mend.click()
    expect(text).to_have_value('"Soldes"')
    text.fill(written)
    expect(desk.locator("#w-editor-form")).not_to_have_attribute("aria-busy", "true", timeout=SLOW_MACHINE_MS)


def write_in_two_windows(desk: Page, campaign: Campaign) -> None:
    """What is typed is kept by itself; a second window keeps its text, and the first one overwrites nothing."""
    text, saved = desk.locator("[name=text]"), desk.locator("#ch-saved")
    first = text.input_value()
    text.press("Control+End")
    text.press_sequentially(" ?")
    written = f"{first} ?"
    expect(saved).to_contain_text("Enregistré à", timeout=SLOW_MACHINE_MS)
    wait_until(lambda: Campaign.objects.get(pk=campaign.pk).text == written, "the draft that was typed")
    desk.fill("[name=per_hour]", "0")
    expect(desk.locator("[data-ch-autosave-target=why]")).to_contain_text("sauf", timeout=SLOW_MACHINE_MS)
    desk.fill("[name=per_hour]", "")
    expect(desk.locator("[data-ch-autosave-target=trouble]")).to_be_hidden(timeout=SLOW_MACHINE_MS)
    other = desk.context.new_page()
    other.goto(desk.url)
    other.locator("[name=text]").press("Control+End")
    other.locator("[name=text]").press_sequentially(" Vite")
    wait_until(lambda: Campaign.objects.get(pk=campaign.pk).text == f"{written} Vite", "the other window's draft")
    other.close()

    text.press("Control+End")
    text.press_sequentially(" !")
    expect(saved).to_have_text("Non enregistré", timeout=SLOW_MACHINE_MS)
    expect(desk.locator("[data-ch-autosave-target=why]")).to_contain_text("rien n’a été écrasé")
    desk.click("[name=action-save]")
    expect(text).to_have_value(f"{written} !")
    text.fill(first)
    desk.click("button[name=version]")
    wait_until(lambda: Campaign.objects.get(pk=campaign.pk).text == first, "the draft that was chosen")
    expect(desk.locator("#w-editor-form")).not_to_have_attribute("aria-busy", "true", timeout=SLOW_MACHINE_MS)


def watch_it_leave(desk: Page) -> None:
    """The report counts by itself, without a new page, until all of it has arrived."""
    desk.evaluate("window.stayed = true")
    fragment = desk.locator("[data-ch-live-target=fragment]", has=desk.locator(".ch-kpi"))
    # The state follows the messages after some seconds, and these figures with them.
    expect(fragment).to_have_attribute("data-state", Campaign.State.SENT, timeout=2 * SLOW_MACHINE_MS)
    expect(fragment.locator(".ch-kpi").first).to_contain_text("164", timeout=SLOW_MACHINE_MS)
    assert desk.evaluate("window.stayed")


def is_delivered(campaign: Campaign) -> bool:
    messages = Message.objects.filter(batch__campaign=campaign)
    return messages.exists() and not messages.exclude(state__in=["delivered", "suppressed"]).exists()


def read_on_the_phone(desk: Page, picture: Picture) -> str:
    """Camille's thread on the simulator; the address that her new message carries."""
    desk.goto("/admin/simulator/")
    desk.fill("[name=words]", "Camille Rousseau")
    desk.press("[name=words]", "Enter")
    desk.wait_for_url("**/simulator/?message=*")
    bubble = desk.locator(".ch-sim section").first.locator(".ch-bub--sel")
    expect(bubble).to_contain_text("Bonjour Camille")
    picture(desk, "phone")
    return bubble.locator("a").get_attribute("href") or ""


def land(phone: Page, link: str, picture: Picture) -> None:
    with phone.expect_request(lambda request: "/seen/" in request.url and request.method == "POST"):
        phone.goto(link)
    expect(phone.locator("main")).to_contain_text("Camille, 32 pièces")
    phone.wait_for_load_state("networkidle")
    picture(phone, "landing-phone", has_photo=True)
    fits(phone)
    assert phone.context.cookies() == []

    phone.goto(phone.url.split("?")[0])
    expect(phone.locator("main")).to_contain_text("Bienvenue, 32 pièces")


def see_who_clicked(desk: Page, campaign: Campaign) -> None:
    desk.goto(f"/admin/reports/campaign/{campaign.pk}/?only=clicked")
    row = desk.locator("#recipients tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Camille Rousseau")
    expect(row).to_contain_text(str(Device.IPHONE.label))


def fits_in_a_hand(desk: Page) -> None:
    """The report on a phone: nothing hangs over the edge."""
    desk.set_viewport_size(HAND)
    desk.reload()
    expect(desk.locator("#recipients")).to_be_visible()
    fits(desk)
