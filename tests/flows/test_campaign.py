"""Stories 1 and 2: a campaign from the composer to the phones, and a click from a phone to the report."""

import re
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.models import Workspace
from audience.models import Contact
from campaigns.models import Campaign
from messaging.models import Batch, Message
from shortlinks.models import Click, Device, ShortDomain
from shortlinks.queries import numbers_at
from shortlinks.visits import make_visit_token
from tests.flows.desk import IPHONE, PREVIEWER, Desk, look, soup, words
from tests.installation import Installation, wait_until
from tests.simulator import texts_on

CAMILLE = "+33639980001"
# The demo's list has 180 people; some have said STOP, some never agreed.
FATES = Counter({("delivered", ""): 164, ("suppressed", "opted_out"): 6, ("suppressed", "no_consent"): 10})

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def send_campaign(installation: Installation) -> Campaign:
    with Desk(installation) as desk:
        steps = desk.send_campaign(
            name="Première neige",
            audience="Clientes",
            page="Ventes privées",
            text="{first_name|Bonjour}, l'hiver commence chez nous : {link}",
        )
    campaign = Campaign.objects.get(name="Première neige")
    assert steps == [
        f"/admin/campaigns/edit/{campaign.pk}/",
        f"/admin/campaigns/{campaign.pk}/confirm/",
        f"/admin/reports/campaign/{campaign.pk}/",
    ]
    return campaign


def fates_of(campaign: Campaign) -> Counter[tuple[str, str]]:
    return Counter(Message.objects.filter(batch__campaign=campaign).values_list("state", "reason"))


def test_a_campaign_reaches_the_phones_and_one_tap_is_one_human_click(installation: Installation, demo: Workspace):
    campaign = send_campaign(installation)
    wait_until(lambda: fates_of(campaign) == FATES, lambda: f"reports of all messages: {fates_of(campaign)}")

    campaign.refresh_from_db()
    account, camille = campaign.batch.account, Contact.objects.get(first_name="Camille", last_name="Rousseau")
    message = Message.objects.get(batch=campaign.batch, contact=camille)
    (text,) = [text for text in texts_on(account, CAMILLE) if "hiver commence" in text]
    assert re.fullmatch(rf"Camille, l'hiver commence chez nous : {installation.short_host}/\w{{7}} STOP 36180", text)
    link = "http://" + text.split()[-3]

    follow_the_link(installation, demo, link, message)
    wait_until(lambda: Click.objects.filter(link=campaign.link).count() == 3, "three hits from the journal")
    wait_until(lambda: is_over(campaign), "the campaign to be over")
    read_the_report(installation, campaign)


def is_over(campaign: Campaign) -> bool:
    campaign.refresh_from_db()
    return campaign.state == Campaign.State.SENT and campaign.batch.state == Batch.State.DONE


def follow_the_link(installation: Installation, demo: Workspace, link: str, message: Message) -> None:
    """The operator's previewer and a HEAD look at it; Camille taps it; somebody copies what she sees."""
    for answer in (look(link, PREVIEWER), look(link, IPHONE, "HEAD")):
        assert answer.status_code == 302
    tapped = look(link, IPHONE)
    assert (tapped.status_code, tapped.headers["referrer-policy"]) == (302, "no-referrer")
    address = tapped.headers["location"]
    assert address.startswith(installation.site)

    page = look(address, IPHONE)
    assert "Camille, 32 pieces" in words(soup(page).select_one("main"))
    assert (page.headers["cache-control"], "set-cookie" in page.headers) == ("private, no-store", False)

    bare, token = address.split("?")[0], parse_qs(urlsplit(address).query)["v"][0]
    number = numbers_at(link=message.batch.campaign.link, positions=[message.position])[message.position]
    an_hour_ago = timezone.now() - timedelta(hours=1)
    old_token = make_visit_token(domain=ShortDomain.objects.get(), number=number, now=an_hour_ago)
    assert (len(token), "Camille" in page.text) == (len(old_token), True)
    for later in (bare, f"{bare}?v={old_token}", f"{bare}?v={token[:-1]}"):
        copied = words(soup(look(later, IPHONE)).select_one("main"))
        assert ("Welcome, 32 pieces" in copied, "Camille" in copied) == (True, False)


def read_the_report(installation: Installation, campaign: Campaign) -> None:
    with Desk(installation) as desk:
        report = desk.open(f"/admin/reports/campaign/{campaign.pk}/?only=clicked")

    (row,) = report.select("#recipients tbody tr")
    *_others, device, visits = [words(cell) for cell in row.select("td")]
    assert (words(row.select_one("b")), device, visits) == ("Camille Rousseau", str(Device.IPHONE.label), "1")
    verdicts = Click.objects.filter(link=campaign.link).order_by("clicked_at").values_list("verdict", "reason")
    assert list(verdicts) == [("bot", "preview:whatsapp"), ("bot", "head"), ("human", "browser")]
