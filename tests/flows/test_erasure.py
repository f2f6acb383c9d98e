"""A person is forgotten in every room, and nothing that was counted changes."""

from base64 import b64encode
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.apps import apps
from django_scopes import scope
from wagtail.models import ModelLogEntry

from accounts.keys import keyed_index
from accounts.models import Role
from audience.models import AuditEntry, Consent, ConsentEvidence, Contact, OptOut
from audience.queries import is_opted_out, with_standing
from audience.services import add_contact, grant_consent, record_opt_out
from audience.services.erasure import erase_contact
from audience.services.exports import as_json, export_person
from campaigns.services.sending import prepare_campaign, send_campaign
from integrations.models import InboundDelivery, Order
from integrations.services.orders import apply_snapshot
from integrations.shops.base import OrderSnapshot, PhoneCandidate
from landing.services import record_conversion
from messaging.models import Attempt, InboundMessage, Message, PromoCode, PromoPool
from messaging.services.batches import add_recipients
from reports.queries import campaign_counts, recipients
from shortlinks.models import LinkTarget, ShortLink
from shortlinks.services.links import set_targets
from tests.factories import (
    TUESDAY,
    make_account,
    make_batch,
    make_campaign,
    make_click,
    make_contact,
    make_link,
    make_list,
    make_member,
    make_sender,
    make_shop,
)

PHONE = "+33639980017"
SECRETS = ("Cunégonde", "Tartempion", "17 rue Oubliée", "cunegonde@", PHONE, PHONE[3:])


@pytest.fixture
def person(workspace):
    """Somebody whom every room knows."""
    contact = make_contact(
        workspace, PHONE, first_name="Cunégonde", last_name="Tartempion", email="cunegonde@example.org", consents=False
    )
    proof = {"source": "form", "wording": "Yes", "occurred_at": TUESDAY - timedelta(days=9), "now": TUESDAY}
    evidence = {"typed": "Cunégonde Tartempion"}
    grant_consent(workspace=workspace, contact=contact, purpose="marketing", evidence=evidence, **proof)
    return contact


@pytest.fixture
def campaign(workspace, person):
    """Sent, delivered, opened; and the answer was STOP."""
    campaign = make_campaign(workspace, contact_list=make_list(workspace, person, make_contact(workspace)))
    with scope(workspace=workspace):
        prepare_campaign(campaign=send_campaign(campaign=campaign, now=TUESDAY), now=TUESDAY)
        campaign.refresh_from_db()
        for message in Message.objects.select_related("contact"):
            Attempt.objects.create(
                workspace=workspace, message=message, account=message.account, started_at=TUESDAY,
                body=f"Bonjour {message.contact.full_name}", detail=message.contact.phone,
            )  # fmt: skip
            make_click(campaign.link, message.position)
        Message.objects.update(
            state=Message.State.DELIVERED, submitted_at=TUESDAY, accepted_at=TUESDAY, finished_at=TUESDAY
        )
    record_opt_out(
        workspace=workspace,
        phone=PHONE,
        scope="marketing",
        source="SMS",
        now=TUESDAY + timedelta(hours=1),
        evidence={"text": "STOP Tartempion"},
    )
    return campaign


@pytest.fixture
def order(workspace):
    shop = make_shop(workspace)
    snapshot = OrderSnapshot(
        external_id="7",
        number="LMB-7",
        version=1,
        placed_at=TUESDAY,
        currency="EUR",
        total=4500,
        first_name="Cunégonde",
        phones=(PhoneCandidate(PHONE, "FR"),),
        status_url="https://shop.example/17 rue Oubliée",
    )
    with scope(workspace=workspace):
        delivery = InboundDelivery.objects.create(
            workspace=workspace,
            shop=shop,
            topic="order",
            dedup_key="7",
            body="Tartempion, 17 rue Oubliée".encode(),
            state="done",
            received_at=TUESDAY,
            purge_at=TUESDAY,
        )
        apply_snapshot(shop=shop, snapshot=snapshot, delivery=delivery)
        return Order.objects.get(), snapshot


