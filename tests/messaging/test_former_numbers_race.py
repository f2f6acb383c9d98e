"""PostgreSQL: a STOP and a change of numbers at the same moment: whichever comes first, nobody is written to."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from threading import Event

import pytest
from django.db import connection, transaction
from django_scopes import scope

from audience.models import Block, Contact
from audience.queries import is_opted_out
from audience.services.numbers import change_number
from integrations.gateways.base import IncomingMessage
from messaging.services.inbound import take_messages
from tests.factories import TUESDAY, make_account, make_contact, make_workspace

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
OLD, NEW = "+33639980041", "+33639980052"


def in_a_transaction_that_lasts(act, has_acted: Event, may_end: Event) -> None:
    try:
        with transaction.atomic():
            act()
            has_acted.set()
            assert may_end.wait(30)
    finally:
        connection.close()


def in_another(act) -> None:
    try:
        act()
    finally:
        connection.close()


def one_during_the_other(first, second) -> None:
    has_acted, may_end = Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(in_a_transaction_that_lasts, first, has_acted, may_end)
        assert has_acted.wait(30)
        quick = pool.submit(in_another, second)
        with pytest.raises(StillWaiting):
            quick.result(timeout=0.5)
        may_end.set()
        slow.result(timeout=30)
        quick.result(timeout=30)


@pytest.mark.parametrize("comes_first", ["the STOP", "the new number"])
def test_a_stop_during_a_change_of_numbers_is_not_lost_on_the_person(comes_first):
    workspace = make_workspace()
    account = make_account(workspace, gateway="scripted")
    camille = make_contact(workspace, OLD)

    def stop():
        message = IncomingMessage(sender=OLD, text="STOP", received_at=TUESDAY, provider_id="in-1")
        take_messages(account=account, messages=[message], now=TUESDAY)

    def move():
        with scope(workspace=workspace):
            change_number(contact=Contact.objects.get(pk=camille.pk), phone=NEW, now=TUESDAY)

    one_during_the_other(*((stop, move) if comes_first == "the STOP" else (move, stop)))

    assert is_opted_out(workspace=workspace, phone=OLD, scope="marketing")
    with scope(workspace=workspace):
        is_held = Block.objects.filter(contact=camille, kind="hold").exists()
    is_opposed = is_opted_out(workspace=workspace, phone=NEW, scope="marketing")
    assert (is_opposed, is_held) == ((True, False) if comes_first == "the STOP" else (False, True))
