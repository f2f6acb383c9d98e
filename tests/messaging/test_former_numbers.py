"""What is said from a number that somebody had before: a no counts for the number and is not lost on the person."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from audience.models import Block, Consent, FormerNumber, Topic, TopicRefusal
from audience.queries import contact_of, is_opted_out
from audience.services import add_contact
from audience.services.erasure import erase_contact
from audience.services.exports import export_person
from audience.services.merging import merge_contacts
from audience.services.numbers import change_number, forget_numbers
from audience.services.preferences import choose_topics
from integrations.gateways.base import IncomingMessage
from messaging.models import InboundMessage, Message
from messaging.services.choices import Choices, choices_of, save_choices
from messaging.services.inbound import confirm_stop, release_hold, take_messages
from messaging.services.opt_out import opt_out_typed
from shortlinks.models import CodeRange
from shortlinks.visits import make_visit_token
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

OLD, NEW, OTHER = "+33639980041", "+33639980052", "+33639980063"


@pytest.fixture
def camille(workspace):
    return make_contact(workspace, OLD)


def move(contact, phone=NEW, now=TUESDAY):
    with scope(workspace=contact.workspace):
        contact.refresh_from_db()
        return change_number(contact=contact, phone=phone, now=now)


def write(account, text="STOP", sender=OLD):
    message = IncomingMessage(sender=sender, text=text, received_at=TUESDAY, provider_id=f"in-{sender}-{text}")
    take_messages(account=account, messages=[message], now=TUESDAY)
    with scope(workspace=account.workspace):
        return InboundMessage.objects.latest("pk")


def opposed(workspace, *phones):
    return [is_opted_out(workspace=workspace, phone=phone, scope="marketing") for phone in phones]


def sent(account, sender):
    batch = send_to_all(make_batch(sender))
    run_step(account)
    return outcome(batch)


# STOP from an old number ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["STOP", "mais stop avec vos messages"])
def test_a_stop_from_an_old_number_holds_the_person_too_until_somebody_decides(
    workspace, other_workspace, camille, account, sender, text
):
    odile = make_contact(other_workspace, OLD, first_name="Odile")
    move(camille)
    move(odile)

    inbound = write(account, text)

    assert opposed(workspace, OLD, NEW) == [text == "STOP", False]
    assert sent(account, sender) == [("suppressed", "on_hold")]
    assert (inbound.contact, inbound.holds_marketing) == (None, True)
    with scope(workspace=other_workspace):
        assert not Block.objects.exists()


def test_a_hold_for_an_old_number_stands_in_the_ledger(workspace, camille, account):
    move(camille)

    write(account)

    with scope(workspace=workspace):
        rows = list(camille.consents.filter(act="held").values_list("purpose", "source"))
    assert rows == [("marketing", "former number")]


def test_whoever_reads_that_it_was_them_opts_out_both_numbers(workspace, camille, account, sender):
    move(camille)
    inbound = write(account)

    with scope(workspace=workspace):
        confirm_stop(inbound=inbound, now=TUESDAY)

    assert opposed(workspace, OLD, NEW) == [True, True]
    with scope(workspace=workspace):
        assert not Block.objects.exists()


def test_whoever_reads_that_it_was_somebody_else_lets_the_person_go_on(workspace, camille, account, sender):
    move(camille)
    inbound = write(account)

    with scope(workspace=workspace):
        release_hold(inbound=inbound, now=TUESDAY)

    assert opposed(workspace, OLD, NEW) == [True, False]
    assert sent(account, sender) == [("accepted", "")]


def test_a_wish_to_stop_that_is_understood_after_a_change_of_numbers_holds_for_the_new_one(workspace, camille, account):
    inbound = write(account, "bon, stop")
    move(camille)

    with scope(workspace=workspace):
        confirm_stop(inbound=inbound, now=TUESDAY)

    assert opposed(workspace, OLD, NEW) == [True, True]


def test_a_confirmation_of_stop_goes_to_no_number_that_did_not_ask(camille, account, gateway):
    move(camille)

    write(account)
    run_step(account)

    assert gateway.taken == []


def test_a_stop_on_the_page_for_a_typed_old_number_holds_the_person_too(workspace, camille, account, sender):
    move(camille)

    opt_out_typed(workspace=workspace, typed="06 39 98 00 41", now=TUESDAY)

    assert sent(account, sender) == [("suppressed", "on_hold")]


def test_the_inbox_says_whose_number_it_was_and_asks_for_a_decision(workspace, camille, account, owner_client):
    move(camille)
    inbound = write(account)

    page = owner_client.get(reverse("messaging_inbox:inspect", args=[inbound.pk]), headers={"accept-language": "en"})
    answer = owner_client.post(reverse("messaging_inbox:decide", args=[inbound.pk]), {"stop": ""})

    assert "Camille had this number until lately." in page.text
    assert 'name="stop"' in page.text
    assert (answer.status_code, opposed(workspace, OLD, NEW)) == (302, [True, True])


def test_a_number_that_goes_by_a_merge_is_remembered(workspace, camille, account):
    kept = make_contact(workspace, NEW)
    with scope(workspace=workspace):
        FormerNumber.objects.create(
            workspace=workspace, contact=camille, phone=OTHER, phone_index=b"other", left_at=TUESDAY
        )

        merge_contacts(kept=kept, gone=camille, by=None, now=TUESDAY)

        assert [each.phone for each in kept.former_numbers.order_by("pk")] == [OTHER, OLD]


def test_whoever_takes_their_old_number_back_has_no_former_one_of_it(workspace, camille):
    move(camille)
    move(camille, OLD)

    with scope(workspace=workspace):
        assert [each.phone for each in camille.former_numbers.all()] == [NEW]


def test_former_numbers_are_told_to_the_person_and_forgotten_with_their_links(workspace, camille, settings):
    settings.SHORT_CODE_DAYS = 30
    move(camille)
    with scope(workspace=workspace):
        told = export_person(contact=camille, by=None, now=TUESDAY)["contact"]["former_numbers"]
        early = forget_numbers(workspace=workspace, now=TUESDAY + timedelta(days=30))
        late = forget_numbers(workspace=workspace, now=TUESDAY + timedelta(days=31))

    assert (told, early, late) == ([OLD], 0, 1)


def test_an_erased_person_leaves_no_former_number(workspace, camille):
    move(camille)

    with scope(workspace=workspace):
        erase_contact(contact=camille, by=None, now=TUESDAY)

        assert not FormerNumber.objects.exists()


# A link that was sent to an old number --------------------------------------------------------------


@pytest.fixture
def old_link(workspace, sender, account, link, camille):
    """The address behind `/<code>/s` of a message that Camille got before they changed numbers."""
    send_to_all(make_batch(sender, "{link}", links={"link": link}))
    run_step(account)
    with scope(workspace=workspace):
        number = CodeRange.objects.get(link=link).start
    token = make_visit_token(domain=link.domain, number=number, now=timezone.now())
    move(camille)
    return reverse("messaging:opt_out_personal", args=[workspace.slug, token])


def choices(workspace, contact):
    return choices_of(workspace=workspace, contact=contact)


EVERYTHING = {"wants_service": "on", "may_be_followed": "on", "frequency": ""}


def test_an_old_link_shows_the_number_it_was_sent_to_and_stops_both(workspace, old_link):
    page = Client().get(old_link)
    Client().post(old_link)

    assert "•• 41" in page.text and "•• 52" not in page.text
    assert opposed(workspace, OLD, NEW) == [True, True]


def test_an_old_link_stops_the_number_of_today_though_the_old_one_is_forgotten(workspace, old_link):
    with scope(workspace=workspace):
        FormerNumber.objects.all().delete()

    page = Client().get(old_link)
    Client().post(old_link)

    assert (page.status_code, "••" in page.text, opposed(workspace, NEW)) == (200, False, [True])


def test_an_old_link_makes_choices_stricter_and_never_looser(workspace, old_link, camille):
    with scope(workspace=workspace):
        shoes, hats = (Topic.objects.create(workspace=workspace, name=name) for name in ("Shoes", "Hats"))
        choose_topics(contact=camille, refused=[shoes.pk], now=TUESDAY)
    everything = Choices(frozenset(), "weekly", True, True)
    save_choices(
        workspace=workspace,
        contact=camille,
        choices=replace(everything, refused_topics=frozenset({shoes.pk}), wants_service=False, may_be_followed=False),
        now=TUESDAY,
    )
    before = choices(workspace, camille)

    page = Client().post(f"{old_link}choices/", {**EVERYTHING, "topics": [shoes.pk, hats.pk]})
    looser = choices(workspace, camille)
    Client().post(f"{old_link}choices/", {"topics": [shoes.pk], "frequency": "monthly"})

    assert "number that you had before" in page.text
    assert looser == before
    assert choices(workspace, camille) == replace(
        before, refused_topics=frozenset({shoes.pk, hats.pk}), frequency="monthly"
    )


def test_an_old_link_asks_nobody_to_come_back(workspace, old_link, camille):
    Client().post(old_link)

    page = Client().post(f"{old_link}choices/", {"again": "yes"})

    assert 'name="again"' not in page.text
    with scope(workspace=workspace):
        assert not Message.objects.filter(batch__purpose="service").exists()
        assert not Consent.objects.filter(act="requested").exists()


def test_a_link_to_the_number_of_today_still_loosens(workspace, sender, account, link, camille):
    move(camille)
    send_to_all(make_batch(sender, "{link}", links={"link": link}))
    run_step(account)
    with scope(workspace=workspace):
        topic = Topic.objects.create(workspace=workspace, name="Shoes")
        choose_topics(contact=camille, refused=[topic.pk], now=TUESDAY)
        number = CodeRange.objects.get(link=link).start
    token = make_visit_token(domain=link.domain, number=number, now=timezone.now())

    Client().post(reverse("messaging:choices", args=[workspace.slug, token]), {**EVERYTHING, "topics": [topic.pk]})

    with scope(workspace=workspace):
        assert not TopicRefusal.objects.exists()


def test_a_link_of_a_merged_contact_is_one_of_an_old_number(workspace, sender, account, link, camille):
    send_to_all(make_batch(sender, "{link}", links={"link": link}))
    run_step(account)
    kept = add_contact(workspace=workspace, phone=NEW, source="till")
    with scope(workspace=workspace):
        number = CodeRange.objects.get(link=link).start
        merge_contacts(kept=kept, gone=camille, by=None, now=TUESDAY)
    token = make_visit_token(domain=link.domain, number=number, now=timezone.now())

    Client().post(reverse("messaging:opt_out_personal", args=[workspace.slug, token]))

    assert opposed(workspace, OLD, NEW) == [True, True]
    assert contact_of(workspace=workspace, phone=NEW) == kept
