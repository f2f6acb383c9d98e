"""Anybody can type anybody's number into a form: how many confirmations that may cause (docs/decisions/0022)."""

from datetime import datetime, timedelta

from campaigns import decided
from campaigns.models import Decision, Occasion
from landing.signals import Trust

# The same as for the question of a double opt-in.
ONCE_IN, MOST, PERIOD = timedelta(hours=24), 3, timedelta(days=30)


def refusal(occasion: Occasion, now: datetime) -> str:
    """Why the form gets no confirmation, as a sentence of the log; "" when it does."""
    if occasion.trust == Trust.CROWD:
        return decided.CROWD
    confirmed = Decision.objects.filter(occasion__kind=Occasion.Kind.FORM, contact=occasion.contact)
    others = confirmed.exclude(occasion=occasion.pk).exclude(decided.NOT_SENT).filter(decided_at__gt=now - PERIOD)
    today = others.filter(decided_at__gt=now - ONCE_IN)
    if occasion.trust == Trust.OWN:
        return decided.CONFIRMED if today.filter(occasion__page=occasion.page).exists() else ""
    has_enough = today.exists() or others.values("occasion").distinct().count() >= MOST
    return decided.CONFIRMED if has_enough else ""
