"""Whoever unsubscribes from text messages in a shop gets no offers from us."""

import json
from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import Consent, ConsentAct, OptOut, OptOutScope, Purpose
from audience.queries import is_opted_out
from audience.services.consents import grant_consent
from integrations.models import InboundDelivery
from integrations.services.shops import announce_shop_news
from tests.factories import TUESDAY, make_contact, make_shop
from tests.integrations.shop_calls import payload

PHONE = "+33639980123"
TOPICS = ["customers_marketing_consent/update", "customers/update", "customers/create"]


def customer(**changes):
    """Shopify's sample, with a French mobile."""
    body = json.loads(payload("shopify", "rest-2026-07_customer_sms_consent"))
    consent = body["sms_marketing_consent"] | {"state": "unsubscribed", "consent_updated_at": TUESDAY.isoformat()}
    return {**body, "phone": PHONE, "sms_marketing_consent": consent | changes.pop("consent", {}), **changes}


def told(workspace, body, topic="customers/update"):
    shop = make_shop(workspace, platform="shopify")
    with scope(workspace=workspace):
        delivery = InboundDelivery(workspace=workspace, shop=shop, topic=topic, body=json.dumps(body).encode())
        delivery.received_at = delivery.purge_at = TUESDAY
        delivery.save()
        return announce_shop_news(delivery, TUESDAY)


def said_no(workspace):
    with scope(workspace=workspace):
        return is_opted_out(workspace=workspace, phone=PHONE, scope=OptOutScope.MARKETING)


@pytest.mark.parametrize("topic", TOPICS)
def test_who_unsubscribes_in_the_shop_gets_no_offers_of_that_workspace(workspace, other_workspace, topic):
    outcome = told(workspace, customer(), topic)

    assert (outcome, said_no(workspace), said_no(other_workspace)) == ("no more offers by SMS", True, False)
    with scope(workspace=workspace):
        [opt_out] = OptOut.objects.all()
    assert (opt_out.source, opt_out.scope) == ("shop", OptOutScope.MARKETING)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        *((state, "noted: customer") for state in ("not_subscribed", "pending", "redacted", "", None)),
        # Shopify does not tell the words that were agreed to.
        ("subscribed", "agreement without its words"),
    ],
)
def test_every_other_state_says_nothing_against_offers_and_grants_nothing(workspace, state, expected):
    outcome = told(workspace, customer(consent={"state": state}))

    assert (outcome, said_no(workspace)) == (expected, False)
    with scope(workspace=workspace):
        assert not Consent.objects.exists()


def test_a_customer_without_a_consent_or_a_number_says_nothing(workspace):
    sample = json.loads(payload("shopify", "webhook_customers_marketing_consent-update"))

    outcomes = [
        told(workspace, sample, "customers_marketing_consent/update"),
        told(workspace, customer(sms_marketing_consent=None)),
        told(workspace, customer(phone=None)),
    ]

    assert outcomes == ["noted: customer without a mobile", "noted: customer", "refusal without a mobile number"]
    assert not said_no(workspace)


def test_a_number_that_is_no_mobile_is_told_in_words(workspace):
    assert told(workspace, customer(phone="+33140000000")) == "refusal without a mobile number"


@pytest.mark.parametrize(
    ("later", "outcome"), [(1, "refusal older than a later agreement"), (-1, "no more offers by SMS")]
)
def test_the_younger_word_counts(workspace, later, outcome):
    with scope(workspace=workspace):
        contact = make_contact(workspace, phone=PHONE, consents=False)
        grant_consent(
            workspace=workspace,
            contact=contact,
            purpose=Purpose.MARKETING,
            source="till",
            wording="I agree to receive offers by SMS.",
            now=TUESDAY + timedelta(days=2),
            occurred_at=TUESDAY + timedelta(days=later),
        )

    assert (told(workspace, customer()), said_no(workspace)) == (outcome, later < 0)


def test_the_same_call_again_leaves_one_refusal_in_the_ledger(workspace):
    with scope(workspace=workspace):
        make_contact(workspace, phone=PHONE, consents=False)

    told(workspace, customer())
    told(workspace, customer())

    with scope(workspace=workspace):
        assert Consent.objects.filter(act=ConsentAct.WITHDRAWN).count() == 1
