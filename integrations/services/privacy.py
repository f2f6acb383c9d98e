"""What the law asks for through a shop: its customers' data handed over, or erased.

https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance and the hooks of PrestaShop's GDPR module.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django_scopes import scope

from audience.models import Contact
from audience.queries import contact_of
from audience.services.erasure import erase_contact
from audience.standing import YES
from integrations.models import Cart, DataRequest, InboundDelivery, Order, ShopConnection, ShopCustomer
from integrations.services import inbox
from integrations.services.numbers import judged
from integrations.services.orders import PERSONAL
from integrations.shops.base import PrivacyRequest

DUE = timedelta(days=30)
SHOP_SOURCE = "shop"
# People, orders, calls: what is read into memory, and written in a transaction.
AT_A_TIME = 200


def act(*, shop: ShopConnection, request: PrivacyRequest, delivery: InboundDelivery, now: datetime) -> str:
    """Do what is asked; what was done, in words a merchant reads."""
    with scope(workspace=shop.workspace):
        if not request.customer_id:
            erase_shop(shop=shop, now=now, hold=partial(inbox.hold, delivery))
            return "erased: the people of this shop"
        if request.erases:
            erase_customer(shop=shop, request=request, now=now)
            InboundDelivery.objects.filter(pk=delivery.pk).update(body=b"", context={})
            return "erased: the customer"
        return note_request(shop=shop, request=request, delivery=delivery)


def note_request(*, shop: ShopConnection, request: PrivacyRequest, delivery: InboundDelivery) -> str:
    """The shop's page keeps it until somebody has handed the data over."""
    people = _people_of(shop, request)
    for contact in people:
        DataRequest.objects.get_or_create(
            shop=shop,
            request_key=f"{delivery.dedup_key[:80]}:{contact.pk}",
            defaults={
                "workspace": shop.workspace,
                "contact": contact,
                "asked_at": delivery.received_at,
                "due_at": delivery.received_at + DUE,
            },
        )
    return "to do within 30 days: give the customer's data to the merchant" if people else "nothing kept of them"


def hand_over(*, request: DataRequest, now: datetime) -> None:
    """The merchant has given the customer their data; the first time counts."""
    DataRequest.objects.filter(pk=request.pk, done_at=None).update(done_at=now)


@transaction.atomic
def erase_customer(*, shop: ShopConnection, request: PrivacyRequest, now: datetime) -> None:
    """What the shop told of them goes; they go too, unless they came to us by themselves. Amounts stay."""
    people = _people_of(shop, request)
    accounts = Q(external_id=request.customer_id) | Q(contact__in=people)
    ShopCustomer.objects.get_or_create(
        shop=shop, external_id=request.customer_id, defaults={"workspace": shop.workspace, "version": 0}
    )
    _forget_customers(ShopCustomer.objects.filter(accounts, shop=shop), now)
    Cart.objects.filter(shop=shop, contact__in=people).delete()
    orders = Order.objects.filter(Q(external_id__in=request.order_ids) | Q(contact__in=people), shop=shop)
    forget_orders(orders=orders, now=now)
    _erase_people(people, now)


def erase_shop(*, shop: ShopConnection, now: datetime, hold: Callable[[], None] = lambda: None) -> None:
    """Everybody whom this shop alone brought, and what it told of all others: a few at a time, `hold` before each.

    What is forgotten leads to nobody any more: after a kill the rest is done.
    """
    told: tuple[QuerySet[Any], ...] = (shop.orders.all(), shop.customers.all(), shop.carts.all())
    for rows in told:
        for people in _slices_of_people(rows):
            hold()
            _forget_people(shop, people, now)
    hold()
    forget_orders(orders=shop.orders.all(), now=now)
    _forget_customers(shop.customers.filter(erased_at=None), now)
    while carts := list(shop.carts.values_list("pk", flat=True)[:AT_A_TIME]):
        Cart.objects.filter(pk__in=carts).delete()
    _empty(shop.deliveries.all())


def _slices_of_people(rows: QuerySet[Any]) -> Iterator[list[Contact]]:
    last = 0
    known = rows.filter(contact__isnull=False).order_by("pk").values_list("pk", "contact")
    while found := list(known.filter(pk__gt=last)[:AT_A_TIME]):
        last = found[-1][0]
        yield list(Contact.objects.filter(pk__in={contact for _pk, contact in found}))


@transaction.atomic
def _forget_people(shop: ShopConnection, people: list[Contact], now: datetime) -> None:
    forget_orders(orders=shop.orders.filter(contact__in=people), now=now)
    _forget_customers(shop.customers.filter(contact__in=people), now)
    shop.carts.filter(contact__in=people).delete()
    _erase_people([each for each in people if not _is_known_to_others(each)], now)


def forget_orders(*, orders: QuerySet[Order], now: datetime) -> None:
    """Orders stay as figures; the calls they came by lose their bodies before their thirty days are over."""
    while ids := list(orders.filter(erased_at=None).values_list("pk", flat=True)[:AT_A_TIME]):
        _empty(InboundDelivery.objects.filter(events__order__in=ids))
        Order.objects.filter(pk__in=ids).update(**PERSONAL, contact=None, erased_at=now)


def _empty(calls: QuerySet[InboundDelivery]) -> None:
    """Their bodies; not of those that are still to be worked on."""
    finished, last = calls.exclude(state=InboundDelivery.State.NEW).order_by("pk").values_list("pk", flat=True), 0
    while ids := list(finished.filter(pk__gt=last)[:AT_A_TIME]):
        InboundDelivery.objects.filter(pk__in=ids).update(body=b"", context={})
        last = ids[-1]


def _forget_customers(customers: QuerySet[ShopCustomer], now: datetime) -> None:
    customers.update(contact=None, no_mobile="", said="", said_at=None, erased_at=now)


def _people_of(shop: ShopConnection, request: PrivacyRequest) -> list[Contact]:
    """By their account, their orders and their numbers."""
    known = Q(shop_customers__shop=shop, shop_customers__external_id=request.customer_id)
    known |= Q(orders__shop=shop, orders__external_id__in=request.order_ids)
    people = {contact.pk: contact for contact in Contact.objects.filter(known).distinct()}
    for phone in judged(request.phones, shop):
        contact = contact_of(workspace=shop.workspace, phone=phone["mobile"]) if "mobile" in phone else None
        if contact:
            people[contact.pk] = contact
    return list(people.values())


def _erase_people(people: Iterable[Contact], now: datetime) -> None:
    for contact in people:
        if not _came_by_themselves(contact):
            erase_contact(contact=contact, by=None, now=now, reason="asked for through the shop")


def _came_by_themselves(contact: Contact) -> bool:
    """Known from elsewhere, or agreed elsewhere: that is between them and the merchant, not the shop's to erase."""
    agreed = contact.consents.filter(act__in=YES).exclude(source__startswith=SHOP_SOURCE)
    return not contact.source.startswith(SHOP_SOURCE) or agreed.exists()


def _is_known_to_others(contact: Contact) -> bool:
    """Another shop of the workspace told of them, too."""
    return contact.orders.exists() or contact.shop_customers.exists() or contact.carts.exists()
