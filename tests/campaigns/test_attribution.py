"""Which message an order is owed to: each rule, its bounds, and who says nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.models import TrackingMode, Workspace
from audience.services.erasure import erase_contact
from audience.services.merging import merge_contacts
from audience.services.preferences import choose_tracking
from campaigns.models import Credit, SecondLook
from campaigns.services import credit_late, credit_order, note_late_clicks
from campaigns.services.crediting import save_rules
from integrations.models import Order
from integrations.services.orders import apply_snapshot
from integrations.shops.base import PhoneCandidate, Refund
from landing.models import Conversion
from messaging.models import Batch, PromoCode, PromoPool
from shortlinks.click_ids import make_click_id
from shortlinks.models import Click, Verdict
from shortlinks.queries import numbers_at
from shortlinks.services import reserve_range
from shortlinks.signals import Told
from tests.campaigns.test_automations import PLACED
from tests.factories import TUESDAY, make_contact, make_shop
from tests.reports.rows import make_campaign, make_click, make_message

PHONE = "+33639981234"
BOUGHT = replace(PLACED, placed_at=TUESDAY + timedelta(days=2), total=10_000)
NOW = TUESDAY + timedelta(days=3)
Reason = Credit.Reason


class Mailing:
    """A campaign whose message the customer of the orders got on TUESDAY."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.shop = make_shop(workspace)
        self.contact = make_contact(workspace, PHONE)
        self.campaign = make_campaign(workspace)
        self.message = make_message(self.campaign, 7, contact=self.contact)
        reserve_range(link=self.campaign.link, size=100, now=TUESDAY)

    def order(self, **changes) -> Order:
        snapshot = replace(BOUGHT, **changes)
        apply_snapshot(shop=self.shop, snapshot=snapshot)
        return Order.objects.get(external_id=snapshot.external_id)

    def credit(self, **changes) -> Credit:
        return credit_order(order=self.order(**changes), now=NOW)

    def offer(self, shared_code: str = "", campaign=None) -> PromoPool:
        pool = PromoPool.objects.create(workspace=self.workspace, name="Winter", shared_code=shared_code)
        Batch.objects.filter(pk=(campaign or self.campaign).batch_id).update(promo_pool=pool)
        return pool

    def hand(self, code: str, contact=None) -> None:
        fields = {"contact": contact or self.contact, "assigned_at": TUESDAY}
        PromoCode.objects.create(workspace=self.workspace, pool=self.offer(), code=code, **fields)

    def click_id(self, seconds: int, position: int = 7) -> str:
        number = numbers_at(link=self.campaign.link, positions=[position])[position]
        return make_click_id(domain=self.campaign.link.domain, number=number, now=TUESDAY + timedelta(seconds=seconds))


@pytest.fixture
def mailing(in_workspace):
    return Mailing(in_workspace)


def earned() -> list[tuple]:
    return list(Conversion.objects.values_list("goal", "message__position", "link", "position", "value", "currency"))


def test_the_last_human_click_within_the_window_earns_the_order(mailing):
    make_click(mailing.campaign, 7, seconds=60)
    make_click(mailing.campaign, 7, seconds=3600)
    make_click(mailing.campaign, 7, seconds=7200, verdict=Verdict.UNSURE)

    credit = mailing.credit()

    assert (credit.reason, credit.message, credit.happened_at) == (
        Reason.CLICK,
        mailing.message,
        TUESDAY + timedelta(hours=1),
    )
    assert earned() == [("order", 7, mailing.campaign.link_id, 7, 10_000, "EUR")]
    assert Conversion.objects.get().occurred_at == BOUGHT.placed_at


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (timedelta(0), Reason.CLICK),
        (timedelta(days=5), Reason.CLICK),
        (timedelta(days=5, seconds=1), Reason.NO_CLICK),
        (timedelta(seconds=-1), Reason.NO_CLICK),
    ],
)
def test_the_window_ends_with_the_order_and_begins_five_days_before(mailing, before, reason):
    click = make_click(mailing.campaign, 7)
    Click.objects.filter(pk=click.pk).update(clicked_at=BOUGHT.placed_at - before)

    assert mailing.credit().reason == reason
    assert Conversion.objects.count() == (reason == Reason.CLICK)


def test_delivery_alone_and_a_bot_and_somebody_else_s_click_earn_nothing(mailing):
    make_click(mailing.campaign, 7, verdict=Verdict.BOT)
    make_click(mailing.campaign, 8)

    assert (mailing.credit().reason, earned()) == (Reason.NO_CLICK, [])


def test_a_new_window_counts_for_orders_that_come_from_then_on(mailing):
    make_click(mailing.campaign, 7)
    first = mailing.order(external_id="first", placed_at=TUESDAY + timedelta(days=4))
    credit_order(order=first, now=NOW)

    save_rules(workspace=mailing.workspace, window_days=1)

    assert credit_order(order=first, now=NOW).reason == Reason.CLICK
    assert mailing.credit(external_id="second").reason == Reason.NO_CLICK


