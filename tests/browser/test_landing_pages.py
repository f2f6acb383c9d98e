"""A page from a template to what it is for: made, published, opened by code and without, tapped, answered, agreed to.

Visitors come with scripts and without. Those with scripts have a browser that sends no `ping`, as Firefox does not: so
a tap reaches us by beacon alone, and from the others by `ping` alone.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import Workspace
from audience.models import Consent, ConsentAct, Contact, Purpose
from audience.phone import parse_mobile
from audience.queries import contact_of, has_consent, settings_of
from integrations.models import GatewayAccount
from landing.models import Conversion, LandingPage
from landing.queries import public_url
from messaging.models import PromoPool, Sender
from messaging.services.batches import add_recipients, create_batch
from messaging.services.promo import add_codes, assign_code
from shortlinks.models import ShortLink
from shortlinks.queries import short_url
from shortlinks.services import create_tracked_link
from tests.browser.conftest import ARGUMENTS, HAND, SLOW_MACHINE_MS, fits
from tests.browser.watch import Watch
from tests.flows.desk import IPHONE
from tests.installation import wait_until
from tests.simulator import texts_on

# Somebody to whom Camille showed the page, and somebody else.
FRIEND, NEIGHBOUR = "06 39 98 09 01", "06 39 98 09 02"
CODES = ["CAMI-7K2M", "PAUL-9X4T"]
WORDING = "J’accepte de recevoir les offres de Maison Lambert par SMS. Je peux répondre STOP à tout moment."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, watch: Watch) -> Iterator[Opened]:
    """A phone of its own for each visitor. Where a tap leads out of the house, nobody goes."""
    watch.allowed += ("https://www.example.com/", "https://www.google.com/maps/dir/", "tel:")
    quiet = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=[*ARGUMENTS, "--no-pings"])

    def open_phone(*, has_scripts: bool = True) -> Page:
        context = (quiet if has_scripts else chromium).new_context(
            viewport=HAND, locale="fr-FR", user_agent=IPHONE["user-agent"], java_script_enabled=has_scripts
        )
        context.route("https://**", lambda route: route.fulfill(body="Somewhere else"))
        watch.follow(context).set_default_timeout(SLOW_MACHINE_MS)
        return context.new_page()

    yield open_phone
    quiet.close()


@dataclass(frozen=True)
class Mailing:
    """A page, and the link that Camille and a second customer were sent."""

    page: LandingPage
    link: ShortLink
    contacts: tuple[Contact, ...]

    def address(self, position: int) -> str:
        return f"http://{short_url(link=self.link, position=position)}"

    def goals(self, position: int) -> set[str]:
        reached = Conversion.objects.filter(page=self.page, link=self.link, position=position)
        return set(reached.filter(contact=self.contacts[position]).values_list("goal", flat=True))


def test_a_page_from_a_template_is_published_opened_tapped_answered_and_agreed_to(
    demo: Workspace, desk: Page, opened: Opened, watch: Watch
):
    give_codes(demo)
    settings = settings_of(demo)
    settings.double_opt_in = True
    settings.save()

    mailing = mail(demo, make_and_publish(desk))
    visit(opened(), mailing, 0, {"button", "directions", "code", "call"})
    visit(opened(has_scripts=False), mailing, 1, {"button", "directions", "call"})

    asked = sign_up(opened(), mailing.page, FRIEND)
    confirm_on_the_page(opened(), asked)
    asked = sign_up(opened(has_scripts=False), mailing.page, NEIGHBOUR, watch=watch)
    confirm_by_sms(desk, asked)


def give_codes(workspace: Workspace) -> None:
    """Of their own: the template takes the latest."""
    pool = PromoPool.objects.create(workspace=workspace, name="Anniversaires")
    add_codes(pool=pool, codes=CODES)
    for contact in two_customers():
        assign_code(pool=pool, contact=contact, now=timezone.now())


def two_customers() -> tuple[Contact, ...]:
    return tuple(Contact.objects.filter(has_agreed=True).order_by("pk")[:2])


def make_and_publish(desk: Page) -> LandingPage:
    """One click in the gallery, one sentence in the editor, published."""
    desk.goto("/admin/landing/new/")
    desk.click("form[action$='/trade/hair/'] button")
    desk.wait_for_url("**/edit/")
    desk.fill("[name=hero-0-value-title]", "Joyeuse fête {first_name|à vous}")
    desk.get_by_role("button", name="Plus d'actions").click()
    desk.click("[name=action-publish]")
    slug = "cadeau-danniversaire"
    wait_until(lambda: LandingPage.objects.live().filter(slug=slug).exists(), "the page to be live")
    return LandingPage.objects.get(slug=slug)


def mail(workspace: Workspace, page: LandingPage) -> Mailing:
    now, contacts = timezone.now(), two_customers()
    link = create_tracked_link(workspace=workspace, label="Cadeau", target_url=public_url(page), carries_visit=True)
    batch = create_batch(
        workspace=workspace,
        name="Anniversaires",
        purpose="marketing",
        text="Votre cadeau : {link}",
        sender=Sender.objects.get(),
        links={"link": link},
        now=now,
    )
    people = Contact.objects.filter(pk__in=[contact.pk for contact in contacts])
    add_recipients(batch=batch, contacts=people.order_by("pk"), due_at=now, now=now)
    return Mailing(page, link, contacts)


def visit(phone: Page, mailing: Mailing, position: int, goals: set[str]) -> None:
    """The link shows a page of one's own, and what is tapped counts for it; a copied address is nobody's."""
    phone.goto(mailing.address(position))
    expect(phone.locator("h1")).to_have_text(f"Joyeuse fête {mailing.contacts[position].first_name}")
    expect(phone.locator("code.code")).to_have_text(CODES[position])
    assert phone.context.cookies() == []
    fits(phone)

    neutral = phone.context.new_page()
    neutral.goto(phone.url.split("?")[0])
    expect(neutral.locator("h1")).to_have_text("Joyeuse fête à vous")
    expect(neutral.locator("code.code")).to_have_count(0)

    # The call comes last: no phone is there to take it, and the page waits for one.
    for selector in ("code.code", "a.map", ".pick a", ".dock a.sq"):
        phone.goto(mailing.address(position))
        target = phone.locator(selector).first
        # With scripts, a code is a button for keyboards too.
        target.press("Enter") if target.get_attribute("role") == "button" else target.click()
    wait_until(lambda: mailing.goals(position) == goals, lambda: f"{goals}, only {mailing.goals(position)} came")


def sign_up(phone: Page, page: LandingPage, number: str, *, watch: Watch | None = None) -> Contact:
    """Somebody to whom the page was shown leaves a number and ticks the box; they are asked on that very phone."""
    phone.goto(public_url(page))
    form = phone.locator("form.form")
    if watch:
        see_what_is_wrong(phone, form, watch)
    write(form, number)
    form.get_by_role("button").dblclick()
    expect(phone.get_by_role("status")).to_have_text(
        "Merci, nous vous rappelons dans la journée. Si un SMS vous demande de confirmer, un geste suffit."
    )
    expect(phone.get_by_role("status")).to_be_focused()
    asked = contact_of(workspace=page.workspace, phone=parse_mobile(number, "FR").e164)
    assert asked is not None
    assert said_by(asked) == [(ConsentAct.REQUESTED, WORDING)]
    return asked


def see_what_is_wrong(phone: Page, form: Locator, watch: Watch) -> None:
    """The error stands beside its field, and nothing that was written is lost."""
    write(form, "01 40 00 00 00")
    form.get_by_role("button").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    field = phone.get_by_label("Numéro de mobile")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(phone.locator(f"[id='{field.get_attribute('aria-describedby')}']")).to_be_visible()
    expect(phone.get_by_label("Prénom")).to_have_value("Sacha")
    expect(phone.get_by_label(WORDING)).to_be_checked()
    fits(phone)
    watch.forgive("422")


def write(form: Locator, number: str) -> None:
    form.get_by_label("Prénom").fill("Sacha")
    form.get_by_label("Numéro de mobile").fill(number)
    form.get_by_label("Quand êtes-vous disponible ?").fill("Le jeudi")
    form.get_by_label(WORDING).check()


def said_by(contact: Contact) -> list[tuple[str, str]]:
    return list(Consent.objects.filter(contact=contact).order_by("pk").values_list("act", "wording"))


def text_to(contact: Contact) -> str:
    """The one SMS on their phone."""
    account = GatewayAccount.objects.get()
    wait_until(lambda: texts_on(account, contact.phone), "the question on their phone")
    (text,) = texts_on(account, contact.phone)
    return text


def confirm_on_the_page(phone: Page, asked: Contact) -> None:
    found = re.search(r"http\S+", text_to(asked))
    assert found is not None
    phone.goto(found[0])
    expect(phone.locator("blockquote")).to_have_text(WORDING)
    assert not has_consent(contact=asked, purpose=Purpose.MARKETING)
    phone.get_by_role("button").click()
    expect(phone.locator("h1")).to_have_text("Merci, c’est confirmé")
    is_confirmed(asked)


def confirm_by_sms(desk: Page, asked: Contact) -> None:
    assert "répondez OUI" in text_to(asked)
    desk.goto("/admin/simulator/")
    desk.fill("[name=words]", asked.phone)
    desk.press("[name=words]", "Enter")
    desk.wait_for_url("**/simulator/?message=*")
    reply = desk.locator("form.ch-reply").first
    reply.locator("[name=text]").fill("Oui")
    reply.get_by_role("button").click()
    wait_until(lambda: has_consent(contact=asked, purpose=Purpose.MARKETING), "the yes")
    is_confirmed(asked)


def is_confirmed(asked: Contact) -> None:
    assert said_by(asked) == [(ConsentAct.REQUESTED, WORDING), (ConsentAct.CONFIRMED, WORDING)]
    assert has_consent(contact=asked, purpose=Purpose.MARKETING)
