"""Fills a fresh installation with the demo, once; later starts only follow the address of the short links."""

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django_scopes import scope

from accounts.bulk import refresh_statistics
from accounts.demo import is_demo
from accounts.models import User, Workspace
from accounts.services import create_workspace
from audience.models import Contact, ContactList, ListMembership, OptOutScope, Purpose
from audience.services import add_contact, grant_consent, record_opt_out
from campaigns.models import Automation, Campaign
from chappe.demo.history import finish_campaign
from chappe.demo.orders import CODE, tell_orders
from chappe.demo.people import people
from integrations.models import GatewayAccount, ShopConnection
from integrations.services.shops import connect_shop
from landing.models import LandingPage
from landing.services import create_order_page, create_sale_page, save_theme
from messaging.compliance import Place, next_legal
from messaging.models import BatchPurpose, DemoClock, PromoPool, Sender, TeamNumber
from messaging.services.demo_clock import set_demo_clock
from shortlinks.models import ShortDomain
from shortlinks.services import create_domain, move_domain

SLUG = "maison-lambert"
WORDING = (
    "J'accepte de recevoir par SMS les offres de Maison Lambert, deux fois par mois au plus, et que leurs ouvertures "
    "soient mesurées. Je peux dire STOP à tout moment."
)
# Who said no before the demo starts, by number of the person.
SAID_NO = (17, 58, 103, 144, 190)
# Who came without a proof of consent: present, and never written to.
NO_PROOF = range(171, 181)
LIST_SIZE = 180
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = 1


class NotADemo(Exception):
    """This installation is set up for real customers: it gets no demo data and no demo log-in."""


def load_demo(*, short_host: str, now: datetime) -> Workspace:
    """The demo workspace, made on first call. Raises NotADemo."""
    if not is_demo():
        raise NotADemo("Demo data is for a local trial: CHAPPE_DEMO=yes, no CHAPPE_LIVE, a plain http address.")
    workspace = Workspace.objects.filter(slug=SLUG).first()
    if workspace is None:
        workspace = make_demo(short_host=short_host, now=now)
        refresh_statistics(*apps.get_models())
        return workspace
    with scope(workspace=workspace):
        move_domain(domain=ShortDomain.objects.get(is_default=True), host=short_host)
        if DemoClock.objects.filter(is_on=True).exists():
            set_demo_clock(workspace=workspace, shows_at=legal_morning_after(now), now=now)
    return workspace


@transaction.atomic
def make_demo(*, short_host: str, now: datetime) -> Workspace:
    owner = User.objects.create_user(
        settings.DEMO_EMAIL, settings.DEMO_PASSWORD, first_name="Claire", last_name="Lambert"
    )
    workspace = create_workspace(
        name="Maison Lambert",
        slug=SLUG,
        owner=owner,
        legal_name="Maison Lambert SARL",
        contact_details="Maison Lambert, 12 rue Crébillon, 44000 Nantes, 02 61 91 00 00",
        is_demo=True,
    )
    with scope(workspace=workspace):
        create_domain(workspace=workspace, host=short_host, is_default=True)
        sender = make_sender(workspace)
        set_demo_clock(workspace=workspace, shows_at=legal_morning_after(now), now=now)
        TeamNumber.objects.create(workspace=workspace, name="Claire", phone="+33639980399", confirmed_at=now)
        customers = make_customers(workspace, now)
        page = make_page(workspace, now)
        past = make_past_campaign(workspace, sender, page, customers, now)
        make_draft(workspace, sender, page, customers)
        tell_orders(shop=make_shops(workspace), campaign=past, now=now)
        make_automation(workspace, sender, make_order_page(workspace, now))
    return workspace


def make_sender(workspace: Workspace) -> Sender:
    account = GatewayAccount.objects.create(
        workspace=workspace,
        gateway="simulator",
        name="Simulateur",
        webhook_secret=secrets.token_urlsafe(24),
        stop_number="36180",
    )
    return Sender.objects.create(workspace=workspace, name="LAMBERT", account=account)


def make_customers(workspace: Workspace, now: datetime) -> ContactList:
    """200 contacts; 180 of them on the list, most with a dated, worded consent."""
    contact_list = ContactList.objects.create(workspace=workspace, name="Clientes 2025–2026")
    for number, person in enumerate(people(), start=1):
        contact = add_contact(
            workspace=workspace,
            phone=person.phone,
            source="Caisse de Nantes",
            first_name=person.first_name,
            last_name=person.last_name,
            postcode=person.postcode,
            city=person.city,
        )
        came_at = now - timedelta(days=400 - number, minutes=number * 7)
        Contact.objects.filter(pk=contact.pk).update(created_at=came_at)
        if number not in NO_PROOF:
            give_consent(workspace, contact, came_at)
        if number <= LIST_SIZE:
            ListMembership.objects.create(workspace=workspace, contact_list=contact_list, contact=contact)
        if number in SAID_NO:
            said_at = now - timedelta(days=90 - number / 4)
            record_opt_out(
                workspace=workspace, phone=person.phone, scope=OptOutScope.MARKETING, source="SMS : STOP", now=said_at
            )
    return contact_list


