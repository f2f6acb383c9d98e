"""Double opt-in: asked on their own phone, answered by reply or by page; the only way back after a STOP."""

import re
from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import AudienceSettings, Block, Consent
from audience.queries import has_consent, is_opted_out
from audience.services.blocks import block_number
from audience.services.erasure import erase_contact
from audience.services.exports import export_person
from audience.services.merging import merge_contacts
from integrations.gateways.base import IncomingMessage
from integrations.gateways.encoding import measure
from messaging.models import InboundMessage, OptInRequest
from messaging.services.double_opt_in import NoSender, NotPending, confirm_request, request_of, sign_up
from messaging.services.inbound import take_messages
from messaging.services.opt_out import opt_out
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import outcome, run_step, send_to_all

PHONE = "+33639980001"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def camille(workspace, sender):
    return make_contact(workspace, PHONE, consents=False)


@pytest.fixture
def twice(workspace):
    """The workspace wants double opt-in."""
    with scope(workspace=workspace):
        AudienceSettings.objects.create(workspace=workspace, double_opt_in=True)


def subscribe(workspace, contact, now=TUESDAY):
    return sign_up(workspace=workspace, contact=contact, source="form", wording="I want offers by SMS.", now=now)


def reply(account, text, now, number=1, sender=PHONE):
    message = IncomingMessage(sender=sender, text=text, received_at=now, provider_id=f"in-{number}-{now:%H%M%S}")
    take_messages(account=account, messages=[message], now=now)


def token_in(text):
    return re.search(r"/yes/([\w-]+)/", text)[1]


def acts(workspace):
    with scope(workspace=workspace):
        return list(Consent.objects.order_by("pk").values_list("act", flat=True))


def stop(workspace, now=TUESDAY):
    opt_out(workspace=workspace, phone=PHONE, scope="marketing", source="page", now=now)


def test_without_the_option_a_form_grants_at_once(workspace, camille, gateway, account):
    subscribe(workspace, camille)
    run_step(account)

    assert (acts(workspace), gateway.taken) == (["granted"], [])


def test_with_the_option_nobody_is_written_to_before_they_have_confirmed(workspace, camille, twice, account, sender):
    subscribe(workspace, camille)
    run_step(account)
    early = send_to_all(make_batch(sender))
    run_step(account)
    reply(account, "Oui !", TUESDAY + MINUTE)
    late = send_to_all(make_batch(sender), TUESDAY + MINUTE)
    run_step(account, TUESDAY + MINUTE)

    assert acts(workspace) == ["requested", "confirmed"]
    assert (outcome(early), outcome(late)) == ([("suppressed", "no_consent")], [("accepted", "")])


def test_the_question_is_one_plain_text_with_both_ways_to_answer(workspace, camille, twice, account, gateway):
    subscribe(workspace, camille)
    run_step(account)

    text = gateway.taken[0].text
    assert text.startswith("Maison Lambert: to get our offers by SMS, reply YES to 36180 or confirm here: http")
    assert (measure(text).parts, measure(text).guilty, gateway.taken[0].is_marketing) == (1, (), False)


def test_a_confirmation_says_what_was_signed_and_where(workspace, camille, twice, account):
    subscribe(workspace, camille)

    reply(account, "OUI", TUESDAY + MINUTE)

    with scope(workspace=workspace):
        row = Consent.objects.get(act="confirmed")
        assert (row.wording, row.source, row.occurred_at) == ("I want offers by SMS.", "SMS", TUESDAY + MINUTE)
        assert (row.evidence.content["text"], row.evidence.content["signed_up_by"]) == ("OUI", "form")
        assert InboundMessage.objects.get().kind == "yes"


def test_yes_out_of_the_blue_is_for_a_person(workspace, camille, account):
    reply(account, "oui", TUESDAY)

    with scope(workspace=workspace):
        assert (InboundMessage.objects.get().kind, acts(workspace)) == ("reply", [])


@pytest.mark.parametrize("text", ["oui mais stop", "OUI pour samedi", "non", "start"])
def test_other_answers_confirm_nothing(workspace, camille, twice, account, text):
    subscribe(workspace, camille)

    reply(account, text, TUESDAY + MINUTE)

    assert "confirmed" not in acts(workspace)


def test_the_link_works_once_and_for_a_week(workspace, camille, twice, account, gateway):
    subscribe(workspace, camille)
    run_step(account)
    token = token_in(gateway.taken[0].text)
    asked = request_of(workspace=workspace, token=token, now=TUESDAY + timedelta(days=6))

    assert request_of(workspace=workspace, token=token, now=TUESDAY + timedelta(days=8)) is None
    assert request_of(workspace=workspace, token="made-up", now=TUESDAY) is None
    answer = {"source": "page", "said_at": TUESDAY + MINUTE, "now": TUESDAY + MINUTE, "evidence": {}}
    confirm_request(request=asked, **answer)
    with pytest.raises(NotPending):
        confirm_request(request=asked, **answer)
    assert acts(workspace) == ["requested", "confirmed"]


def test_a_link_of_one_workspace_opens_nothing_in_another(workspace, other_workspace, camille, twice, account, gateway):
    subscribe(workspace, camille)
    run_step(account)

    assert request_of(workspace=other_workspace, token=token_in(gateway.taken[0].text), now=TUESDAY) is None


