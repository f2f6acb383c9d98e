"""A yes that a customer gave in a shop: taken like one of a form, and never stronger than what they told us."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from audience.models import ConsentAct, Contact, OptOutScope, Purpose
from audience.queries import opt_outs_of, settings_of
from audience.services import MissingProof, add_contact, grant_consent
from audience.standing import YES
from integrations.models import ShopConnection
from integrations.services.consents import ShopAgreement
from integrations.services.numbers import source_of
from messaging.services.double_opt_in import NoSender, sign_up

SHOP = "shop"
# Somebody who ticked a box longer ago than this is not asked about it any more.
ASK_WITHIN = timedelta(hours=1)
GRANTED = gettext_noop("agreed to offers by SMS")
KNOWN = gettext_noop("agreement known")
OPPOSED = gettext_noop("agreed in the shop, but said no to us later")
ASKED = gettext_noop("agreement to be confirmed: asked by SMS")
TOO_LATE = gettext_noop("agreement not confirmed: too old to ask about")
NO_SENDER = gettext_noop("agreement not confirmed: no sender")
NO_PROOF = gettext_noop("agreement without proof")


def agree_by_shop(*, shop: ShopConnection, agreements: Iterable[ShopAgreement], now: datetime) -> str:
    """What came of each, in words."""
    return "; ".join(dict.fromkeys(_agree(shop, each, now) for each in agreements))


@transaction.atomic
def _agree(shop: ShopConnection, agreement: ShopAgreement, now: datetime) -> str:
    contact = add_contact(workspace=shop.workspace, phone=agreement.phone, source=source_of(shop))
    opposition = opt_outs_of(contact.phone).filter(scope=OptOutScope.MARKETING).first()
    if opposition and opposition.last_said_at >= agreement.said_at:
        return OPPOSED
    if _is_known(contact, agreement):
        return KNOWN
    try:
        if opposition or settings_of(shop.workspace).double_opt_in:
            return _ask(contact, agreement, now)
        grant_consent(
            workspace=shop.workspace,
            contact=contact,
            purpose=Purpose.MARKETING,
            occurred_at=agreement.said_at,
            now=now,
            **_proof(agreement),
        )
    except MissingProof:
        return NO_PROOF
    except NoSender:
        return NO_SENDER
    return GRANTED


def _ask(contact: Contact, agreement: ShopAgreement, now: datetime) -> str:
    """Backfills and old news never send."""
    if agreement.is_backfill or now - agreement.said_at > ASK_WITHIN:
        return TOO_LATE
    sign_up(workspace=contact.workspace, contact=contact, now=now, **_proof(agreement))
    return ASKED


def _is_known(contact: Contact, agreement: ShopAgreement) -> bool:
    """This yes, a later one, or a question about it stands in the ledger."""
    acts = (*YES, ConsentAct.REQUESTED, ConsentAct.WITHDRAWN)
    said = contact.consents.filter(purpose=Purpose.MARKETING, act__in=acts)
    return said.filter(occurred_at__gte=agreement.said_at).exists()


def _proof(agreement: ShopAgreement) -> dict[str, Any]:
    version = agreement.evidence.get("wording_version", "")[:40]
    return {
        "source": SHOP,
        "wording": agreement.wording,
        "wording_version": version,
        "evidence": {**agreement.evidence, "said_at": agreement.said_at.isoformat()},
    }
