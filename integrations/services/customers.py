"""Customers of a shop: who they are here, and what they said there of offers by SMS.

As with orders, an older body never overwrites a newer; what they said has a time of its own, and the latest counts.
Unknown is no answer.
"""

from datetime import datetime

from django.db import transaction
from django_scopes import scope

from integrations.models import ShopConnection, ShopCustomer
from integrations.services.consents import tell_answer
from integrations.services.numbers import contact_with, judged, why_no_mobile
from integrations.shops.base import Answer, CustomerSnapshot

Said = ShopCustomer.Said
# Of a body that does not know the customer's version: their account is as it was.
UNVERSIONED = 0


@transaction.atomic
def apply_customer(*, shop: ShopConnection, snapshot: CustomerSnapshot, now: datetime) -> list[str]:
    """Bring the customer up to the snapshot; what came of it, in words. Raises ReceiverFailed."""
    with scope(workspace=shop.workspace):
        customer, is_new = ShopCustomer.objects.select_for_update().get_or_create(
            shop=shop,
            external_id=snapshot.external_id,
            defaults={"workspace": shop.workspace, "version": UNVERSIONED},
        )
        if customer.erased_at:
            return ["not used: this customer was erased"]
        if is_new or snapshot.version >= customer.version:
            _take_state(customer, shop, snapshot)
        outcomes = _take_answer(customer, shop, snapshot) if snapshot.answer else []
        customer.save()
    return outcomes or ["noted: customer" if customer.contact_id else "noted: customer without a mobile"]


def _take_state(customer: ShopCustomer, shop: ShopConnection, snapshot: CustomerSnapshot) -> None:
    """A body without numbers (of a consent alone) leaves whom we know."""
    customer.version = snapshot.version
    phones = judged(snapshot.phones, shop)
    if customer.contact_id and not phones:
        return
    customer.no_mobile = why_no_mobile(phones)
    fields = {"first_name": snapshot.first_name, "language": snapshot.language or shop.language}
    customer.contact = contact_with(phones, shop, **fields)


def _take_answer(customer: ShopCustomer, shop: ShopConnection, snapshot: CustomerSnapshot) -> list[str]:
    answer = snapshot.answer
    assert answer is not None  # whoever calls has looked
    if not _is_newer(answer, customer):
        return ["nothing new"]
    if customer.contact is None:
        return ["agreement without a mobile number" if answer.is_yes else "refusal without a mobile number"]
    customer.said = Said.YES if answer.is_yes else Said.NO
    customer.said_at = answer.said_at
    is_backfill = snapshot.is_backfill or (answer.said_at is not None and answer.said_at < shop.connected_at)
    return tell_answer(shop=shop, phone=customer.contact.phone, answer=answer, is_backfill=is_backfill)


def _is_newer(answer: Answer, customer: ShopCustomer) -> bool:
    """A no without a time counts; of two answers of one moment, the no does."""
    if answer.said_at is None or customer.said_at is None:
        return customer.said != (Said.YES if answer.is_yes else Said.NO)
    if answer.said_at == customer.said_at:
        return customer.said == Said.YES and not answer.is_yes
    return answer.said_at > customer.said_at
