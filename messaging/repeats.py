"""Who has been told the same before."""

from datetime import datetime

from django.db.models import QuerySet

from audience.models import Contact
from messaging.models import Batch, Message

# Nobody got these, whatever they say.
NOT_TOLD = frozenset({Message.State.SUPPRESSED, Message.State.CANCELLED, Message.State.REJECTED})


def told_the_same(contacts: QuerySet[Contact], *, text: str, since: datetime) -> int:
    """How many of these contacts have a message with this very text since then; capitals and spaces do not matter."""
    recent = Batch.objects.filter(created_at__gte=since, is_test=False, is_standing=False)
    same = [pk for pk, written in recent.values_list("pk", "text") if _fold(written) == _fold(text)]
    if not same or not text.strip():
        return 0
    told = Message.objects.filter(batch__in=same).exclude(state__in=NOT_TOLD)
    return contacts.filter(pk__in=told.values("contact")).count()


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
