"""Story 4: whoever says STOP is left alone, from the next message on; what they ordered they still hear about."""

from urllib.parse import urlsplit

import httpx
import pytest
from django.core.management import call_command

from accounts.models import Workspace
from audience.models import Consent, ConsentAct, Contact, ContactImport, OptOut, OptOutScope
from campaigns.models import Campaign
from chappe.demo.load import SAID_NO
from chappe.demo.people import phone_of
from integrations.models import GatewayAccount
from integrations.simulator import bulk
from messaging.models import Message
from tests.flows.desk import IPHONE, Desk, look, soup
from tests.flows.test_shop import ORDERS, PAYLOADS
from tests.installation import Installation, wait_until
from tests.simulator import texts_on

CUSTOMERS = 60
ALINE, BRUNO, CHLOE = (f"+336399806{number}" for number in (58, 59, 60))
State = Message.State

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_whoever_says_stop_is_left_alone_at_once(installation: Installation, demo: Workspace):
    account = GatewayAccount.objects.get()
    with Desk(installation) as desk:
        bring_in_contacts(desk)
        first = send(desk, "Premier marché")
        wait_until(lambda: is_settled(first), "the first campaign")
        assert fate(first, phone_of(SAID_NO[0])) == ("suppressed", "opted_out")

        GatewayAccount.objects.update(rate_per_second=1)
        second = send(desk, "Second marché")
        wait_until(lambda: Message.objects.filter(batch__campaign=second).exists(), "the second campaign's messages")
        desk.open(f"/admin/reports/campaign/{second.pk}/")
        desk.submit('form[action$="/pause/"]')
        assert [fate(second, phone)[0] for phone in (ALINE, BRUNO, CHLOE)] == ["queued"] * 3

        answer_stop(desk, account)
        press_stop(installation, account)
        GatewayAccount.objects.update(rate_per_second=50)
        desk.open(f"/admin/reports/campaign/{second.pk}/")
        desk.submit('form[action$="/resume/"]')
        wait_until(lambda: is_settled(second), "the second campaign")

    fates = [fate(second, phone) for phone in (ALINE, BRUNO, CHLOE)]
    assert fates == [("suppressed", "opted_out"), ("suppressed", "opted_out"), ("delivered", "")]
    hear_of_an_order(account)


def bring_in_contacts(desk: Desk) -> None:
    """Sixty new ones, one who has said no long ago, and a line that is none."""
    lines = [f"0639980{600 + number};Cliente {number}" for number in range(1, CUSTOMERS + 1)]
    no_longer = "0" + phone_of(SAID_NO[0]).removeprefix("+33")
    rows = "\n".join(["mobile;prénom", *lines, f"{no_longer};Camille", "0142685300;Fixe"])
    desk.open("/admin/audience/imports/new/")
    address = desk.submit(
        'form[enctype="multipart/form-data"]',
        files={"file": ("marche.csv", rows.encode())},
    )
    desk.open(urlsplit(address).path)
    address = desk.submit(
        "form#plan",
        **{"action-launch": "1"},
        new_list="Marché de Noël",
        consent_source="Bulletin du marché",
        consent_on="2026-01-15",
        consent_wording="J'accepte de recevoir les offres par SMS.",
        collected_by="Claire",
        attested="on",
    )
    wait_until(lambda: ContactImport.objects.get().state == ContactImport.State.DONE, "the import")
    came = ContactImport.objects.get()
    assert (came.added, came.known, came.rejected) == (CUSTOMERS, 1, 1)
    (reason,) = desk.open(urlsplit(address).path).select("table tbody tr")
    assert reason.select("td")[-1].text == "1"


def send(desk: Desk, name: str) -> Campaign:
    desk.send_campaign(name=name, audience="Marché de Noël", page="Ventes privées", text=f"{name} : {{link}}")
    return Campaign.objects.get(name=name)


def is_settled(campaign: Campaign) -> bool:
    states = set(Message.objects.filter(batch__campaign=campaign).values_list("state", flat=True))
    return bool(states) and states <= {State.DELIVERED, State.SUPPRESSED}


def fate(campaign: Campaign, phone: str) -> tuple[str, str]:
    message = Message.objects.get(batch__campaign=campaign, contact=contact_with(phone))
    return message.state, message.reason


def contact_with(phone: str) -> Contact:
    return next(
        contact for contact in Contact.objects.filter(phone_hint__endswith=phone[-2:]) if contact.phone == phone
    )


def answer_stop(desk: Desk, account: GatewayAccount) -> None:
    """Aline answers STOP on her phone: the operator tells us through the webhook, and she is told that it counts."""
    last = bulk.newest_on([str(account.public_id)], [ALINE])
    desk.open(f"/admin/simulator/?message={last.provider_id}")
    desk.submit("form.ch-reply", text="Stop")
    wait_until(lambda: len(texts_on(account, ALINE)) == 2, "the confirmation on Aline's phone")
    assert words_of_no(ALINE) == [("withdrawn", "SMS")]


def press_stop(installation: Installation, account: GatewayAccount) -> None:
    """Bruno follows his link to the opt-out page. Looking at it changes nothing; pressing twice is one no."""
    (text,) = texts_on(account, BRUNO)
    link = next(word for word in text.split() if word.startswith(installation.short_host))
    led = look(f"http://{link}/s", IPHONE)
    assert (led.status_code, urlsplit(led.headers["location"]).path.split("/")[1]) == (302, "stop")
    address = led.headers["location"]
    for _scanner in range(2):
        assert soup(look(address, IPHONE)).select_one('form[method="post"] button')
    assert words_of_no(BRUNO) == []

    for _tap in range(2):
        done = httpx.post(address, headers=IPHONE, timeout=60)
        assert (done.status_code, urlsplit(done.headers["location"]).path) == (302, "/stop/maison-lambert/done/")
    assert words_of_no(BRUNO) == [("withdrawn", "opt-out page")]


def words_of_no(phone: str) -> list[tuple[str, str]]:
    """The ledger's rows, each with its projection that the gate reads."""
    contact = contact_with(phone)
    refused = OptOut.objects.filter(contact=contact, scope=OptOutScope.MARKETING)
    rows = Consent.objects.filter(contact=contact, act=ConsentAct.WITHDRAWN).values_list("act", "source")
    assert refused.count() == len(rows)
    return list(rows)


def hear_of_an_order(account: GatewayAccount) -> None:
    """Aline buys something: that message still comes."""
    call_command("replay_webhook", "prestashop", str(PAYLOADS / ORDERS["prestashop"][0]), "--fresh", "--phone", ALINE)
    wait_until(lambda: len(texts_on(account, ALINE)) == 3, "the message about Aline's order")
    advertised, confirmed, ordered = texts_on(account, ALINE)
    assert "Premier marché" in advertised
    assert "Maison Lambert SARL" in confirmed
    assert "Boutique PrestaShop" in ordered
    assert len(texts_on(account, BRUNO)) == 1
