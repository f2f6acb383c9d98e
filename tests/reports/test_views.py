import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.models import Role
from audience.models import AuditEntry
from campaigns.models import Campaign
from campaigns.registry import report_url
from messaging.models import Message, PromoPool
from messaging.services.promo import add_codes, assign_codes
from tests.factories import TUESDAY, make_contact, make_member
from tests.reports.rows import make_campaign, make_click, make_message

State = Message.State


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


@pytest.fixture
def english_client(owner_client):
    owner_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return owner_client


def url_of(campaign: Campaign, ending: str = "") -> str:
    return f"/admin/reports/campaign/{campaign.pk}/{ending}"


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_report_shows_who_clicked_when_and_on_what(english_client, campaign):
    make_message(campaign, 0, contact=make_contact(campaign.workspace, "+33639980042", last_name="Rousseau"))
    make_click(campaign, 0, seconds=60, device="iphone")

    page = text_of(english_client.get(url_of(campaign)))

    assert "Camille Rousseau" in page
    assert "+33 6 •• •• •• 42" in page
    assert "+33639980042" not in page
    assert "iPhone" in page
    assert "1 of 1 delivered" in page


def test_report_of_a_campaign_that_has_not_left_shows_dashes_with_reasons(english_client, workspace):
    campaign = make_campaign(workspace, state=Campaign.State.SCHEDULED, sent_at=None)

    page = text_of(english_client.get(url_of(campaign)))

    assert '<dd class="v ch-meta">–</dd> <dd>nothing accepted yet</dd>' in page
    assert "Nobody has opened the link yet." in page


def test_report_leads_to_the_page_of_its_link(english_client, workspace):
    with_link, without = make_campaign(workspace), make_campaign(workspace, link=False)

    pages = [text_of(english_client.get(url_of(campaign))) for campaign in (with_link, without)]

    assert [f'href="/admin/links/{with_link.link_id}/"' in page for page in pages] == [True, False]


def test_draft_without_a_batch_has_a_report_too(english_client, workspace):
    campaign = make_campaign(workspace, state=Campaign.State.DRAFT, sent_at=None)
    campaign.batch = campaign.link = None
    campaign.save()

    page = text_of(english_client.get(url_of(campaign)))

    assert "The recipients appear here as soon as the campaign starts." in page


def test_filter_and_page_choose_the_rows(english_client, campaign):
    for position in range(30):
        make_message(
            campaign, position, state=State.SUPPRESSED if position < 2 else State.DELIVERED, reason="opted_out"
        )

    everybody = english_client.get(url_of(campaign) + "?p=2")
    not_sent = english_client.get(url_of(campaign) + "?only=not_sent")
    nonsense = english_client.get(url_of(campaign) + "?only=password&p=many")

    assert [len(response.context["recipients"]) for response in (everybody, not_sent, nonsense)] == [5, 2, 25]
    assert "contact erased" in text_of(everybody)


@pytest.mark.parametrize(
    ("shared_code", "said"),
    [("", ["2</b>", "codes handed out", "1 left"]), ("HIVER40", ["1</b>", "message with HIVER40"])],
)
def test_report_shows_the_promo_code_that_went_out(english_client, workspace, shared_code, said):
    campaign = make_campaign(workspace)
    with scope(workspace=workspace):
        pool = PromoPool.objects.create(workspace=workspace, name="Winter codes", shared_code=shared_code)
        add_codes(pool=pool, codes=["A1", "B2", "C3"])
        people = [make_contact(workspace, f"+3363998000{at}") for at in range(2)]
        assign_codes(pool=pool, contact_ids=[person.pk for person in people], now=TUESDAY)
        type(campaign.batch).objects.update(promo_pool=pool, text="Your code: {code}")
        for at, state in enumerate(["delivered", "suppressed"]):
            make_message(campaign, at, state=state, contact=people[at])

    page = english_client.get(url_of(campaign)).text

    card = page[page.index("h-offer") :].partition("</section>")[0]
    assert [words for words in ["Winter codes", *said] if words not in card] == []


def test_report_of_a_text_without_a_code_shows_none(english_client, campaign):
    assert "h-offer" not in english_client.get(url_of(campaign)).text


def test_reasons_are_said_in_words(english_client, campaign):
    make_message(campaign, 0, state=State.SUPPRESSED, reason="opted_out")
    make_message(campaign, 1, state=State.UNDELIVERED, reason="invalid_recipient")
    make_message(campaign, 2, state=State.SUPPRESSED, reason="some_new_reason")

    page = text_of(english_client.get(url_of(campaign)))

    assert "<span>Opted out</span><small>They will not be written to again.</small>" in page
    assert "<span>Number not in use</span><small>Ask the customer for a new one.</small>" in page
    assert "<span>Some new reason</span>" in page


@pytest.mark.parametrize("ending", ["", "live/", "why-not/", "recipients.csv"])
def test_foreign_campaign_is_not_found(english_client, campaign, other_workspace, ending):
    theirs = make_campaign(other_workspace)

    assert english_client.get(url_of(theirs, ending)).status_code == 404


def test_stranger_is_sent_to_the_login_page(campaign):
    assert Client().get(url_of(campaign)).status_code == 302


