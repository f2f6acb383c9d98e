"""The explained count says of many what the gate would say of each."""

import random

import pytest
from django_scopes import scope

from audience.models import Contact, Topic
from audience.registry import Explanation, Kept
from audience.services import record_opt_out
from audience.services.blocks import block_number, hold_marketing
from audience.services.preferences import choose_frequency, choose_topics
from messaging.gate import Suppress, examine
from messaging.models import Message
from messaging.queries import explain_audience, writable_contacts
from messaging.services.batches import add_recipients
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender


@pytest.fixture
def crowd(workspace, other_workspace, settings):
    """Everybody is kept back by something, by several things at once, or by nothing."""
    settings.MARKETING_WEEKLY_CAP = 1
    pick = random.Random(7)
    make_contact(other_workspace, "+33639980001")
    with scope(workspace=workspace):
        account = make_account(workspace, gateway="scripted")
        old = make_batch(make_sender(account))
        topic = Topic.objects.create(workspace=workspace, name="Shoes")
        for number in range(40):
            phone = f"+336399801{number:02d}"
            contact = make_contact(workspace, phone, consents=pick.random() < 0.7)
            if pick.random() < 0.3:
                record_opt_out(workspace=workspace, phone=phone, scope="marketing", source="STOP", now=TUESDAY)
            if pick.random() < 0.2:
                hold_marketing(workspace=workspace, phone=phone, source="SMS", now=TUESDAY)
            if pick.random() < 0.2:
                block_number(workspace=workspace, phone=phone, kind="manual", source="test", now=TUESDAY)
            if pick.random() < 0.5:
                choose_frequency(contact=contact, frequency=pick.choice(["weekly", "monthly"]), now=TUESDAY)
            if pick.random() < 0.3:
                choose_topics(contact=contact, refused=[topic.pk], now=TUESDAY)
            if pick.random() < 0.3:
                Message.objects.create(
                    workspace=workspace, batch=old, account=account, lane=old.lane, contact=contact, position=number,
                    due_at=TUESDAY, submitted_at=TUESDAY, state="sent",
                )  # fmt: skip
        yield account


@pytest.mark.parametrize("purpose", ["marketing", "information"])
def test_the_count_is_what_the_gate_says_of_each(workspace, crowd, purpose, django_assert_num_queries):
    about = {"now": TUESDAY, "purpose": purpose, "topic": Topic.objects.get()}
    with django_assert_num_queries(3 if purpose == "marketing" else 2):
        told = explain_audience(Contact.objects.all(), **about)
    writable = set(writable_contacts(Contact.objects.all(), **about).values_list("pk", flat=True))
    batch = make_batch(make_sender(crowd, "OTHER"), purpose=purpose, text="Bonjour", topic=about["topic"])
    add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=TUESDAY, now=TUESDAY)
    messages = list(Message.objects.filter(batch=batch))
    batch.state = "running"
    batch.save()

    verdicts = examine(messages, account=crowd, now=TUESDAY)

    kept = {message.contact_id: verdicts[message.pk] for message in messages}
    reasons = [verdict.reason for verdict in kept.values() if isinstance(verdict, Suppress)]
    assert {part.reason: part.contacts for part in told.parts} == {
        reason: reasons.count(reason) for reason in dict.fromkeys(reasons)
    }
    assert told.writable + sum(part.contacts for part in told.parts) == told.total == 40
    assert writable == {contact for contact, verdict in kept.items() if not isinstance(verdict, Suppress)}
    assert len(writable) == told.writable


def test_reasons_have_words_and_nobody_is_nobody(in_workspace):
    make_contact(in_workspace, consents=False)

    told = explain_audience(Contact.objects.all(), now=TUESDAY)
    nobody = explain_audience(Contact.objects.none(), now=TUESDAY)

    assert told == Explanation(1, 0, (Kept("no_consent", 1, "without proof of consent"),))
    assert nobody == Explanation(0, 0)
