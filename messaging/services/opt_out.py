"""The one door of STOP: inbound message, opt-out page, form, shop or provider."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Workspace
from audience.models import OptOut, OptOutScope, Purpose
from audience.phone import parse_mobile
from audience.queries import contact_of
from audience.services import record_opt_out
from audience.services.blocks import hold_former_holders
from audience.standing import YES
from integrations.models import ShopConnection
from integrations.services.consents import ShopRefusal

PAGE = "opt-out page"
SHOP = "shop"


@transaction.atomic
def opt_out(
    *,
    workspace: Workspace,
    phone: str,
    scope: str,
    source: str,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
) -> OptOut:
    """This number says no to this scope; the gate knows it from the next message on.

    Whoever had the number until lately may be the one who speaks: their marketing is held until somebody decides.
    """
    said = record_opt_out(workspace=workspace, phone=phone, scope=scope, source=source, now=now, evidence=evidence)
    if scope == OptOutScope.MARKETING:
        hold_former_holders(workspace=workspace, phone=phone, now=now)
    return said


@transaction.atomic
def opt_out_by_page(*, workspace: Workspace, phones: Collection[str], now: datetime) -> None:
    """No more marketing to the numbers of the person behind a link: the one it was sent to, and the one of today."""
    for phone in sorted(phones):
        record_opt_out(workspace=workspace, phone=phone, scope=OptOutScope.MARKETING, source=PAGE, now=now)


@transaction.atomic
def opt_out_by_shop(*, shop: ShopConnection, refusals: Iterable[ShopRefusal], now: datetime) -> str:
    """No more marketing to numbers that said so in a shop, in words; a yes that we heard later stands."""
    heard = [refusal for refusal in refusals if not _agreed_since(refusal, shop.workspace)]
    for refusal in heard:
        evidence = {"shop": shop.name, "said_at": refusal.said_at.isoformat() if refusal.said_at else ""}
        opt_out(
            workspace=shop.workspace,
            phone=refusal.phone,
            scope=OptOutScope.MARKETING,
            source=SHOP,
            now=now,
            evidence=evidence,
        )
    return "no more offers by SMS" if heard else "refusal older than a later agreement"


def _agreed_since(refusal: ShopRefusal, workspace: Workspace) -> bool:
    contact = contact_of(workspace=workspace, phone=refusal.phone)
    if contact is None or refusal.said_at is None:
        return False
    return contact.consents.filter(purpose=Purpose.MARKETING, act__in=YES, occurred_at__gt=refusal.said_at).exists()


def opt_out_typed(*, workspace: Workspace, typed: str, now: datetime) -> OptOut:
    """No more marketing to the number that somebody typed. Raises NotAMobile."""
    phone = parse_mobile(typed, workspace.country).e164
    return opt_out(workspace=workspace, phone=phone, scope=OptOutScope.MARKETING, source=PAGE, now=now)
