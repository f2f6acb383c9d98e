import pytest
from django.db import connection
from django_scopes import scope

from audience.models import Contact
from messaging.compose import MissingValue
from messaging.models import Batch, BatchPurpose, Message, PromoCode, PromoPool
from messaging.queries import message_at, recipient_at
from messaging.services import crowds
from messaging.services.batches import (
    BatchClosed,
    add_next,
    add_recipients,
    cancel_batch,
    create_batch,
    queue_message,
)
from messaging.services.places import ROLLING_SIZE
from messaging.services.promo import NoCodesLeft
from shortlinks.models import CodeRange
from tests.factories import TUESDAY, make_batch, make_contact, make_link

pytestmark = pytest.mark.django_db


def add_all(batch):
    return add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=TUESDAY, now=TUESDAY)


def queue(batch, contact, key="order-1", values=None):
    return queue_message(
        batch=batch, contact=contact, values=values or {}, idempotency_key=key, due_at=TUESDAY, now=TUESDAY
    )


@pytest.fixture
def people(in_workspace):
    return [
        make_contact(in_workspace, f"+336399800{number:02}", first_name=name)
        for number, name in enumerate(["Aïda", "Bo", ""])
    ]


def test_recipients_get_a_row_each_with_frozen_values_and_a_code(people, sender, in_workspace, other_workspace):
    make_contact(other_workspace, "+33639980099")
    link = make_link(in_workspace)
    batch = make_batch(sender, "{first_name|Bonjour}, la boutique vous attend samedi : {link}", links={"link": link})

    added = add_all(batch)

    rows = [(m.contact_id, m.position, m.merge_values, m.parts, m.state) for m in Message.objects.order_by("position")]
    assert added == 3
    assert rows == [
        (people[0].pk, 0, {"first_name": "Aïda"}, 2, "queued"),
        (people[1].pk, 1, {"first_name": "Bo"}, 1, "queued"),
        (people[2].pk, 2, {}, 1, "queued"),
    ]
    assert [(r.first_position, r.size) for r in CodeRange.objects.filter(link=link)] == [(0, 3)]


def test_adding_again_adds_only_those_who_are_new(people, sender, in_workspace):
    batch = make_batch(sender)
    add_all(batch)
    make_contact(in_workspace, "+33639980050")

    assert (add_all(batch), add_all(batch), batch.messages.count()) == (1, 0, 4)


def test_recipients_beyond_one_chunk_are_all_there(people, sender, in_workspace, monkeypatch):
    monkeypatch.setitem(crowds.SLICE, connection.vendor, 2)
    batch = make_batch(sender, "{link}", links={"link": make_link(in_workspace)})

    assert add_all(batch) == 3
    assert sorted(batch.messages.values_list("position", flat=True)) == [0, 1, 2]


def test_a_message_repeats_what_its_batch_says(people, sender, in_workspace):
    batch = make_batch(sender, "Bonjour")
    add_all(batch)
    queue(batch, people[0])

    copies = set(Message.objects.values_list("workspace", "account", "lane"))

    assert copies == {(batch.workspace_id, batch.account_id, batch.lane)}


@pytest.mark.parametrize("is_older", [False, True])
def test_the_next_slice_begins_behind_the_last_one(people, sender, in_workspace, monkeypatch, is_older):
    monkeypatch.setitem(crowds.SLICE, connection.vendor, 2)
    batch = make_batch(sender, "Bonjour")
    every = {"batch": batch, "contacts": Contact.objects.all(), "due_at": TUESDAY, "now": TUESDAY}

    first = add_next(**every)
    if is_older:  # than the column that says how far it is written
        Batch.objects.update(written_until=None)
    then = [add_next(**every), add_next(**every)]

    recipients = Message.objects.order_by("position").values_list("contact", flat=True)
    assert (first, then, list(recipients)) == (2, [1, 0], [each.pk for each in people])