@pytest.mark.parametrize("written", ["HELLO-7F3", " hello-7f3", "Hello -7f3 "])
def test_an_own_code_comes_before_a_later_click_however_it_is_written(mailing, written):
    mailing.hand("HELLO-7F3")
    other = make_campaign(mailing.workspace, "Spring")
    make_message(other, 0, contact=mailing.contact)
    make_click(other, 0, seconds=7200)

    credit = mailing.credit(discount_codes=("SUMMER", written), placed_at=TUESDAY + timedelta(days=90))

    assert (credit.reason, credit.message, credit.code) == (Reason.OWN_CODE, mailing.message, "HELLO-7F3")


def test_a_code_that_was_handed_to_somebody_else_is_no_proof(mailing):
    mailing.hand("HELLO-7F3", make_contact(mailing.workspace, "+33639980077"))

    assert mailing.credit(discount_codes=("HELLO-7F3",)).reason == Reason.NO_CLICK


def test_a_code_counts_from_the_message_that_carried_it(mailing):
    mailing.hand("HELLO-7F3")

    assert mailing.credit(discount_codes=("HELLO-7F3",), placed_at=TUESDAY - timedelta(1)).reason == Reason.NO_CLICK


def test_a_shared_code_counts_where_one_offer_and_one_campaign_brought_it_lately(mailing):
    mailing.offer("NOEL 20")

    assert mailing.credit(discount_codes=("noel20",)).reason == Reason.SHARED_CODE
    late = {"external_id": "late", "placed_at": TUESDAY + timedelta(days=6)}
    assert mailing.credit(discount_codes=("noel20",), **late).reason == Reason.NO_CLICK


@pytest.mark.parametrize("why", ["two offers", "two campaigns", "undelivered"])
def test_a_shared_code_that_may_be_another_s_is_no_proof(mailing, why):
    pool, other = mailing.offer("NOEL"), make_campaign(mailing.workspace, "Again")
    make_message(other, 0, contact=mailing.contact)
    if why == "two offers":
        mailing.offer("noel", other)
    elif why == "two campaigns":
        Batch.objects.filter(pk=other.batch_id).update(promo_pool=pool)
    else:
        mailing.message.state = "undelivered"
        mailing.message.save()

    assert mailing.credit(discount_codes=("NOEL",)).reason == Reason.NO_CLICK


def test_a_click_that_the_shop_kept_proves_itself_whoever_orders(mailing):
    stranger = (PhoneCandidate("06 39 98 55 55", "FR"),)

    credit = mailing.credit(click_id=mailing.click_id(90), phones=stranger)

    assert (credit.reason, credit.message) == (Reason.CLICK_ID, mailing.message)
    assert credit.happened_at == TUESDAY + timedelta(seconds=90)
    assert Conversion.objects.get().contact == mailing.contact


def test_of_two_ways_to_know_of_a_click_the_later_counts(mailing):
    other = make_campaign(mailing.workspace, "Spring")
    newer = make_message(other, 0, contact=mailing.contact)
    make_click(other, 0, seconds=100)

    assert mailing.credit(click_id=mailing.click_id(90)).message == newer
    assert mailing.credit(external_id="2", click_id=mailing.click_id(110)).message == mailing.message


@pytest.mark.parametrize("text", ["x" * 22, "A" * 40, "", "not-ours"])
def test_a_click_id_that_we_did_not_make_says_nothing(mailing, text):
    assert mailing.credit(click_id=text, phones=()).reason == Reason.NOBODY


def test_who_is_not_followed_earns_nothing_by_clicks(mailing):
    make_click(mailing.campaign, 7)
    choose_tracking(workspace=mailing.workspace, contact=mailing.contact, may_follow=False, source="page", now=TUESDAY)

    assert mailing.credit(click_id=mailing.click_id(90)).reason == Reason.NOT_FOLLOWED


def test_nobody_is_followed_in_a_workspace_that_does_not_tell_people_apart(mailing):
    make_click(mailing.campaign, 7)
    Workspace.objects.filter(pk=mailing.workspace.pk).update(tracking_mode=TrackingMode.AGGREGATE)

    assert mailing.credit(click_id=mailing.click_id(90)).reason == Reason.NOT_FOLLOWED


def test_another_workspace_s_clicks_and_codes_say_nothing_here(mailing, other_workspace):
    with scope(workspace=other_workspace):
        theirs = Mailing(other_workspace)
        make_click(theirs.campaign, 7)
        theirs.hand("HELLO-7F3")
        foreign = theirs.click_id(90)

    credit = mailing.credit(discount_codes=("HELLO-7F3",), click_id=foreign)

    assert (credit.reason, earned()) == (Reason.NO_CLICK, [])


