"""From a text on a phone to where it leads: the addresses that left, opened at the redirect."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TrackingMode
from messaging.models import Message
from messaging.services.batches import queue_message
from shortlinks import personal
from shortlinks.queries import short_url
from shortlinks.services import set_targets
from tests.factories import TUESDAY, make_batch, make_contact, make_link
from tests.messaging.helpers import run_step, send_to_all
from tests.shortlinks.door import Door

TEXT = "Voir {link} ou {shop_link}"
CODE_DAYS = timedelta(days=396)


@pytest.fixture
def two_links(in_workspace):
    return {
        "link": make_link(in_workspace, "https://page.example/", has_utm=True),
        "shop_link": make_link(in_workspace, "https://shop.example/"),
    }


def addresses_in(text):
    return [word for word in text.split() if word.startswith("go.lambert.example/")]


def opened(door, address):
    return door.get(address.partition("/")[2])


@pytest.mark.parametrize(("mode", "is_told"), [(TrackingMode.INDIVIDUAL, True), (TrackingMode.WITH_CONSENT, False)])
def test_each_link_of_a_text_leads_to_its_own_target_and_tells_the_same_recipient(
    in_workspace, account, sender, gateway, two_links, tmp_path, monkeypatch, mode, is_told
):
    in_workspace.tracking_mode = mode
    in_workspace.save()
    people = [make_contact(in_workspace, f"+336399800{number}") for number in (41, 42, 43)]
    send_to_all(make_batch(sender, TEXT, links=two_links))
    run_step(account)
    door = Door(tmp_path, monkeypatch)

    seen = {}
    for outgoing in gateway.taken:
        answers = [opened(door, address) for address in addresses_in(outgoing.text)]
        hits = [door.hit_of(answer) for answer in answers]
        seen[outgoing.to] = [(a.location, hit.link_id, hit.position) for a, hit in zip(answers, hits, strict=True)]

    positions = {message.contact.phone: message.position for message in Message.objects.select_related("contact")}
    assert seen == {
        person.phone: [
            (link.target_url, link.pk, positions[person.phone] if is_told else -1) for link in two_links.values()
        ]
        for person in people
    }


def test_codes_die_thirteen_months_after_sending(
    in_workspace, account, sender, gateway, two_links, tmp_path, monkeypatch
):
    now = timezone.now()
    make_contact(in_workspace)
    old, fresh = (make_batch(sender, TEXT, links=two_links) for _ in range(2))
    for batch, key, moment in ((old, "old", now - CODE_DAYS), (fresh, "fresh", now - CODE_DAYS + timedelta(hours=1))):
        contact = make_contact(in_workspace, f"+33639980{len(key) * 10 + 600}")
        queue_message(batch=batch, contact=contact, values={}, idempotency_key=key, due_at=TUESDAY, now=moment)
    door = Door(tmp_path, monkeypatch)

    statuses = {
        message.idempotency_key: {door.get(address.partition("/")[2]).status for address in addresses_of(message)}
        for message in Message.objects.all()
    }

    assert statuses == {"old": {410}, "fresh": {302}}


def addresses_of(message):
    return [short_url(link=row.link, position=message.position) for row in message.batch.links.all()]


def test_an_automation_s_message_may_lead_to_an_address_of_its_own(in_workspace, sender, tmp_path, monkeypatch):
    link = make_link(in_workspace, "https://shop.example/orders", is_per_number=True)
    batch = make_batch(sender, "Votre colis : {link}", purpose="service", links={"link": link}, is_standing=True)
    messages = [
        queue_message(
            batch=batch,
            contact=make_contact(in_workspace, f"+336399800{number}"),
            values={},
            idempotency_key=f"order-{number}",
            due_at=TUESDAY,
            now=timezone.now(),
        )
        for number in (51, 52)
    ]
    set_targets(link=link, targets={messages[0].position: "https://carrier.example/AB123"})
    door = Door(tmp_path, monkeypatch)
    numbers = [door.redirect.directory.hosts[0].find(code_of(message, link)).number for message in messages]
    monkeypatch.setattr(
        personal.PersonalTargets, "address", known_now({n: personal._read(link.pk, n) for n in numbers})
    )

    locations = [
        asyncio.run(door.redirect.answer(door.request(code_of(message, link), "go.lambert.example"))).location
        for message in messages
    ]

    assert locations == ["https://carrier.example/AB123", "https://shop.example/orders"]


def code_of(message, link):
    return short_url(link=link, position=message.position).partition("/")[2]


def known_now(targets):
    async def address(self, link_id, number):
        return targets[number]

    return address