def test_a_contact_that_a_join_shows_twice_gets_one_message(people, sender, in_workspace):
    from tests.factories import make_list

    make_list(in_workspace, *people, name="One")
    make_list(in_workspace, *people, name="Two")
    batch = make_batch(sender)

    contacts = Contact.objects.filter(lists__name__in=["One", "Two"])

    assert add_recipients(batch=batch, contacts=contacts, due_at=TUESDAY, now=TUESDAY) == 3


def test_each_recipient_gets_a_promo_code_of_their_own(people, sender, in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Autumn")
    for code in ("A1", "B2", "C3", "D4"):
        PromoCode.objects.create(workspace=in_workspace, pool=pool, code=code)
    batch = make_batch(sender, "Code {code}", promo_pool=pool)

    add_all(batch)

    codes = [message.merge_values for message in batch.messages.order_by("position")]
    assert codes == [{"code": "A1"}, {"code": "B2"}, {"code": "C3"}]
    with pytest.raises(NoCodesLeft):
        add_all(
            make_batch(sender, "Code {code}", promo_pool=PromoPool.objects.create(workspace=in_workspace, name="x"))
        )


def test_a_key_means_one_message_for_ever(people, sender, in_workspace):
    batch = make_batch(sender, is_standing=True, purpose=BatchPurpose.SERVICE)

    first, second = queue(batch, people[0]), queue(batch, people[0])

    assert first == second
    assert Message.objects.count() == 1


def test_the_same_key_in_another_workspace_is_another_message(people, sender, in_workspace, other_workspace):
    from tests.factories import make_account, make_sender

    stranger = make_contact(other_workspace, "+33639980099")
    theirs = make_batch(make_sender(make_account(other_workspace, "scripted")))

    assert queue(make_batch(sender), people[0]).pk != queue(theirs, stranger).pk


def test_standing_batch_takes_codes_from_a_rolling_range(people, sender, in_workspace):
    link = make_link(in_workspace)
    batch = make_batch(sender, "Suivi {link}", links={"link": link}, is_standing=True, purpose=BatchPurpose.SERVICE)

    places = [queue(batch, people[0], f"order-{number}").position for number in range(3)]

    assert places == [0, 1, 2]
    assert [r.size for r in CodeRange.objects.filter(link=link)] == [ROLLING_SIZE]


def test_a_code_belongs_to_one_message_even_when_batches_share_a_link(people, sender, in_workspace):
    link = make_link(in_workspace)
    old, new = (make_batch(sender, "{link}", links={"link": link}, is_standing=True) for _ in range(2))

    first, second, third = queue(old, people[0], "a"), queue(new, people[1], "b"), queue(old, people[2], "c")

    places = [message.position for message in (first, second, third)]
    assert places == [0, ROLLING_SIZE, 1]
    assert [message_at(link=link, position=place) for place in places] == [first, second, third]
    assert [recipient_at(link=link, position=place) for place in places] == people[:3]
    assert (message_at(link=link, position=5), recipient_at(link=link, position=5)) == (None, None)


def test_queueing_refuses_a_hole_that_stays_empty(people, sender, in_workspace):
    batch = create_batch(
        workspace=in_workspace,
        name="Orders",
        purpose=BatchPurpose.SERVICE,
        text="Commande {order_number}",
        sender=sender,
        links={},
        extra_fields={"order_number"},
        now=TUESDAY,
    )

    assert queue(batch, people[0], "a", {"order_number": "XK12", "unused": "x"}).merge_values == {
        "order_number": "XK12"
    }
    with pytest.raises(MissingValue):
        queue(batch, people[0], "b")


def test_nobody_joins_a_cancelled_batch(people, sender, in_workspace):
    batch = cancel_batch(batch=make_batch(sender), by=None, now=TUESDAY)

    with pytest.raises(BatchClosed):
        queue(batch, people[0])
    with scope(workspace=in_workspace), pytest.raises(BatchClosed):
        add_all(batch)