def write_back(workspace, contact):
    with scope(workspace=workspace):
        account = make_account(workspace, name="Inbox")
        for number, link in enumerate((contact, None)):
            InboundMessage.objects.create(
                workspace=workspace, account=account, provider_id=f"in-{number}", contact=link, phone=PHONE,
                phone_index=keyed_index(PHONE),
                text="Ici Cunégonde Tartempion", kind="reply", received_at=TUESDAY,
            )  # fmt: skip
        pool = PromoPool.objects.create(workspace=workspace, name="Autumn")
        PromoCode.objects.create(workspace=workspace, pool=pool, code="A1", contact=contact, assigned_at=TUESDAY)
        record_conversion(workspace=workspace, goal="form", dedup_key="f1", now=TUESDAY, contact=contact)


def everything_stored(workspace):
    """Every value of every table of ours, sealed ones opened."""
    for model in apps.get_models():
        manager = model._base_manager
        for row in manager.all().values_list():
            yield model, row


def traces(workspace):
    return [
        (model.__name__, secret)
        for model, row in everything_stored(workspace)
        for secret in SECRETS
        if any(secret in (value.decode(errors="replace") if isinstance(value, bytes) else str(value)) for value in row)
    ]


def erase(contact, by=None):
    with scope(workspace=contact.workspace):
        erase_contact(contact=contact, by=by, now=TUESDAY + timedelta(days=1), reason="asked by letter")


def test_an_erased_person_is_found_in_no_table_not_even_an_opened_one(workspace, person, campaign, order):
    write_back(workspace, person)
    before = {name for name, _secret in traces(workspace)}

    erase(person)

    assert before >= {"Contact", "Attempt", "ConsentEvidence", "InboundMessage", "InboundDelivery", "Order"}
    assert traces(workspace) == []


def test_no_reply_of_anybody_else_is_opened_to_find_the_persons_own(workspace, other_workspace, person, settings):
    with scope(workspace=workspace):
        account = make_account(workspace, name="Inbox")
        fields = {"workspace": workspace, "account": account, "text": "x", "kind": "reply", "received_at": TUESDAY}
        mine = InboundMessage.objects.create(provider_id="1", phone=PHONE, phone_index=keyed_index(PHONE), **fields)
        known = settings.SEAL_KEYS
        settings.SEAL_KEYS = (f"lost:{b64encode(bytes(32)).decode()}",)
        other = "+33639980019"
        InboundMessage.objects.create(provider_id="2", phone=other, phone_index=keyed_index(other), **fields)
        settings.SEAL_KEYS = known
    with scope(workspace=other_workspace):
        fields |= {"workspace": other_workspace, "account": make_account(other_workspace)}
        InboundMessage.objects.create(provider_id="1", phone=PHONE, phone_index=keyed_index(PHONE), **fields)

    erase(person)

    with scope(workspace=workspace):
        mine.refresh_from_db()
        assert (mine.phone, mine.text, mine.phone_index) == ("", "", None)
        assert InboundMessage.objects.filter(phone_index=keyed_index("+33639980019")).exists()
    with scope(workspace=other_workspace):
        assert InboundMessage.objects.get().phone == PHONE


def test_nothing_that_was_sent_leads_back_to_the_number(workspace, person, campaign):
    with scope(workspace=workspace):
        Attempt.objects.filter(message__contact=person).update(phone_index=person.phone_index)

    erase(person)

    with scope(workspace=workspace):
        assert not Attempt.objects.filter(phone_index__isnull=False).exists()


def test_reports_show_the_same_figures_after_an_erasure(workspace, person, campaign):
    with scope(workspace=workspace):
        before = asdict(campaign_counts(campaign))
        opted_out = recipients(campaign, only="opted_out").count()

    erase(person)

    with scope(workspace=workspace):
        assert asdict(campaign_counts(campaign)) == before
        assert recipients(campaign, only="opted_out").count() == opted_out == before["opted_out"] == 1


def test_the_opposition_and_the_ledger_stay_without_evidence(workspace, person, campaign):
    erase(person)

    with scope(workspace=workspace):
        acts = list(Consent.objects.filter(contact=None).order_by("pk").values_list("act", flat=True))
        assert acts == ["granted", "withdrawn"]
        assert ConsentEvidence.objects.count() == 0
        assert OptOut.objects.get().contact is None
    assert is_opted_out(workspace=workspace, phone=PHONE, scope="marketing")


