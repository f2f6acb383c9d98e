from dataclasses import replace
from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import Consent, Contact, OptOut
from audience.services import record_opt_out
from integrations.models import ShopCustomer
from integrations.services.customers import apply_customer
from integrations.shops.base import Answer, CustomerSnapshot, PhoneCandidate
from integrations.shops.prestashop import PrestaShop
from integrations.shops.shopify import Shopify
from tests.factories import TUESDAY, make_shop
from tests.integrations.shop_calls import payload

HOUR = timedelta(hours=1)
WORDS = "I agree to offers by SMS."
YES = Answer(True, TUESDAY, WORDS, {"page": "/inscription"})
CAMILLE = CustomerSnapshot(
    "311", 1_000, "Camille", (PhoneCandidate("02 61 91 00 01", "FR"), PhoneCandidate("06 39 98 12 34", "FR")), "fr"
)


@pytest.fixture
def shop(in_workspace):
    return make_shop(in_workspace)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("messaging.receivers.timezone.now", lambda: TUESDAY + HOUR / 2)


def told(shop, *, hours: float = 0.1, **changes) -> str:
    return "; ".join(apply_customer(shop=shop, snapshot=replace(CAMILLE, **changes), now=TUESDAY + hours * HOUR))


def acts() -> list[tuple[str, str]]:
    return list(Consent.objects.order_by("pk").values_list("purpose", "act"))


def test_customer_becomes_a_contact_without_consent(shop):
    assert told(shop) == "noted: customer"

    contact = Contact.objects.get()
    assert (contact.phone, contact.first_name, contact.source) == ("+33639981234", "Camille", f"shop: {shop.name}")
    assert not Consent.objects.exists()


def test_customer_without_a_mobile_is_kept_with_the_reason(shop):
    assert told(shop, phones=CAMILLE.phones[:1]) == "noted: customer without a mobile"

    assert (ShopCustomer.objects.get().no_mobile, Contact.objects.exists()) == ("landline", False)


def test_older_body_never_overwrites_a_newer(shop):
    told(shop)
    told(shop, version=500, phones=(PhoneCandidate("06 39 98 00 09", "FR"),))

    assert ShopCustomer.objects.get().contact.phone == "+33639981234"


def test_yes_with_its_words_is_granted_once(shop):
    outcomes = [told(shop, answer=YES) for _ in range(2)]

    consent = Consent.objects.get()
    assert outcomes == ["agreed to offers by SMS", "nothing new"]
    assert (consent.source, consent.wording, consent.occurred_at) == ("shop", WORDS, TUESDAY)
    assert consent.evidence.content["page"] == "/inscription"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(True, TUESDAY), "agreement without its words"),
        (Answer(True, None, WORDS), "agreement without a date"),
        (Answer(True, TUESDAY + 2 * HOUR, WORDS), "agreement without proof"),
    ],
)
def test_yes_without_proof_grants_nothing(shop, answer, outcome):
    assert (told(shop, answer=answer), acts()) == (outcome, [])


def test_words_that_the_merchant_gave_stand_in_for_those_the_platform_does_not_tell(shop):
    shop.consent_wording = WORDS

    assert told(shop, answer=Answer(True, TUESDAY)) == "agreed to offers by SMS"
    assert Consent.objects.get().wording == WORDS


def test_our_stop_wins_over_an_older_yes(shop):
    record_opt_out(workspace=shop.workspace, phone="+33639981234", scope="marketing", source="SMS", now=TUESDAY + HOUR)

    assert told(shop, answer=YES, hours=2) == "agreed in the shop, but said no to us later"
    assert acts() == [("marketing", "withdrawn")]


def test_younger_yes_does_not_lift_our_stop_by_itself(shop):
    record_opt_out(workspace=shop.workspace, phone="+33639981234", scope="marketing", source="SMS", now=TUESDAY - HOUR)

    assert told(shop, answer=YES) == "agreement not confirmed: no sender"
    assert OptOut.objects.filter(scope="marketing").exists()


def test_yes_of_a_backfill_asks_nobody(shop):
    record_opt_out(workspace=shop.workspace, phone="+33639981234", scope="marketing", source="SMS", now=TUESDAY - HOUR)

    assert told(shop, answer=YES, is_backfill=True) == "agreement not confirmed: too old to ask about"


def test_older_answer_does_not_take_back_a_newer(shop):
    told(shop, answer=Answer(False, TUESDAY + HOUR), hours=2)

    assert told(shop, answer=YES, hours=2) == "nothing new"
    assert acts() == [("marketing", "withdrawn")]


def test_no_after_a_yes_is_taken_at_once(shop):
    told(shop, answer=YES)

    assert told(shop, answer=Answer(False, TUESDAY + HOUR), hours=2) == "no more offers by SMS"
    assert acts() == [("marketing", "granted"), ("marketing", "withdrawn")]


def test_unknown_changes_nothing(shop):
    told(shop, answer=YES)

    assert (told(shop, version=2_000), acts()) == ("noted: customer", [("marketing", "granted")])


def test_same_customer_id_in_two_shops_is_two_customers(shop, other_workspace):
    told(shop)
    told(make_shop(other_workspace), first_name="Noé")

    with scope(workspace=other_workspace):
        assert Contact.objects.get().first_name == "Noé"
    assert Contact.objects.get().first_name == "Camille"


def test_prestashop_tells_words_page_and_form():
    [customer] = PrestaShop({}).parse("", payload("prestashop", "customer_agrees"))

    assert customer.answer.is_yes
    assert customer.answer.wording.startswith("J’accepte")
    assert customer.answer.evidence == {
        "page": "/inscription",
        "ip": "192.0.2.0",
        "form": "registration",
        "wording_version": "2026-11",
    }


@pytest.mark.parametrize(("sample", "is_yes"), [("customer_refuses", False), ("customer_never_asked", None)])
def test_never_asked_is_not_a_no(sample, is_yes):
    [customer] = PrestaShop({}).parse("", payload("prestashop", sample))

    assert (customer.answer and customer.answer.is_yes) == is_yes


def test_shopify_email_opt_in_is_no_consent_to_sms():
    [customer] = Shopify({}).parse("customers/create", payload("shopify", "webhook_customers-create"))

    assert (customer.external_id, customer.answer) == ("706405506930370000", None)
    email = payload("shopify", "webhook_customers_email_marketing_consent-update")
    assert Shopify({}).parse("customers_email_marketing_consent/update", email) == []


def test_shopify_consent_without_a_phone_finds_whom_it_knows(shop):
    told(shop)

    assert told(shop, phones=(), version=0, answer=Answer(False, TUESDAY + HOUR), hours=2) == "no more offers by SMS"
