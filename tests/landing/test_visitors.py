"""What a page says to whom: two recipients, a stranger, and people who do not want to be known."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.models import TrackingMode, Workspace
from audience.models import Consent, ConsentAct, Contact, Purpose
from landing.models import LandingPage
from landing.services import create_sale_page
from messaging.models import PromoCode, PromoPool
from messaging.services.batches import add_recipients
from shortlinks.queries import numbers_at
from shortlinks.visits import make_visit_token
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_link, make_sender

HOSTILE = '<img src=x onerror="alert(1)">'
PHONES = ("+33639980001", "+33639980002")
NAMES = ("Claire", HOSTILE)


class Mailing:
    """A sale page, and a batch to two people whose link leads to it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        with scope(workspace=workspace):
            self.contacts = [
                make_contact(workspace, phone, first_name=name) for phone, name in zip(PHONES, NAMES, strict=True)
            ]
            pool = PromoPool.objects.create(workspace=workspace, name="Winter")
            for contact in self.contacts:
                code = f"{workspace.slug.upper()}-{contact.pk}X"
                PromoCode.objects.create(workspace=workspace, pool=pool, contact=contact, code=code)
            self.page = self._make_page(pool)
            self.link = make_link(workspace, carries_visit=True)
            self.batch = make_batch(make_sender(make_account(workspace)), "Hello {link}", links={"link": self.link})
            add_recipients(batch=self.batch, contacts=Contact.objects.order_by("pk"), due_at=TUESDAY, now=TUESDAY)

    def _make_page(self, pool: PromoPool) -> LandingPage:
        return create_sale_page(
            workspace=self.workspace,
            title="Sale",
            slug="sale",
            shop_url="https://shop.example/",
            ends_at=TUESDAY,
            pool=pool,
        )

    def address(self, position: int, minutes_ago: int = 0) -> str:
        number = numbers_at(link=self.link, positions=[position])[position]
        now = timezone.now() - timedelta(minutes=minutes_ago)
        return f"{self.page.url}?v={make_visit_token(domain=self.link.domain, number=number, now=now)}"

    def code(self, position: int) -> str:
        return f"{self.workspace.slug.upper()}-{self.contacts[position].pk}X"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def mailing(workspace):
    return Mailing(workspace)


def read(client, address):
    response = client.get(address)
    return response.content.decode(), response["Cache-Control"]


def test_two_recipients_and_a_stranger_never_see_each_other(client, mailing):
    visits = [mailing.address(0), mailing.address(1), mailing.page.url] * 3

    pages = [read(client, address) for address in visits]

    for index, (html, caching) in enumerate(pages):
        who = index % 3
        assert ("Claire, 32" in html, mailing.code(0) in html) == (who == 0, who == 0)
        assert ("&lt;img src=x" in html, mailing.code(1) in html) == (who == 1, who == 1)
        assert ("Welcome, 32" in html) == (who == 2)
        assert caching == ("public, max-age=60" if who == 2 else "private, no-store")


def test_a_hostile_first_name_is_text(client, mailing):
    html, _caching = read(client, mailing.address(1))

    assert HOSTILE not in html
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;, 32" in html


def test_a_personal_page_shows_no_more_than_first_name_and_code(client, mailing):
    with scope(workspace=mailing.workspace):
        Contact.objects.update(last_name="Beaumont", email="claire@example.com", city="Nantes-Sud")

    html, _caching = read(client, mailing.address(0))

    assert [word for word in ("Beaumont", "claire@", "Nantes-Sud", "39980001") if word in html] == []


@pytest.mark.parametrize("token", ["x", "A" * 22, "é" * 22, "", "../../etc"])
def test_a_made_up_token_gets_the_neutral_page(client, mailing, token):
    html, _caching = read(client, f"{mailing.page.url}?v={token}")

    assert "Welcome, 32" in html


def test_an_address_copied_later_is_neutral(client, mailing):
    html, caching = read(client, mailing.address(0, minutes_ago=31))

    assert "Welcome, 32" in html
    assert caching == "private, no-store"


def test_a_token_of_another_workspace_means_nothing_here(client, mailing, other_workspace):
    theirs = Mailing(other_workspace)
    token = theirs.address(0).partition("?")[2]

    html, _caching = read(client, f"{mailing.page.url}?{token}")

    assert "Welcome, 32" in html


def test_a_number_that_nobody_got_is_neutral(client, mailing):
    with scope(workspace=mailing.workspace):
        mailing.batch.messages.all().delete()

    assert "Welcome, 32" in read(client, mailing.address(0))[0]


@pytest.mark.parametrize(
    ("mode", "word", "is_known"),
    [
        (TrackingMode.INDIVIDUAL, None, True),
        (TrackingMode.INDIVIDUAL, ConsentAct.WITHDRAWN, False),
        (TrackingMode.WITH_CONSENT, None, False),
        (TrackingMode.WITH_CONSENT, ConsentAct.GRANTED, True),
        (TrackingMode.AGGREGATE, ConsentAct.GRANTED, False),
    ],
)
def test_who_may_not_be_followed_is_not_greeted(client, mailing, mode, word, is_known):
    mailing.workspace.tracking_mode = mode
    mailing.workspace.save()
    if word:
        with scope(workspace=mailing.workspace):
            Consent.objects.create(
                workspace=mailing.workspace,
                contact=mailing.contacts[0],
                number_hash=b"-",
                purpose=Purpose.TRACKING,
                act=word,
                source="test form",
                occurred_at=TUESDAY,
                recorded_at=TUESDAY,
            )

    assert ("Claire, 32" in read(client, mailing.address(0))[0]) == is_known


def test_a_visit_sets_no_cookie(client, mailing):
    response = client.get(mailing.address(0))

    assert response.cookies == {}
    assert response["Vary"] == "Accept-Encoding"


def test_the_foot_leads_to_ones_own_opt_out_page_or_to_everybodys(client, mailing):
    address = mailing.address(0)

    mine, anyones = read(client, address)[0], read(client, mailing.page.url)[0]

    assert f'href="/stop/lambert/{address.partition("?v=")[2]}/"' in mine
    assert 'href="/stop/lambert/"' in anyones
    assert client.get("/stop/lambert/").status_code == 200


def test_the_foot_says_who_publishes_and_where_a_stop_goes(client, mailing):
    mailing.workspace.legal_name, mailing.workspace.company_number = "Lambert SARL", "732829320"
    mailing.workspace.save()

    html, _caching = read(client, mailing.page.url)

    foot = html[html.index("<footer") :]
    assert "Lambert SARL, SIREN\xa0732\xa0829\xa0320" in foot
    assert f"Send STOP to {mailing.batch.account.stop_number}, or" in foot


def test_the_foot_names_no_number_where_there_are_two(client, mailing):
    with scope(workspace=mailing.workspace):
        make_account(mailing.workspace, name="Other", stop_number="36111")

    assert "Answer STOP to the SMS" in read(client, mailing.page.url)[0]
