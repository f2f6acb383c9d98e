"""Segments by what people bought, received and clicked."""

from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.models import TrackingMode, Workspace
from audience.models import Consent
from audience.segments.reading import catalogue_of, contacts_matching, parse_for
from audience.segments.words import in_one_line
from campaigns.models import Campaign
from integrations.models import Order
from messaging.models import BatchLink, Message
from reports.segments import proposals
from tests.factories import (
    TUESDAY,
    make_account,
    make_batch,
    make_click,
    make_contact,
    make_link,
    make_sender,
    make_shop,
)

DAY = timedelta(days=1)


@pytest.fixture
def shops(workspace, other_workspace):
    return {owner: make_shop(owner) for owner in (workspace, other_workspace)}


def order(shop, contact, **fields):
    number = str(Order.objects.count())
    known = {"total": 5000, "currency": "EUR", "placed_at": TUESDAY - DAY, "version": 1}
    Order.objects.create(
        workspace=shop.workspace, shop=shop, external_id=number, number=number, contact=contact, **(known | fields)
    )


def found(workspace, about, asked, **values):
    rules = {"match": "all", "rules": [{"about": about, "is": asked, **values}]}
    with scope(workspace=workspace):
        people = contacts_matching(parse_for(workspace, rules), workspace=workspace, now=TUESDAY)
        return sorted(people.values_list("first_name", flat=True))


def test_orders_are_counted_added_up_and_dated(workspace, other_workspace, shops):
    names = ("Ana", "Béa", "Cid", "Dov", "Eve")
    people = {name: make_contact(workspace, f"+3363998000{place}", first_name=name) for place, name in enumerate(names)}
    stranger = make_contact(other_workspace, "+33639980001", first_name="Zed")
    with scope(workspace=other_workspace):
        order(shops[other_workspace], stranger)
    with scope(workspace=workspace):
        shop = shops[workspace]
        order(shop, people["Ana"])
        order(shop, people["Ana"], total=9000, refunded_total=8000)
        order(shop, people["Béa"], placed_at=TUESDAY - 40 * DAY)
        order(shop, people["Cid"], cancelled_at=TUESDAY)
        order(shop, people["Dov"], is_test=True)
        order(shop, people["Eve"], currency="CHF", total=10**6)

    assert found(workspace, "orders", "at_least", count=1, days=30) == ["Ana", "Eve"]
    assert found(workspace, "orders", "at_least", count=2, days=30) == ["Ana"]
    assert found(workspace, "orders", "spent", amount=6000, days=30) == ["Ana"]
    assert found(workspace, "orders", "spent", amount=6001, days=30) == []
    assert found(workspace, "orders", "none", days=30) == ["Béa", "Cid", "Dov"]
    assert found(workspace, "orders", "gone", days=30) == ["Béa"]
    assert found(workspace, "orders", "never") == ["Cid", "Dov"]


@pytest.fixture
def sent(workspace):
    """A campaign that Ana opened, that only a robot opened for Béa, that missed Cid, and that Dov never got."""
    link = make_link(workspace)
    with scope(workspace=workspace):
        account = make_account(workspace)
        batch = make_batch(make_sender(account))
        BatchLink.objects.create(workspace=workspace, batch=batch, link=link)
        campaign = Campaign.objects.create(
            workspace=workspace, name="Winter", batch=batch, state="sent", sent_at=TUESDAY
        )
        states = {"Ana": "delivered", "Béa": "delivered", "Cid": "undelivered", "Dov": None}
        for place, (name, state) in enumerate(states.items()):
            contact = make_contact(workspace, f"+3363998000{place}", first_name=name)
            if state:
                Message.objects.create(
                    workspace=workspace, batch=batch, account=account, lane=batch.lane, contact=contact, state=state,
                    position=place, due_at=TUESDAY, submitted_at=TUESDAY - DAY,
                )  # fmt: skip
        make_click(link, 0, clicked_at=TUESDAY - DAY)
        make_click(link, 1, verdict="bot")
        make_click(link, None)
    return campaign


def about_campaign(campaign):
    asked = ("sent", "not_sent", "failed", "clicked", "not_clicked")
    return {one: found(campaign.workspace, "campaign", one, campaign=str(campaign.pk)) for one in asked}


def test_a_campaign_tells_its_people_apart_by_human_clicks_only(sent):
    assert about_campaign(sent) == {
        "sent": ["Ana", "Béa"],
        "not_sent": ["Cid", "Dov"],
        "failed": ["Cid"],
        "clicked": ["Ana"],
        "not_clicked": ["Béa"],
    }


def test_messages_and_clicks_are_dated(workspace, sent):
    assert found(workspace, "messages", "delivered", count=1, days=2) == ["Ana", "Béa"]
    assert found(workspace, "messages", "delivered", count=2, days=2) == []
    assert found(workspace, "messages", "none", days=2) == ["Cid", "Dov"]
    assert found(workspace, "clicks", "any", days=1) == ["Ana"]
    assert found(workspace, "clicks", "none", days=2) == ["Béa"]


def refuse(workspace, *names):
    for contact in (row for row in Message.objects.select_related("contact") if row.contact.first_name in names):
        Consent.objects.create(
            workspace=workspace, contact=contact.contact, number_hash=b"n", purpose="tracking", act="withdrawn",
            source="form", occurred_at=TUESDAY, recorded_at=TUESDAY,
        )  # fmt: skip


def test_whoever_is_not_followed_matches_no_question_about_clicks(workspace, sent):
    with scope(workspace=workspace):
        refuse(workspace, "Ana", "Béa")
    refused = about_campaign(sent)
    Workspace.objects.filter(pk=workspace.pk).update(tracking_mode=TrackingMode.AGGREGATE)
    with scope(workspace=workspace):
        Consent.objects.filter(purpose="tracking").delete()
        sent = Campaign.objects.get()
    counted_only = about_campaign(sent)

    for told in (refused, counted_only):
        assert (told["clicked"], told["not_clicked"], told["sent"]) == ([], [], ["Ana", "Béa"])


def test_a_report_proposes_segments_that_can_be_read(workspace, owner_client, sent):
    with scope(workspace=workspace):
        told = list(proposals(sent))
        catalogue = catalogue_of(workspace)
        rules = parse_for(
            workspace, {"match": "all", "rules": [{"about": "campaign", "is": "clicked", "campaign": str(sent.pk)}]}
        )
    page = owner_client.get(told[0].url).text

    assert [str(one.label) for one in told] == ["clicked", "did not click", "not delivered"]
    assert "Clicked in “Winter”" in page
    with scope(workspace=workspace):
        assert in_one_line(rules, catalogue) == "Clicked in “Winter”"
    assert told[2].url.replace("&", "&amp;") in owner_client.get(f"/admin/reports/campaign/{sent.pk}/").text
