"""When somebody's phone may ring."""

from datetime import datetime

from audience.models import Contact
from messaging.compliance import Limits, NeverLegal, next_legal, place_of


def first_hour(contact: Contact | None, purpose: str, at: datetime, limits: Limits) -> datetime | None:
    """The first legal moment from `at` on, both on the workspace's clock; None for never."""
    try:
        return next_legal(purpose=purpose, place=place_of(contact).as_law_sees_it, at=at, limits=limits)
    except NeverLegal:
        return None
