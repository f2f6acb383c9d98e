"""What the law asks for through a shop: its customers' data handed over, or erased.

https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance and the hooks of PrestaShop's GDPR module.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django_scopes import scope

from audience.models import Contact
from audience.queries import contact_of
from audience.services.erasure import erase_contact
from audience.standing import YES
from integrations.models import Cart, DataRequest, InboundDelivery, Order, ShopConnection, ShopCustomer
from integrations.services.numbers import judged
from integrations.services.orders import PERSONAL
from integrations.shops.base import PrivacyRequest

DUE = timedelta(days=30)
SHOP_SOURCE = "shop"


def act(*, shop: ShopConnection, request: PrivacyRequest, delivery: InboundDelivery, now: datetime) -> str:
    """Do what is asked; what was done, in words a merchant reads."""
    with scope(workspace=shop.workspace):
        if not request.customer_id:
            erase_shop(shop=shop, now=now)
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


def erase_shop(*, shop: ShopConnection, now: datetime) -> None:
    """Everybody whom this shop alone brought, and what it told of all others; one person a transaction."""
    of_shop = Q(orders__shop=shop) | Q(shop_customers__shop=shop) | Q(carts__shop=shop)
    people = list(Contact.objects.filter(of_shop).distinct())
    forget_orders(orders=Order.objects.filter(shop=shop), now=now)
    _forget_customers(ShopCustomer.objects.filter(shop=shop), now)
    Cart.objects.filter(shop=shop).delete()
    shop.deliveries.exclude(state=InboundDelivery.State.NEW).update(body=b"", context={})
    _erase_people([each for each in people if not _is_known_to_others(each)], now)


def forget_orders(*, orders: QuerySet[Order], now: datetime) -> None:
    """Orders stay as figures; the calls they came by lose their bodies before their thirty days are over."""
    ids = list(orders.values_list("pk", flat=True))
    calls = InboundDelivery.objects.filter(events__order__in=ids)
    finished = calls.exclude(state=InboundDelivery.State.NEW).values_list("pk", flat=True)
    InboundDelivery.objects.filter(pk__in=list(finished)).update(body=b"", context={})
    Order.objects.filter(pk__in=ids).update(**PERSONAL, contact=None, erased_at=now)


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