def give_consent(workspace: Workspace, contact: Contact, given_at: datetime) -> None:
    grant_consent(
        workspace=workspace,
        contact=contact,
        purpose=Purpose.MARKETING,
        source="Carte de fidélité, boutique de Nantes",
        wording=WORDING,
        wording_version="2025-09",
        collected_by="Claire Lambert",
        occurred_at=given_at,
        now=given_at,
        evidence={"form": "carte-fidelite-2025", "till": "Nantes 1"},
    )


def make_page(workspace: Workspace, now: datetime) -> LandingPage:
    ends_at = tuesday_after(now) + timedelta(days=5, hours=9, minutes=29)
    pool = PromoPool.objects.create(
        workspace=workspace, name="Ventes privées d’hiver", shared_code="HIVER40", expires_at=ends_at
    )
    save_theme(workspace=workspace, voice="wide", corners="sharp")
    return create_sale_page(
        workspace=workspace,
        title="Ventes privées d’hiver",
        slug="ventes-privees",
        shop_url="https://maison-lambert.example/ventes-privees",
        ends_at=ends_at,
        pool=pool,
    )


def make_order_page(workspace: Workspace, now: datetime) -> LandingPage:
    """Where the message about an order leads: it is packed, and nothing is sold."""
    page = create_order_page(
        workspace=workspace,
        title="Votre commande",
        shop_url="https://maison-lambert.example/commandes",
        now=now,
    )
    page.search_description = "Votre commande est reçue : ses étapes, et que faire en cas d’absence."
    page.action_label = "Voir ma commande"
    page.hero[0].value["title"] = "Votre commande est bien reçue, {first_name|merci}"
    _received, packed, shipped, *_later = page.body.first_block_by_name("steps").value["steps"]
    packed.update(state="here")
    shipped.update(state="next", text="Un SMS vous prévient")
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def make_past_campaign(
    workspace: Workspace, sender: Sender, page: LandingPage, contact_list: ContactList, now: datetime
) -> Campaign:
    campaign = Campaign.objects.create(
        workspace=workspace,
        name="Nouvelle collection d’automne",
        contact_list=contact_list,
        sender=sender,
        page=page,
        promo_pool=PromoPool.objects.create(workspace=workspace, name="Collection d’automne", shared_code=CODE),
        text="{first_name|Bonjour}, la collection d'automne est arrivée chez Maison Lambert : "
        "-10 % avec {code} sur {link}",
    )
    return finish_campaign(campaign=campaign, started_at=tuesday_before(now))


def make_draft(workspace: Workspace, sender: Sender, page: LandingPage, contact_list: ContactList) -> Campaign:
    return Campaign.objects.create(
        workspace=workspace,
        name="Ventes privées d’hiver",
        contact_list=contact_list,
        sender=sender,
        page=page,
        text="Bonjour {first_name|chère cliente}, les ventes privées Maison Lambert commencent : -40 % jusqu'à "
        "dimanche soir. Votre sélection : {link}",
    )


def make_shops(workspace: Workspace) -> ShopConnection:
    """Two shops that `replay_webhook` can speak for; the one that has a past."""
    paired = connect_shop(workspace=workspace, platform="prestashop", name="Boutique PrestaShop", credentials={})
    connect_shop(
        workspace=workspace,
        platform="shopify",
        name="Boutique Shopify",
        shop_key="maison-lambert.myshopify.com",
        credentials={"client_secret": secrets.token_hex(16)},
    )
    return paired


def make_automation(workspace: Workspace, sender: Sender, page: LandingPage) -> None:
    """The message that an order sends, from today on."""
    Automation.objects.create(
        workspace=workspace,
        name="Commande reçue",
        trigger="order_placed",
        sender=sender,
        page=page,
        text="{first_name|Bonjour}, merci pour votre commande {order_number} chez {shop_name}. Suivez-la ici : {link}",
        is_enabled=True,
    )


def tuesday_before(now: datetime) -> datetime:
    """Ten in the morning, Paris, of the last Tuesday that is two days past at least."""
    day = (now - timedelta(days=2)).astimezone(PARIS)
    day -= timedelta(days=(day.weekday() - TUESDAY) % 7)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def tuesday_after(now: datetime) -> datetime:
    """Half past ten in the morning, Paris, of the next Tuesday."""
    day = now.astimezone(PARIS)
    day += timedelta(days=(TUESDAY - day.weekday()) % 7 or 7)
    return day.replace(hour=10, minute=30, second=0, microsecond=0)


def legal_morning_after(now: datetime) -> datetime:
    """The next Tuesday, or the day after where that is a holiday: the demo's campaign may leave at once."""
    return next_legal(purpose=BatchPurpose.MARKETING, place=Place(), at=tuesday_after(now))