def test_who_comes_back_after_an_erasure_is_still_opted_out(workspace, person, campaign):
    erase(person)

    back = add_contact(workspace=workspace, phone=PHONE, source="file")

    with scope(workspace=workspace):
        standing = with_standing(Contact.objects.all()).get(pk=back.pk)
    assert (standing.said_no, standing.latest_act) == (True, "withdrawn")


def test_the_shop_does_not_bring_back_who_was_erased(workspace, person, order):
    known, snapshot = order

    erase(person)
    with scope(workspace=workspace):
        apply_snapshot(shop=known.shop, snapshot=OrderSnapshot(**{**vars_of(snapshot), "version": 2, "total": 4600}))
        known.refresh_from_db()

    assert (known.total, known.customer, known.status_url, known.contact) == (4600, {}, "", None)
    with scope(workspace=workspace):
        assert Contact.objects.filter(first_name="Cunégonde").count() == 0


def vars_of(snapshot):
    return {name: getattr(snapshot, name) for name in snapshot.__dataclass_fields__}


def test_a_link_of_ones_own_leads_nowhere_personal_afterwards(workspace, person):
    link = make_link(workspace)
    others = make_contact(workspace, "+33639980018", consents=False)
    with scope(workspace=workspace):
        ShortLink.objects.filter(pk=link.pk).update(is_per_number=True)
        link.refresh_from_db()
        batch = make_batch(make_sender(make_account(workspace)), "Suivi : {link}", links={"link": link})
        everybody = Contact.objects.filter(pk__in=[person.pk, others.pk]).order_by("pk")
        add_recipients(batch=batch, contacts=everybody, due_at=TUESDAY, now=TUESDAY)
        mine = person.messages.get().position
        set_targets(link=link, targets={place: f"https://parcel.example/{place}" for place in (0, 1)})

    erase(person)

    with scope(workspace=workspace):
        assert list(LinkTarget.objects.values_list("url", flat=True)) == [f"https://parcel.example/{1 - mine}"]


def test_the_log_says_who_erased_when_and_why_but_not_whom_by_name(workspace, person):
    owner = make_member(workspace, Role.OWNER)
    number = person.pk
    ModelLogEntry.objects.log_action(instance=person, action="wagtail.edit", user=owner)

    erase(person, by=owner)

    with scope(workspace=workspace):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.contact, entry.contact_number, entry.reason) == (
        "erased",
        owner,
        None,
        number,
        "asked by letter",
    )
    assert ModelLogEntry.objects.count() == 0


def test_the_same_number_in_another_workspace_is_left_alone(workspace, other_workspace, person, campaign):
    theirs = make_contact(other_workspace, PHONE, first_name="Odile")

    erase(person)

    with scope(workspace=other_workspace):
        assert (Contact.objects.get(), Contact.objects.get().first_name) == (theirs, "Odile")
        assert Consent.objects.filter(contact=theirs).count() == 1


def test_a_person_gets_all_that_every_room_holds_about_them(workspace, person, campaign, order):
    write_back(workspace, person)
    with scope(workspace=workspace):
        data = export_person(contact=person, by=None, now=TUESDAY)

    assert set(data) >= {"contact", "consents", "messages", "clicks", "replies", "orders", "promo_codes", "conversions"}
    assert data["contact"]["mobile_number"] == PHONE
    assert data["messages"][0]["texts"] == ["Bonjour Cunégonde Tartempion"]
    assert len(data["clicks"]) == 1
    assert len(data["replies"]) == 2
    assert data["orders"][0]["customer"]["first_name"] == "Cunégonde"
    assert "Cunégonde" in as_json(data)
    with scope(workspace=workspace):
        assert AuditEntry.objects.get().action == "person_exported"


def test_an_export_tells_nothing_about_anybody_else(workspace, other_workspace, person, campaign):
    make_contact(other_workspace, PHONE, first_name="Odile")
    with scope(workspace=workspace):
        data = as_json(export_person(contact=person, by=None, now=TUESDAY))

    assert "Odile" not in data
    assert "Camille" not in data