def test_a_phone_is_asked_once_a_day_and_three_times_a_month(workspace, camille, twice, account):
    for hours in (0, 1, 25, 50, 75, 100):
        subscribe(workspace, camille, TUESDAY + timedelta(hours=hours))

    with scope(workspace=workspace):
        assert list(OptInRequest.objects.order_by("pk").values_list("asked_at", flat=True)) == [
            TUESDAY,
            TUESDAY + timedelta(hours=25),
            TUESDAY + timedelta(hours=50),
        ]


def test_after_a_stop_a_form_alone_changes_nothing_and_the_phone_itself_does(workspace, camille, account, sender):
    stop(workspace)
    subscribe(workspace, camille, TUESDAY + MINUTE)
    run_step(account, TUESDAY + MINUTE)

    still = is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")
    reply(account, "oui", TUESDAY + 2 * MINUTE)

    assert still
    assert not is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")
    with scope(workspace=workspace):
        assert has_consent(contact=camille, purpose="marketing")


def test_a_stop_after_the_question_ends_the_question(workspace, camille, twice, account):
    subscribe(workspace, camille)
    stop(workspace, TUESDAY + MINUTE)

    reply(account, "oui", TUESDAY + 2 * MINUTE)

    assert "confirmed" not in acts(workspace)
    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_a_service_opt_out_silences_the_question_too(workspace, camille, twice, account, gateway):
    opt_out(workspace=workspace, phone=PHONE, scope="service", source="page", now=TUESDAY)
    subscribe(workspace, camille)

    run_step(account)

    assert gateway.taken == []


def test_without_a_sender_the_sign_up_fails_whole(workspace, other_workspace):
    stranger = make_contact(other_workspace, PHONE, consents=False)
    with scope(workspace=other_workspace):
        AudienceSettings.objects.create(workspace=other_workspace, double_opt_in=True)

        with pytest.raises(NoSender):
            subscribe(other_workspace, stranger)

    assert acts(other_workspace) == []


@pytest.mark.parametrize("kind", Block.Kind.values)
def test_nobody_who_is_blocked_is_asked(workspace, other_workspace, camille, twice, account, gateway, kind):
    block_number(workspace=other_workspace, phone=PHONE, kind=kind, source="test", now=TUESDAY)
    subscribe(workspace, camille)
    block_number(workspace=workspace, phone=PHONE, kind=kind, source="test", now=TUESDAY)
    run_step(account)
    subscribe(workspace, camille, TUESDAY + timedelta(days=2))
    run_step(account, TUESDAY + timedelta(days=2))

    assert (acts(workspace), gateway.taken) == (["requested", "requested"], [])
    with scope(workspace=workspace):
        assert list(OptInRequest.objects.values_list("message__reason", flat=True)) in (["blocked"], ["on_hold"])


def test_a_block_of_another_brand_keeps_nobody_from_being_asked(
    workspace, other_workspace, camille, twice, account, gateway
):
    block_number(workspace=other_workspace, phone=PHONE, kind="complaint", source="test", now=TUESDAY)

    subscribe(workspace, camille)
    run_step(account)

    assert len(gateway.taken) == 1


def test_whoever_is_blocked_still_has_their_stop_confirmed(workspace, camille, account, gateway):
    block_number(workspace=workspace, phone=PHONE, kind="complaint", source="test", now=TUESDAY, bars_service=True)

    reply(account, "STOP", TUESDAY)
    run_step(account)

    assert len(gateway.taken) == 1


def export(contact):
    with scope(workspace=contact.workspace):
        return export_person(contact=contact, by=None, now=TUESDAY)["confirmations"]


def test_a_person_is_told_what_their_phone_was_asked_and_nobody_elses(
    workspace, other_workspace, camille, twice, account
):
    make_contact(other_workspace, PHONE, consents=False)
    neighbour = make_contact(workspace, "+33639980002", consents=False)
    subscribe(workspace, camille)
    subscribe(workspace, neighbour, TUESDAY + MINUTE)

    reply(account, "oui", TUESDAY + MINUTE)

    assert export(camille) == [
        {
            "source": "form",
            "wording": "I want offers by SMS.",
            "asked": "2026-11-24T09:30:00Z",
            "until": "2026-12-01T09:30:00Z",
            "confirmed": "2026-11-24T09:31:00Z",
        }
    ]


def test_erasing_and_merging_end_the_questions_of_whoever_goes(workspace, camille, twice, account, gateway):
    kept = make_contact(workspace, "+33639980002", consents=False)
    subscribe(workspace, camille)
    subscribe(workspace, kept)
    run_step(account)
    tokens = [token_in(outgoing.text) for outgoing in gateway.taken]

    with scope(workspace=workspace):
        merge_contacts(kept=kept, gone=camille, by=None, now=TUESDAY)
    merged = [request_of(workspace=workspace, token=token, now=TUESDAY) for token in tokens]
    with scope(workspace=workspace):
        left = OptInRequest.objects.get()
        erase_contact(contact=kept, by=None, now=TUESDAY)
        assert not OptInRequest.objects.exists()

    assert merged == [None, left]
    assert [request_of(workspace=workspace, token=token, now=TUESDAY) for token in tokens] == [None, None]
