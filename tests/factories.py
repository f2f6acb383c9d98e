"""Real rows for tests. Numbers are of the range reserved for fiction (06 39 98 xx xx)."""

from datetime import UTC, datetime, timedelta

from django.utils.text import slugify
from django_scopes import scope

from accounts.keys import keyed_index, opt_out_hash
from accounts.models import Role, User, Workspace
from accounts.services import add_member, create_workspace
from audience.models import Consent, ConsentAct, Contact, ContactList, ListMembership, Purpose
from audience.services.ledger import count_anew
from campaigns.models import Automation, Campaign
from integrations.models import GatewayAccount, ShopConnection
from integrations.services.shops import connect_shop
from integrations.shops.registry import shop_class
from landing.models import LandingPage
from messaging.models import Batch, BatchPurpose, Sender
from messaging.services.batches import create_batch
from shortlinks.models import Click, ShortDomain, ShortLink, Verdict
from shortlinks.services import create_domain, create_tracked_link, publish_link

# A Tuesday, 10:30 in Paris: legal everywhere in mainland France.
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def make_user(email: str, **fields: object) -> User:
    return User.objects.create_user(email, "correct horse battery", **fields)


def make_workspace(slug: str = "lambert", name: str = "", **fields: object) -> Workspace:
    return create_workspace(name=name or slug.title(), slug=slug, **fields)


def make_member(workspace: Workspace, role: str = Role.OWNER, email: str = "") -> User:
    user = make_user(email or f"{role}@{workspace.slug}.example")
    add_member(workspace=workspace, user=user, role=role)
    return user


def make_contact(
    workspace: Workspace, phone: str = "+33639980001", *, consents: bool = True, **fields: object
) -> Contact:
    """A contact, with a marketing consent unless told otherwise."""
    with scope(workspace=workspace):
        contact = Contact.objects.create(
            workspace=workspace,
            phone=phone,
            phone_index=keyed_index(phone),
            phone_hint=f"{phone[:3]} {phone[3]} •• •• •• {phone[-2:]}",
            territory=fields.pop("territory", "FR"),
            first_name=fields.pop("first_name", "Camille"),
            **fields,
        )
        if consents:
            Consent.objects.create(
                workspace=workspace,
                contact=contact,
                number_hash=opt_out_hash(phone),
                purpose=Purpose.MARKETING,
                act=ConsentAct.GRANTED,
                source="test form",
                wording="I agree to receive offers by SMS.",
                occurred_at=TUESDAY,
                recorded_at=TUESDAY,
            )
            count_anew([contact.pk])
    return contact


def make_list(workspace: Workspace, *contacts: Contact, name: str = "Customers") -> ContactList:
    with scope(workspace=workspace):
        contact_list = ContactList.objects.create(workspace=workspace, name=name)
        ListMembership.objects.bulk_create(
            ListMembership(workspace=workspace, contact_list=contact_list, contact=contact) for contact in contacts
        )
    return contact_list


def make_domain(workspace: Workspace, host: str = "") -> ShortDomain:
    return create_domain(workspace=workspace, host=host or f"go.{workspace.slug}.example")


# The rest of a link is written afterwards, as the admin does.
CREATED_WITH = {"label", "carries_visit", "expires_at", "domain", "is_per_number"}


def make_link(workspace: Workspace, target_url: str = "https://shop.example/sale", **fields: object) -> ShortLink:
    """A tracked link; the workspace gets a short domain if it has none."""
    with scope(workspace=workspace):
        if not ShortDomain.objects.exists():
            make_domain(workspace)
    later = {name: fields.pop(name) for name in list(fields) if name not in CREATED_WITH}
    fields = {"label": "Sale", "carries_visit": False, **fields}
    link = create_tracked_link(workspace=workspace, target_url=target_url, **fields)
    for name, value in later.items():
        setattr(link, name, value)
    return publish_link(link=link) if later else link


def make_account(workspace: Workspace, gateway: str = "simulator", **fields: object) -> GatewayAccount:
    with scope(workspace=workspace):
        return GatewayAccount.objects.create(
            workspace=workspace,
            gateway=gateway,
            name=fields.pop("name", gateway.title()),
            stop_number=fields.pop("stop_number", "36180"),
            **fields,
        )


def make_sender(account: GatewayAccount, name: str = "LAMBERT") -> Sender:
    with scope(workspace=account.workspace):
        return Sender.objects.create(workspace=account.workspace, account=account, name=name)


