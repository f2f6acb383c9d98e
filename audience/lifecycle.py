"""New, active, dormant: three states that share out all contacts, by dates in one place."""

from datetime import datetime, timedelta

from django.db.models import Q, TextChoices
from django.utils.translation import pgettext_lazy

from audience.models import AudienceSettings, Contact


class Lifecycle(TextChoices):
    """New: added in the last `new_days`. Active: did something in the last `active_days`. Dormant: everybody else."""

    NEW = "new", pgettext_lazy("contact", "New")
    ACTIVE = "active", pgettext_lazy("contact", "Active")
    DORMANT = "dormant", pgettext_lazy("contact", "Dormant")


def is_in(state: str, settings: AudienceSettings, now: datetime) -> Q:
    """The state as a condition on contacts."""
    is_new = Q(created_at__gt=now - timedelta(days=settings.new_days))
    # Never NULL: a segment negates it.
    is_active = Q(last_active_at__isnull=False, last_active_at__gt=now - timedelta(days=settings.active_days))
    has_slept = Q(last_active_at=None) | Q(last_active_at__lte=now - timedelta(days=settings.active_days))
    return {
        Lifecycle.NEW: is_new,
        Lifecycle.ACTIVE: ~is_new & is_active,
        Lifecycle.DORMANT: ~is_new & has_slept,
    }[Lifecycle(state)]


def state_of(contact: Contact, settings: AudienceSettings, now: datetime) -> Lifecycle:
    """The same for a contact at hand."""
    if contact.created_at > now - timedelta(days=settings.new_days):
        return Lifecycle.NEW
    seen = contact.last_active_at
    return Lifecycle.ACTIVE if seen and seen > now - timedelta(days=settings.active_days) else Lifecycle.DORMANT
