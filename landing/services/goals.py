"""Conversions: what visitors did."""

from datetime import datetime

from accounts.models import Workspace
from audience.services import note_activity
from landing.models import Conversion


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
