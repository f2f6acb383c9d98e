"""Team numbers: colleagues' phones, confirmed by their owners, that test sends may go to."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.keys import keyed_index
from accounts.models import Workspace
from messaging.clock import workspace_now
from messaging.compose import CODE_FIELD, CONTACT_FIELDS, Template
from messaging.merge_fields import attribute_names
from messaging.models import Batch, BatchPurpose, Message, Sender, TeamNumber
from messaging.services.answers import BRACES, standing_batch
from messaging.services.batches import create_batch, start_batch
from messaging.services.recipients import queue_to_team
from shortlinks.models import ShortLink

MOST_TESTS_A_DAY = 10
MOST_CODES_A_DAY = 5
CODE_LIVES = timedelta(minutes=10)
MOST_TRIES = 5
PIN = "pin"
SAMPLE_CODE = "CODE123"


class TooManyTests(Exception):
    """Tests are for looking, not for sending."""


class NotConfirmed(Exception):
    """The owner of the number has not said yes."""


class WrongCode(Exception):
    """Not the code that was sent, or too old, or tried too often."""


class NoSender(Exception):
    """There is nobody the code could come from."""


@transaction.atomic
def send_test(
    *,
    workspace: Workspace,
    sender: Sender,
    text: str,
    links: Mapping[str, ShortLink],
    team_number: TeamNumber,
    now: datetime,
    purpose: str = BatchPurpose.MARKETING,
) -> Message:
    """The text as it will read, marked TEST, to a colleague. Raises NotConfirmed, TooManyTests, BadText, BadSender,
    NoStopRoute.
    """
    with scope(workspace=workspace):
        _one_at_a_time()
        team_number = TeamNumber.objects.get(pk=team_number.pk)
        if team_number.confirmed_at is None:
            raise NotConfirmed(_("Confirm this number first: a code is sent to it."))
        _check_allowance(workspace, now, most=MOST_TESTS_A_DAY, is_test=True)
        template = Template(f"TEST {text}")
        batch = create_batch(
            workspace=workspace,
            name=_("Test"),
            purpose=purpose,
            text=template.text,
            sender=sender,
            links=links,
            now=now,
            extra_fields=set(template.fields) - set(CONTACT_FIELDS) - set(attribute_names(template)),
            is_immediate=True,
            is_test=True,
        )
        values = {name: SAMPLE_CODE if name == CODE_FIELD else f"[{name}]" for name in template.fields}
        own = dict.fromkeys([*CONTACT_FIELDS, *attribute_names(template)], "") | {"first_name": team_number.name}
        due_at = workspace_now(workspace, now)
        message = queue_to_team(batch=batch, team_number=team_number, values=values | own, due_at=due_at, now=now)
        start_batch(batch=batch, by=None, now=now)
    return message


@transaction.atomic
def send_code(*, team_number: TeamNumber, now: datetime) -> Message:
    """A one-time code that proves who holds the phone. Raises NoSender, TooManyTests."""
    workspace = team_number.workspace
    with scope(workspace=workspace):
        _one_at_a_time()
        _check_allowance(workspace, now, most=MOST_CODES_A_DAY, is_test=False)
        pin = f"{secrets.randbelow(10**6):06}"
        TeamNumber.objects.filter(pk=team_number.pk).update(
            code_hash=_hash(team_number, pin), code_sent_at=now, code_tries=0, confirmed_at=None
        )
        batch, due_at = _code_batch(workspace, now), workspace_now(workspace, now)
        return queue_to_team(batch=batch, team_number=team_number, values={PIN: pin}, due_at=due_at, now=now)


def _code_batch(workspace: Workspace, now: datetime) -> Batch:
    sender = Sender.objects.filter(account__is_enabled=True).select_related("account").order_by("pk").first()
    if sender is None:
        raise NoSender(_("Add a sender first: the code comes from it."))
    with translation.override(workspace.language):
        text = _("%(brand)s: your code is {pin}. It is valid for 10 minutes.")
    text %= {"brand": workspace.name.translate(BRACES)}
    return standing_batch(sender=sender, text=text, name=_("Code"), now=now, fields=(PIN,))


def confirm(*, team_number: TeamNumber, code: str, now: datetime) -> TeamNumber:
    """The owner typed the code. Raises WrongCode."""
    with scope(workspace=team_number.workspace):
        mine = TeamNumber.objects.filter(pk=team_number.pk)
        is_counted = mine.filter(code_tries__lt=MOST_TRIES, code_sent_at__gt=now - CODE_LIVES).update(
            code_tries=F("code_tries") + 1
        )
        team_number.refresh_from_db()
        expected = bytes(team_number.code_hash or b"")
        if not is_counted or not hmac.compare_digest(expected, _hash(team_number, code.strip())):
            raise WrongCode(_("This is not the code, or it is too old: send a new one."))
        mine.update(confirmed_at=now, code_hash=None)
        team_number.refresh_from_db()
    return team_number


def _hash(team_number: TeamNumber, code: str) -> bytes:
    return keyed_index(f"team number {team_number.pk} {code}")


def _one_at_a_time() -> None:
    """The allowance is the workspace's, over all its numbers: two requests at once count one after the other."""
    list(TeamNumber.objects.order_by("pk").select_for_update().values_list("pk", flat=True))


def _check_allowance(workspace: Workspace, now: datetime, *, most: int, is_test: bool) -> None:
    clock = workspace_now(workspace, now).astimezone(ZoneInfo(workspace.time_zone))
    midnight = clock.replace(hour=0, minute=0, second=0, microsecond=0)
    today = Message.objects.filter(batch__is_test=is_test, team_number__isnull=False, due_at__gte=midnight)
    if today.count() >= most:
        raise TooManyTests(_("No more than %(most)s a day: go on tomorrow.") % {"most": most})
