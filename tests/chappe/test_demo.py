from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import User
from audience.models import Contact, ContactList
from audience.queries import reachable
from campaigns.advertising import selling_words
from campaigns.models import Automation, Campaign, Credit, Decision
from campaigns.review import Review
from chappe.demo.load import NotADemo, legal_morning_after, load_demo, tuesday_after, tuesday_before
from chappe.demo.people import people
from integrations.models import InboundDelivery, Order, ShopConnection
from integrations.shops.registry import shop_of
from landing.contents import sells, words_of
from landing.models import Conversion
from messaging.clock import workspace_now
from messaging.models import InboundMessage, Message
from shortlinks.models import Click, ShortDomain, Verdict

# A Sunday night.
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


@pytest.fixture
def demo(db):
    workspace = load_demo(short_host="127.0.0.1:8001", now=NOW)
    with scope(workspace=workspace):
        yield workspace


def test_people_are_two_hundred_and_all_numbers_are_fiction():
    phones = [person.phone for person in people()]

    assert len(set(phones)) == 200
    assert all(phone.startswith("+3363998") and phone[8:10] != "01" for phone in phones)


def test_demo_has_a_brand_customers_a_past_a_draft_two_shops_and_an_automation(demo):
    reach = reachable(ContactList.objects.get().contacts.all())

    assert Contact.objects.count() == 200
    assert reach.total == 180
    assert reach.reachable + reach.opted_out + reach.without_proof == 180
    assert sorted(Campaign.objects.values_list("state", flat=True)) == ["draft", "sent"]
    assert sorted(ShopConnection.objects.values_list("platform", flat=True)) == ["prestashop", "shopify"]
    assert Automation.objects.filter(is_enabled=True).count() == 1


def test_demo_s_message_about_an_order_leads_to_a_page_that_sells_nothing(demo):
    page = Automation.objects.get().page

    assert (page.live, sells(page), selling_words(words_of(page))) == (True, False, [])


def test_demo_draft_is_ready_to_send_on_a_sunday_night(demo):
    draft = Campaign.objects.get(state="draft")

    assert Review(draft, workspace_now(demo, NOW)).problems == []


def test_demo_past_is_plausible(demo):
    past = Campaign.objects.get(state="sent")
    delivered = Message.objects.filter(batch=past.batch, state="delivered").count()
    sent = Message.objects.filter(batch=past.batch).count()
    people_who_clicked = Click.objects.filter(verdict=Verdict.HUMAN).values("position").distinct().count()

    assert 0.93 < delivered / sent < 1
    assert 0.15 < people_who_clicked / delivered < 0.35
    assert past.sent_at < NOW - timedelta(days=1)


def test_demo_s_shop_has_told_thirty_orders_some_of_which_the_campaign_earned(demo):
    reasons = Counter(Credit.objects.values_list("reason", flat=True))
    earned = Conversion.objects.filter(goal="order").values_list("message__batch__name", flat=True)

    assert reasons == {"click": 10, "shared-code": 5, "no-click": 14, "nobody": 1}
    assert Counter(earned) == {Campaign.objects.get(state="sent").name: 13}
    assert Order.objects.filter(refunded_total__gt=0).count() == 2
    assert (Order.objects.exclude(no_mobile="").count(), Order.objects.exclude(cancelled_at=None).count()) == (1, 1)
    assert not InboundDelivery.objects.exclude(state="done").exists() and not Decision.objects.exists()
    told = InboundDelivery.objects.exclude(outcome__startswith="noted: order").values_list("outcome", flat=True)
    assert set(told) == {"not sent: no mobile"}


def test_demo_has_replies_to_read_from_people_who_said_nothing_else(demo):
    replies = InboundMessage.objects.filter(kind=InboundMessage.Kind.REPLY, read_at=None)

    assert replies.count() == 2
    assert not replies.filter(contact__opt_outs__isnull=False).exists()


def test_demo_is_loaded_once_and_follows_the_short_links_address(demo):
    again = load_demo(short_host="127.0.0.1:9001", now=NOW + timedelta(hours=12))

    assert again == demo
    assert Contact.objects.count() == 200
    assert ShortDomain.objects.get().host == "127.0.0.1:9001"
    assert workspace_now(demo, NOW + timedelta(hours=12)) == tuesday_after(NOW + timedelta(hours=12))


@pytest.fixture
def demo_user(db, settings):
    return User.objects.create_user(settings.DEMO_EMAIL, settings.DEMO_PASSWORD)


def test_demo_log_in_works(demo_user, settings):
    assert Client().login(username=settings.DEMO_EMAIL, password=settings.DEMO_PASSWORD)


production = pytest.mark.parametrize(
    "change",
    [{"IS_DEMO": False}, {"LIVE_INSTALLATION": "abc"}, {"IS_HTTPS": True}],
    ids=lambda change: next(iter(change)),
)


@production
def test_demo_log_in_ends_where_production_begins(demo_user, settings, change):
    client = Client()
    client.login(username=settings.DEMO_EMAIL, password=settings.DEMO_PASSWORD)
    for name, value in change.items():
        setattr(settings, name, value)

    assert not Client().login(username=settings.DEMO_EMAIL, password=settings.DEMO_PASSWORD)
    assert client.get("/admin/").headers["location"] == "/admin/login/?next=/admin/"
    assert settings.DEMO_PASSWORD not in Client().get("/admin/login/").text


@production
def test_demo_refuses_production_settings(db, settings, change):
    for name, value in change.items():
        setattr(settings, name, value)

    with pytest.raises(NotADemo):
        load_demo(short_host="127.0.0.1:8001", now=NOW)


def test_tuesdays_are_tuesdays():
    assert tuesday_before(NOW).isoformat() == "2026-11-17T10:00:00+01:00"
    assert tuesday_after(NOW).isoformat() == "2026-11-24T10:30:00+01:00"
    assert tuesday_after(tuesday_after(NOW)).isoformat() == "2026-12-01T10:30:00+01:00"


def test_demo_shops_can_sign_for_themselves(demo):
    for shop in ShopConnection.objects.all():
        headers = shop_of(shop).sign(b"{}", "orders/create", NOW)

        assert headers != {}


def test_demo_clock_leaps_over_a_tuesday_that_is_a_holiday():
    week_before_the_national_day = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)

    assert legal_morning_after(NOW) == tuesday_after(NOW)
    assert legal_morning_after(week_before_the_national_day) == datetime(2026, 7, 15, 6, 0, tzinfo=UTC)
