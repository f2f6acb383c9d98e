from datetime import timedelta

import pytest
from django_scopes import scope

from accounts.keys import opt_out_hash
from accounts.models import TrackingMode
from audience.models import Consent, Contact, Purpose
from audience.services.merging import merge_contacts
from audience.services.preferences import choose_tracking
from messaging.models import Batch
from messaging.services.batches import add_recipients, queue_message
from messaging.services.tracking import stop_following
from shortlinks.models import Click, CodeRange, QuietNumber
from shortlinks.queries import codes_at
from tests.factories import (
    TUESDAY,
    make_account,
    make_audience,
    make_batch,
    make_click,
    make_contact,
    make_link,
    make_sender,
)


def test_whoever_refuses_is_forgotten_in_every_message_they_got(in_workspace, other_workspace):
    """And nobody else is, not even the same person with another shop."""
    places = {}
    for workspace in (in_workspace, other_workspace):
        sender = make_sender(make_account(workspace, gateway="scripted"))
        links = {"link": make_link(workspace), "shop_link": make_link(workspace)}
        batch = make_batch(sender, "Voir {link} ou {shop_link}", links=links)
        with scope(workspace=workspace):
            crowd = make_audience(workspace, 3).contacts.all()
            add_recipients(batch=batch, contacts=crowd, due_at=TUESDAY, now=TUESDAY)
            contact = make_contact(workspace)
            message = queue_message(
                batch=batch, contact=contact, values={}, idempotency_key="one", due_at=TUESDAY, now=TUESDAY
            )
            for link in links.values():
                make_click(link, message.position)
                make_click(link, 0)
        places[workspace] = contact, message.position

    contact, position = places[in_workspace]
    stop_following(workspace=in_workspace, contact=contact)

    assert list(Click.objects.order_by("pk").values_list("position", flat=True)) == [None, 0, None, 0]
    assert set(QuietNumber.objects.values_list("position", flat=True)) == {position}
    assert QuietNumber.objects.count() == 2
    with scope(workspace=other_workspace):
        assert list(Click.objects.order_by("pk").values_list("position", flat=True)) == [position, 0, position, 0]


@pytest.mark.parametrize("refuser", ["kept", "gone"])
def test_whoever_is_merged_with_somebody_who_refused_is_forgotten_as_well(in_workspace, refuser):
    batch = make_batch(
        make_sender(make_account(in_workspace, gateway="scripted")),
        "Voir {link}",
        links={"link": make_link(in_workspace)},
    )
    people = {"kept": make_contact(in_workspace, "+33639980001"), "gone": make_contact(in_workspace, "+33639980002")}
    for name, contact in people.items():
        message = queue_message(
            batch=batch, contact=contact, values={}, idempotency_key=name, due_at=TUESDAY, now=TUESDAY
        )
        make_click(batch.links.get().link, message.position)
    choose_tracking(workspace=in_workspace, contact=people[refuser], may_follow=False, source="page", now=TUESDAY)

    merge_contacts(**people, by=None, now=TUESDAY)

    assert list(Click.objects.values_list("position", flat=True)) == [None, None]


def people_of_each_kind(workspace, first=300):
    """Never asked, agreed, refused, refused and then agreed."""
    contacts = [make_contact(workspace, f"+33639980{number}") for number in range(first, first + 4)]
    words = {1: ["granted"], 2: ["withdrawn"], 3: ["withdrawn", "confirmed"]}
    for place, acts in words.items():
        for hours, act in enumerate(acts):
            make_tracking_word(contacts[place], act, TUESDAY + timedelta(hours=hours))
    return contacts


def make_tracking_word(contact, act, occurred_at):
    Consent.objects.create(
        workspace=contact.workspace,
        contact=contact,
        number_hash=opt_out_hash(contact.phone),
        purpose=Purpose.TRACKING,
        act=act,
        source="page",
        occurred_at=occurred_at,
        recorded_at=occurred_at,
    )


def followed_by(batch):
    """For each contact of the batch: do their codes tell of them, now and in each tracking mode?"""
    found = {}
    for message in batch.messages.all():
        ranges = CodeRange.objects.filter(link=batch.links.get().link)
        own = next(each for each in ranges if each.first_position <= message.position < each.first_position + each.size)
        found[message.contact_id] = own.is_followed, own.has_agreed
    return found


EXPECTED = {
    TrackingMode.INDIVIDUAL: [(True, False), (True, False), (False, False), (True, False)],
    TrackingMode.WITH_CONSENT: [(False, False), (True, True), (False, False), (True, True)],
    TrackingMode.AGGREGATE: [(False, False)] * 4,
}


@pytest.mark.parametrize("mode", TrackingMode.values)
@pytest.mark.parametrize("way", ["in bulk", "one by one"])
def test_only_those_get_codes_that_tell_of_them_who_may_be_followed(in_workspace, sender, mode, way):
    in_workspace.tracking_mode = mode
    in_workspace.save()
    people = people_of_each_kind(in_workspace)
    batch = make_batch(sender, "Voir {link}", links={"link": make_link(in_workspace)})

    if way == "in bulk":
        add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=TUESDAY, now=TUESDAY)
    else:
        for contact in people:
            queue(batch, contact)

    assert followed_by(batch) == {contact.pk: kind for contact, kind in zip(people, EXPECTED[mode], strict=True)}
    assert sorted(batch.messages.values_list("position", flat=True)) == sorted(
        {message.position for message in batch.messages.all()}
    )


def queue(batch, contact):
    return queue_message(
        batch=batch, contact=contact, values={}, idempotency_key=str(contact.pk), due_at=TUESDAY, now=TUESDAY
    )


def test_places_and_codes_agree_however_recipients_join(in_workspace, sender):
    """In bulk, one by one, and in bulk again, in three tracking modes: every message has a code of its own."""
    link = make_link(in_workspace)
    batch = make_batch(sender, "Voir {link}", links={"link": link})
    joined = []

    for step, mode in enumerate(TrackingMode.values):
        in_workspace.tracking_mode = mode
        in_workspace.save()
        batch = Batch.objects.get(pk=batch.pk)
        joined += people_of_each_kind(in_workspace, 300 + 10 * step)
        for contact in joined[-2:]:
            queue(batch, contact)
        add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=TUESDAY, now=TUESDAY)

    positions = list(batch.messages.values_list("position", flat=True))
    codes = codes_at(link=link, positions=positions)
    assert len(set(positions)) == len(set(codes.values())) == len(joined) == 12


def test_a_message_without_a_link_takes_the_next_place_whoever_gets_it(in_workspace, sender):
    batch = make_batch(sender, "Bonjour")

    for contact in people_of_each_kind(in_workspace):
        queue(batch, contact)

    assert list(batch.messages.order_by("pk").values_list("position", flat=True)) == [0, 1, 2, 3]


def test_a_window_of_those_who_agreed_takes_nobody_else_after_the_mode_has_changed(in_workspace, sender):
    batch = make_batch(sender, "Voir {link}", links={"link": make_link(in_workspace)})
    never_asked, agreed, *_ = people_of_each_kind(in_workspace)

    for mode, contact in ((TrackingMode.WITH_CONSENT, agreed), (TrackingMode.INDIVIDUAL, never_asked)):
        in_workspace.tracking_mode = mode
        in_workspace.save()
        queue(Batch.objects.get(pk=batch.pk), contact)

    assert followed_by(batch) == {agreed.pk: (True, True), never_asked.pk: (True, False)}
