"""The sentences of the decision log. Stored in English, shown in the reader's language."""

from django.db.models import Q
from django.utils.translation import gettext_noop

from messaging.models import Message

SENT = gettext_noop("sent")
DEFERRED = gettext_noop("put off: leaves at an hour at which phones may ring")
# How rows of before say it.
DEFERRED_BEFORE = gettext_noop("sent: waited for an hour at which phones may ring")
QUEUED = frozenset({SENT, DEFERRED, DEFERRED_BEFORE})
WAITS = gettext_noop("waits")
OFF = gettext_noop("not sent: automation off")
NOT_READY = gettext_noop("not sent: the automation is not ready")
EMPTY_FIELD = gettext_noop("not sent: a field of the text is empty")
NO_LINK = gettext_noop("not sent: there is no address to follow the parcel")
NO_EVENT = gettext_noop("not sent: this has not happened to the order")
TOO_OLD = gettext_noop("not sent: too old")
CANCELLED = gettext_noop("not sent: the order was cancelled")
OVERTAKEN = gettext_noop("not sent: newer news of the order came first")
NO_MOBILE = gettext_noop("not sent: no mobile")
TOO_LATE = gettext_noop("not sent: too late for this date")
MOVED = gettext_noop("not sent: the date was moved or taken away")
STRANGER = gettext_noop("not used: nobody is known by this external_id, give their phone once")
NOBODY_WAITS = gettext_noop("not used: no automation answers this event")
EXPIRED = gettext_noop("not sent: the code had expired")
CROWD = gettext_noop("not sent: too many forms came from one place")
CONFIRMED = gettext_noop("not sent: this number has had its confirmation")
CAP = gettext_noop("not sent: has had enough of this automation")
BUDGET = gettext_noop("not sent: the budget of the month is used up")

State = Message.State
# The gate, or a withdrawal, has kept it back.
KEPT_BACK = (State.SUPPRESSED, State.CANCELLED, State.REJECTED)
NOT_YET = (State.QUEUED, State.CLAIMED)

WAITING = Q(due_at__isnull=False) | Q(message__state__in=NOT_YET)
NOT_SENT = Q(due_at=None) & (Q(message=None) | Q(message__state__in=KEPT_BACK))
LEFT = Q(message__isnull=False) & ~Q(message__state__in=(*KEPT_BACK, *NOT_YET))
