"""PostgreSQL: workers who hear of one order at the same moment: it is owed to one message, and counted once."""

from dataclasses import replace

import pytest
from django.db import connection
from django_scopes import scope

from campaigns.models import Credit
from campaigns.services import credit_late, credit_order, note_late_clicks
from integrations.models import Order, ShopConnection, ShopEvent
from integrations.services.orders import apply_snapshot
from landing.models import Conversion
from shortlinks.models import Click
from tests.campaigns.test_attribution import BOUGHT, NOW, Mailing, told
from tests.factories import make_workspace
from tests.messaging.test_former_numbers_race import one_during_the_other
from tests.reports.rows import make_campaign, make_click, make_message

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def mailing():
    workspace = make_workspace()
    with scope(workspace=workspace):
        return Mailing(workspace)


def worker(mailing, act):
    def work():
        with scope(workspace=mailing.workspace):
            act()

    return work


def told_of(mailing, **changes):
    """What a worker does with a body that speaks of the order."""

    def take():
        shop = ShopConnection.objects.select_related("workspace").get()
        apply_snapshot(shop=shop, snapshot=replace(BOUGHT, **changes))

    return worker(mailing, take)


def crediting(mailing):
    def credit():
        credit_order(order=Order.objects.select_related("workspace").get(), now=NOW)

    return worker(mailing, credit)


def owed(mailing) -> tuple[list, list]:
    with scope(workspace=mailing.workspace):
        owed_to = list(Credit.objects.values_list("reason", "message__batch__name"))
        return owed_to, list(Conversion.objects.values_list("message__batch__name", "value"))


def test_an_order_that_two_workers_credit_at_once_has_one_credit_and_one_conversion(mailing):
    told_of(mailing)()
    with scope(workspace=mailing.workspace):
        make_click(mailing.campaign, 7)

    one_during_the_other(crediting(mailing), crediting(mailing))

    assert owed(mailing) == ([("click", mailing.campaign.name)], [(mailing.campaign.name, 10_000)])


def test_a_later_click_that_lands_while_its_order_is_credited_takes_it_over(mailing):
    told_of(mailing)()
    with scope(workspace=mailing.workspace):
        make_click(mailing.campaign, 7)
        spring = make_campaign(mailing.workspace, "Spring")
        make_message(spring, 7, contact=mailing.contact)

    def credit_with_the_news():
        note_late_clicks(clicks=[told(make_click(spring, 7, seconds=60))])
        credit_late(now=NOW)

    one_during_the_other(crediting(mailing), worker(mailing, credit_with_the_news))

    assert owed(mailing) == ([("click", "Spring")], [("Spring", 10_000)])
    with scope(workspace=mailing.workspace):
        assert Click.objects.count() == 2


def test_a_new_order_that_two_workers_hear_of_at_once_is_one_order_placed_once(mailing):
    one_during_the_other(told_of(mailing), told_of(mailing, version=2_000, paid_at=BOUGHT.placed_at))

    with scope(workspace=mailing.workspace):
        assert Order.objects.get().version == 2_000
        kinds = list(ShopEvent.objects.order_by("kind").values_list("kind", flat=True))
    assert kinds == [ShopEvent.Kind.ORDER_PAID, ShopEvent.Kind.ORDER_PLACED]
