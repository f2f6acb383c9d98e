"""Conversions: what visitors did."""

from datetime import datetime

from django_scopes import scope

from accounts.models import Workspace
from audience.services import note_activity
from integrations.models import Order
from landing.models import Conversion, LandingPage
from landing.visitors import visitor_of
from messaging.models import BatchLink, Message
from shortlinks.visits import read_visit


def record_conversion(
    *, workspace: Workspace, goal: str, dedup_key: str, now: datetime, **details: object
) -> Conversion:
    """Somebody reached a goal; the details are page, link, position, contact, value, currency.

    The same key again is the same conversion.
    """
    conversion, _created = Conversion.objects.get_or_create(
        workspace=workspace, dedup_key=dedup_key, defaults={"goal": goal, "occurred_at": now, **details}
    )
    if conversion.contact_id:
        note_activity(moments={conversion.contact_id: conversion.occurred_at})
    return conversion


def record_order(*, order: Order, message: Message, value: int) -> Conversion:
    """The order's one conversion as it stands now: whose message earned it, and what of it was not given back.

    It is the recipient's, who need not be the one who ordered; whoever calls holds the order's lock.
    """
    known: Conversion | None = getattr(order, "conversion", None)
    conversion = known or Conversion(order=order, workspace=order.workspace, dedup_key=f"order:{order.pk}")
    was = known and _told(known)
    conversion.goal, conversion.occurred_at = Conversion.Goal.ORDER, order.placed_at
    conversion.value, conversion.currency = value, order.currency
    if known is None or known.message_id != message.pk:
        _credit_to(conversion, message)
    if was != _told(conversion):
        conversion.save()
    return conversion


def _told(conversion: Conversion) -> tuple[object, ...]:
    return conversion.message_id, conversion.occurred_at, conversion.value, conversion.currency


def _credit_to(conversion: Conversion, message: Message) -> None:
    """Where the message leads; the first of its links says whose it is, whichever was followed."""
    link = BatchLink.objects.filter(batch=message.batch_id).order_by("pk").values_list("link", flat=True).first()
    conversion.message, conversion.batch_id, conversion.contact_id = message, message.batch_id, message.contact_id
    conversion.link_id, conversion.position = link, message.position


def take_back_order(*, order: Order) -> None:
    """The order earns nobody anything (any more): it is in no figure."""
    known: Conversion | None = getattr(order, "conversion", None)
    if known is not None:
        known.delete()


def record_tap(*, page: LandingPage, goal: str, token: str, now: datetime) -> Conversion | None:
    """The recipient who holds the token reached a goal of the page, once; None for anybody who may not be followed."""
    workspace = page.workspace
    with scope(workspace=workspace):
        visitor = visitor_of(workspace=workspace, token=token, now=now)
        visit = read_visit(workspace=workspace, token=token, now=now) if visitor.token else None
        if visit is None:
            return None
        return record_conversion(
            workspace=workspace,
            goal=goal,
            dedup_key=f"tap:{page.pk}:{visit.link.pk}:{visit.position}:{goal}",
            now=now,
            page=page,
            link=visit.link,
            position=visit.position,
            contact_id=visitor.contact_id,
        )