# What it is worth ----------------------------------------------------------------------------------


def refund(number: str, amount: int) -> Refund:
    return Refund(number, amount, NOW)


def test_refunds_count_once_each_and_take_the_order_back_when_all_is_given_back(mailing):
    make_click(mailing.campaign, 7)
    values = []
    for refunds in ([], [refund("1", 1_250)], [refund("1", 1_250)], [refund("2", 50)], [refund("3", 8_700)]):
        mailing.credit(refunds=tuple(refunds))
        values.append([value for *_rest, value, _currency in earned()])

    assert values == [[10_000], [8_750], [8_750], [8_700], []]
    assert Credit.objects.get().reason == Reason.CLICK


@pytest.mark.parametrize("changes", [{"cancelled_at": NOW}, {"is_test": True}])
def test_a_cancelled_order_and_a_test_are_in_no_figure(mailing, changes):
    make_click(mailing.campaign, 7)
    mailing.credit()

    mailing.credit(**changes)

    assert earned() == []


def test_an_order_that_cost_nothing_is_one_all_the_same(mailing):
    make_click(mailing.campaign, 7)

    mailing.credit(total=0)

    assert [value for *_rest, value, _currency in earned()] == [0]


# What comes late -----------------------------------------------------------------------------------


def told(click: Click) -> Told:
    return Told(click.workspace_id, click.link_id, click.position, click.clicked_at, click.verdict)


def test_a_click_that_lands_after_its_order_earns_it(mailing):
    order = mailing.order()
    assert credit_order(order=order, now=NOW).reason == Reason.NO_CLICK
    click = make_click(mailing.campaign, 7)

    noted = [note_late_clicks(clicks=[told(click)]) for _ in range(2)]

    assert (noted, credit_late(now=NOW), credit_late(now=NOW)) == ([1, 1], 1, 0)
    assert (Credit.objects.get().reason, len(earned())) == (Reason.CLICK, 1)


def test_a_click_after_all_orders_or_of_a_bot_notes_nothing(mailing):
    credit_order(order=mailing.order(), now=NOW)
    late = make_click(mailing.campaign, 7, seconds=86_400 * 3)
    bot = make_click(mailing.campaign, 7, verdict=Verdict.BOT)

    assert note_late_clicks(clicks=[told(late), told(bot)]) == 0
    assert SecondLook.objects.count() == 0


def test_a_click_that_turns_out_to_be_no_human_s_is_taken_back(mailing):
    placed_at = TUESDAY + timedelta(minutes=10)
    click = make_click(mailing.campaign, 7)
    mailing.credit(placed_at=placed_at)
    Click.objects.filter(pk=click.pk).update(verdict=Verdict.UNSURE)

    looked_at = credit_late(now=TUESDAY + timedelta(minutes=30))

    assert (looked_at, Credit.objects.get().reason, earned()) == (1, Reason.NO_CLICK, [])


def test_an_order_that_can_t_be_judged_holds_up_no_other(mailing, monkeypatch):
    orders = [mailing.order(external_id=str(number)) for number in range(2)]
    note_late_clicks(clicks=[told(make_click(mailing.campaign, 7))])
    broken = orders[0].pk

    def fail(order, **_known):
        if order.pk == broken:
            raise RuntimeError
        return credit_order(order=order, **_known)

    monkeypatch.setattr("campaigns.services.crediting.credit_order", fail)
    credit_late(now=NOW)

    assert [row.order_id for row in SecondLook.objects.all()] == [broken]
    assert list(Credit.objects.values_list("order", flat=True)) == [orders[1].pk]


# People who change ---------------------------------------------------------------------------------


def test_what_an_erased_customer_had_earned_stays_and_follows_refunds(mailing):
    make_click(mailing.campaign, 7)
    mailing.credit()

    erase_contact(contact=mailing.contact, by=None, now=NOW, reason="asked")
    credit = mailing.credit(refunds=(refund("1", 1_000),), version=2_000)

    assert (credit.reason, earned()[0][4]) == (Reason.CLICK, 9_000)
    assert Conversion.objects.get().contact is None


def test_a_merged_customer_s_orders_are_owed_to_what_the_other_one_clicked(mailing):
    ordering = make_contact(mailing.workspace, "+33639985555")
    make_click(mailing.campaign, 7)
    order = mailing.order(phones=(PhoneCandidate("06 39 98 55 55", "FR"),))
    assert credit_order(order=order, now=NOW).reason == Reason.NO_CLICK

    merge_contacts(kept=ordering, gone=mailing.contact, by=None, now=NOW)

    assert credit_order(order=order, now=NOW).reason == Reason.CLICK
    assert Order.objects.get().contact == ordering
