import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from accounts.keys import keyed_index
from audience.queries import is_opted_out
from messaging.models import InboundMessage, Sender, TeamNumber
from tests.factories import TUESDAY, make_account, make_contact, make_member, make_sender
from tests.messaging.helpers import run_step

PHONE = "+33639980042"


def make_reply(account, text="Oui", **fields):
    with scope(workspace=account.workspace):
        return InboundMessage.objects.create(
            workspace=account.workspace,
            account=account,
            provider_id=text,
            phone=PHONE,
            phone_index=keyed_index(PHONE),
            text=text,
            kind=InboundMessage.Kind.REPLY,
            received_at=TUESDAY,
            **fields,
        )


def test_a_sender_is_checked_on_the_form(owner_client, account, workspace):
    url = reverse("messaging_senders:add")

    bad = owner_client.post(url, {"name": "Coiff&Style", "account": account.pk})
    owner_client.post(url, {"name": "COIFFSTYLE", "account": account.pk})

    assert "no spaces, accents or signs" in bad.text
    with scope(workspace=workspace):
        assert [sender.name for sender in Sender.objects.all()] == ["COIFFSTYLE"]


def test_a_sender_can_not_use_the_account_of_another_workspace(owner_client, account, other_workspace, workspace):
    foreign = make_account(other_workspace, "scripted")

    owner_client.post(reverse("messaging_senders:add"), {"name": "LAMBERT", "account": foreign.pk})

    with scope(workspace=workspace):
        assert Sender.objects.count() == 0


def test_a_team_number_gets_a_code_and_shows_masked(owner_client, sender, workspace):
    response = owner_client.post(
        reverse("messaging_team:add"), {"name": "Paul", "number": "06 39 98 00 42"}, follow=True
    )

    with scope(workspace=workspace):
        number = TeamNumber.objects.get()
    assert (number.phone, number.confirmed_at) == (PHONE, None)
    assert response.redirect_chain[-1][0] == reverse("messaging_team:confirm", args=[number.pk])
    assert "+33 6 •• •• •• 42" in response.text


def test_a_wrong_code_is_said_on_the_form(owner_client, sender, workspace):
    with scope(workspace=workspace):
        number = TeamNumber.objects.create(workspace=workspace, name="Paul", phone=PHONE)

    response = owner_client.post(reverse("messaging_team:confirm", args=[number.pk]), {"code": "123456"})

    assert "This is not the code" in response.text


def test_the_inbox_shows_replies_of_its_own_workspace(owner_client, account, workspace, other_workspace):
    make_reply(make_account(other_workspace, "scripted"), "pas pour vous")
    mine = make_reply(account, "Oui, samedi", contact=make_contact(workspace, PHONE))

    response = owner_client.get(reverse("messaging_inbox:index"))

    assert "Oui, samedi" in response.text
    assert reverse("messaging_inbox:inspect", args=[mine.pk]) in response.text
    assert "pas pour vous" not in response.text


@pytest.mark.parametrize("name", ["messaging_inbox", "messaging_team", "messaging_senders"])
def test_lists_make_a_constant_number_of_queries(owner_client, account, workspace, name):
    url, counts = reverse(f"{name}:index"), []
    for number in range(1, 4):
        make_reply(account, f"Oui {number}", contact=make_contact(workspace, f"+3363998000{number}"))
        make_sender(account, f"LAMBERT{number}")
        with scope(workspace=workspace):
            TeamNumber.objects.create(workspace=workspace, name="Paul", phone=PHONE)
        with CaptureQueriesContext(connection) as queries:
            owner_client.get(url)
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_a_held_reply_is_decided_by_a_person(owner_client, account, workspace):
    wish = make_reply(account, "bon, stop", holds_marketing=True)
    page = owner_client.get(reverse("messaging_inbox:inspect", args=[wish.pk]))

    owner_client.post(reverse("messaging_inbox:decide", args=[wish.pk]), {"stop": ""})

    assert "bon, stop" in page.text
    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_replies_of_another_workspace_can_not_be_decided(owner_client, other_workspace):
    foreign = make_reply(make_account(other_workspace, "scripted"), "stop là", holds_marketing=True)

    response = owner_client.post(reverse("messaging_inbox:decide", args=[foreign.pk]), {"stop": ""})

    assert response.status_code == 404


def act(client, inbound, **data):
    return client.post(reverse("messaging_inbox:act", args=[inbound.pk]), data)


def test_a_reply_is_read_taken_over_and_done(owner_client, account, workspace, other_workspace):
    reply = make_reply(account, "Vous ouvrez quand ?", contact=make_contact(workspace, PHONE))
    lucie, stranger = make_member(workspace, "marketer"), make_member(other_workspace)

    states = []
    for data in ({"act": "read"}, {"act": "assign", "to": lucie.pk}, {"act": "assign", "to": stranger.pk}):
        act(owner_client, reply, **data)
        states.append(owner_client.get(reverse("messaging_inbox:index")).text)
        with scope(workspace=workspace):
            reply.refresh_from_db()
        states.append((reply.read_at is not None, reply.assigned_to_id, reply.done_at))
    act(owner_client, reply, act="done")
    page = owner_client.get(reverse("messaging_inbox:index") + "?which=open")

    assert states[1::2] == [(True, None, None), (True, lucie.pk, None), (True, None, None)]
    assert "Vous ouvrez" in states[0] and "Vous ouvrez" not in page.text


def test_looking_at_a_reply_changes_nothing(owner_client, account, workspace):
    reply = make_reply(account, "Bonjour")

    page = owner_client.get(reverse("messaging_inbox:inspect", args=[reply.pk]))

    assert "+33 6 •• •• •• 42" in page.text and "63998" not in page.text
    with scope(workspace=workspace):
        reply.refresh_from_db()
    assert reply.read_at is None


def test_the_contact_details_may_be_sent_once_a_day(owner_client, account, sender, workspace, gateway):
    workspace.contact_details = "04 00 00 00 00"
    workspace.save()
    reply = make_reply(account, "Qui est-ce ?", contact=make_contact(workspace, PHONE))

    for _time in range(2):
        act(owner_client, reply, act="details")
    run_step(account, timezone.now())

    assert [outgoing.text for outgoing in gateway.taken] == ["Maison Lambert. 04 00 00 00 00"]


def test_without_contact_details_the_screen_asks_for_them(owner_client, account, workspace):
    reply = make_reply(account, "Qui est-ce ?", contact=make_contact(workspace, PHONE))

    page = owner_client.get(reverse("messaging_inbox:inspect", args=[reply.pk]))

    assert "fill in your contact details first" in page.text


def test_any_reply_can_be_read_as_a_stop(owner_client, account, workspace):
    reply = make_reply(account, "laissez-moi tranquille", contact=make_contact(workspace, PHONE))

    owner_client.post(reverse("messaging_inbox:decide", args=[reply.pk]), {"stop": ""})

    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_an_analyst_reads_and_changes_nothing(client, account, workspace):
    client.force_login(make_member(workspace, "analyst"))
    reply = make_reply(account, "stop svp ?", holds_marketing=True)

    page = client.get(reverse("messaging_inbox:inspect", args=[reply.pk]))
    refused = [act(client, reply, act="done"), client.post(reverse("messaging_inbox:decide", args=[reply.pk]))]

    assert '<button type="submit" name="act"' not in page.text
    assert [answer.status_code for answer in refused] == [302, 302]
    with scope(workspace=workspace):
        reply.refresh_from_db()
    assert (reply.done_at, reply.holds_marketing) == (None, True)