def make_batch(sender: Sender, text: str = "Bonjour {first_name|vous}", **fields: object) -> Batch:
    """A batch of a few words to everybody; nobody is in it yet."""
    return create_batch(
        workspace=sender.workspace,
        name=fields.pop("name", "Autumn"),
        purpose=fields.pop("purpose", BatchPurpose.MARKETING),
        text=text,
        sender=sender,
        links=fields.pop("links", {}),
        now=TUESDAY,
        **fields,
    )


def make_shop(workspace: Workspace, platform: str = "prestashop", name: str = "", **fields: object) -> ShopConnection:
    """A connected shop, the day before TUESDAY."""
    asked = shop_class(platform).config_form.base_fields
    typed = {name: "app-secret" for name, field in asked.items() if field.required}
    name = name or f"{workspace.name} {platform}"
    shop = connect_shop(workspace=workspace, platform=platform, name=name, credentials=typed)
    fields = {"connected_at": TUESDAY - timedelta(days=1), **fields}
    with scope(workspace=workspace):
        ShopConnection.objects.filter(pk=shop.pk).update(**fields)
        return ShopConnection.objects.select_related("workspace").get(pk=shop.pk)


def make_page(workspace: Workspace, title: str = "Private sale", *, is_live: bool = True) -> LandingPage:
    page = LandingPage(title=title, slug=slugify(title), live=is_live)
    workspace.root_page.add_child(instance=page)
    return page


def make_campaign(workspace: Workspace, **fields: object) -> Campaign:
    """A draft that is ready to leave, to one contact, with a link to a page."""
    with scope(workspace=workspace):
        if "contact_list" not in fields:
            fields["contact_list"] = make_list(workspace, make_contact(workspace, "+33639980010"), name="Readers")
        if "sender" not in fields:
            fields["sender"] = make_sender(make_account(workspace))
        if "page" not in fields:
            make_domain(workspace)
            fields["page"] = make_page(workspace)
        text = fields.pop("text", "Bonjour {first_name|vous}, les ventes commencent : {link}")
        return Campaign.objects.create(workspace=workspace, name=fields.pop("name", "Winter"), text=text, **fields)


def make_audience(workspace: Workspace, count: int, *, first: int = 200) -> ContactList:
    """A list of `count` contacts with a marketing consent each, written in bulk; numbers that play no trick."""
    phones = [f"+3363998{number:04d}" for number in range(first, first + count)]
    with scope(workspace=workspace):
        contacts = Contact.objects.bulk_create(
            Contact(
                workspace=workspace,
                phone=phone,
                phone_index=keyed_index(phone),
                phone_hint=f"+33 6 •• •• •• {phone[-2:]}",
                territory="FR",
                first_name=f"Camille{number}",
            )
            for number, phone in enumerate(phones)
        )
        Consent.objects.bulk_create(
            Consent(
                workspace=workspace,
                contact=contact,
                number_hash=opt_out_hash(contact.phone),
                purpose=Purpose.MARKETING,
                act=ConsentAct.GRANTED,
                source="test form",
                wording="I agree to receive offers by SMS.",
                occurred_at=TUESDAY,
                recorded_at=TUESDAY,
            )
            for contact in contacts
        )
        count_anew([contact.pk for contact in contacts])
    return make_list(workspace, *contacts)


def make_click(link: ShortLink, position: int | None = 0, **fields: object) -> Click:
    """A hit, human unless told otherwise."""
    known = {"clicked_at": TUESDAY, "method": "GET", "verdict": Verdict.HUMAN, "reason": "browser", "device": "iphone"}
    with scope(workspace=link.workspace):
        known |= {"segment": f"made-{link.pk}", "offset": Click.objects.filter(link=link).count()}
        return Click.objects.create(workspace=link.workspace, link=link, position=position, **(known | fields))


def make_automation(workspace: Workspace, **fields: object) -> Automation:
    """On, and ready: a service message with a link when an order is placed."""
    with scope(workspace=workspace):
        if "sender" not in fields:
            fields["sender"] = make_sender(make_account(workspace), "LAMBERTSAV")
        if "page" not in fields:
            make_link(workspace)  # brings a short domain
            fields["page"] = make_page(workspace, "Your order")
        defaults = {
            "name": "Thank you",
            "trigger": "order_placed",
            "text": "Merci {first_name|à vous}, commande {order_number} ({total}) reçue : {link}",
            "is_enabled": True,
        }
        return Automation.objects.create(workspace=workspace, **(defaults | fields))