def test_live_fragment_says_when_to_come_back(english_client, workspace):
    now = timezone.now()
    campaigns = [
        make_campaign(workspace, "a", state=Campaign.State.SENDING),
        make_campaign(workspace, "b", state=Campaign.State.PAUSED),
        make_campaign(workspace, "c", state=Campaign.State.SENT, sent_at=now - timedelta(hours=1)),
        make_campaign(workspace, "d", state=Campaign.State.SENT, sent_at=now - timedelta(days=4)),
    ]

    fragments = [text_of(english_client.get(url_of(campaign, "live/"))) for campaign in campaigns]

    assert [fragment[: fragment.index(">") + 1] for fragment in fragments] == [
        '<div data-ch-live-target="fragment" data-state="sending" data-every="2000">',
        '<div data-ch-live-target="fragment" data-state="paused" data-every="30000">',
        '<div data-ch-live-target="fragment" data-state="sent" data-every="30000">',
        '<div data-ch-live-target="fragment" data-state="sent">',
    ]


def test_cards_of_reasons_follow_without_a_new_page(english_client, workspace):
    campaign = make_campaign(workspace, state=Campaign.State.SENDING)
    before = english_client.get(url_of(campaign)).context["why_nots"].not_sent.messages
    make_message(campaign, 0, state=State.SUPPRESSED, reason="opted_out")

    after = text_of(english_client.get(url_of(campaign, "why-not/")))

    assert (before, 'data-every="2000"' in after, "<span>Opted out</span>" in after) == (0, True, True)


def test_figures_that_count_themselves_say_of_when_they_are(english_client, workspace):
    leaving = make_campaign(workspace, "a", state=Campaign.State.SENDING)
    cancelled = make_campaign(workspace, "b", state=Campaign.State.CANCELLED)

    pages = [text_of(english_client.get(url_of(campaign, "live/"))) for campaign in (leaving, cancelled)]

    assert [bool(re.search(r"Figures of \d\d:\d\d:\d\d:", page)) for page in pages] == [True, False]


def test_analyst_looks_and_can_do_nothing(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.ANALYST))

    page = text_of(client.get(url_of(make_campaign(workspace, state=Campaign.State.SENDING))))

    assert "/admin/campaigns/" not in re.sub(r'href="[^"]*"', "", page.split("<main")[1])


def test_owner_exports_whole_numbers_and_others_masked_ones(english_client, campaign):
    make_message(campaign, 0, contact=make_contact(campaign.workspace, "+33639980042", last_name="Rousseau"))
    make_click(campaign, 0, seconds=60, device="iphone")
    analyst = Client(HTTP_ACCEPT_LANGUAGE="en")
    analyst.force_login(make_member(campaign.workspace, Role.ANALYST))

    files = [
        b"".join(ask(url_of(campaign, "recipients.csv"))).decode().splitlines()
        for ask in (english_client.post, analyst.get)
    ]

    assert files[0] == [
        "contact,number,state,reason,sent,delivered,first human click,device,visits",
        "Camille Rousseau,'+33639980042,Delivered,,2026-11-24 10:30:00+01:00,5.0,2026-11-24 10:31:00+01:00,iPhone,1",
    ]
    assert files[1][1].startswith("Camille Rousseau,'+33 6 •• •• •• 42,Delivered")


def test_names_that_look_like_formulas_are_exported_as_text(english_client, campaign):
    make_message(campaign, 0, contact=make_contact(campaign.workspace, first_name="=1+1", last_name=""))

    lines = b"".join(english_client.get(url_of(campaign, "recipients.csv"))).decode().splitlines()

    assert lines[1].startswith("'=1+1,")


def test_index_lists_what_has_left_in_a_constant_number_of_queries(
    english_client, workspace, other_workspace, django_assert_max_num_queries
):
    make_campaign(other_workspace, "Theirs")
    make_campaign(workspace, "Draft", sent_at=None)
    for number in range(3):
        make_message(make_campaign(workspace, f"Campaign {number}", sent_at=TUESDAY - timedelta(days=number)), 0)
    english_client.get("/admin/reports/")

    with django_assert_max_num_queries(25):
        response = english_client.get("/admin/reports/")

    assert [result.campaign.name for result in response.context["results"]] == [
        "Campaign 0",
        "Campaign 1",
        "Campaign 2",
    ]


def test_report_takes_the_same_number_of_queries_for_one_row_and_for_many(english_client, workspace):
    def queries(campaign: Campaign) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert english_client.get(url_of(campaign)).status_code == 200
        return len(captured)

    small, large = make_campaign(workspace, "small"), make_campaign(workspace, "large")
    for campaign, size in ((small, 1), (large, 8)):
        for position in range(size):
            contact = make_contact(workspace, f"+336399800{position}{size}")
            make_message(campaign, position, contact=contact)
            make_click(campaign, position)
    queries(small)

    assert queries(small) == queries(large)


def test_campaigns_know_where_their_report_lives(campaign):
    assert report_url(campaign) == url_of(campaign)


def test_whoever_takes_whole_numbers_along_stands_in_the_audit_log(english_client, campaign):
    make_message(campaign, 0, contact=make_contact(campaign.workspace, "+33639980042"))
    analyst = Client()
    analyst.force_login(make_member(campaign.workspace, Role.ANALYST))
    address = url_of(campaign, "recipients.csv")

    looked = b"".join(english_client.get(address)).decode()
    refused = analyst.post(address).status_code
    english_client.post(address)

    assert ("+33639980042" in looked, refused in {302, 403}) == (False, True)
    with scope(workspace=campaign.workspace):
        assert list(AuditEntry.objects.values_list("action", "count")) == [("list_exported", 1)]
