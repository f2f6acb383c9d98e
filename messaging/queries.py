"""Reads of messaging that other rooms share."""

from datetime import datetime

from django_scopes import scope

from accounts.models import Workspace
from messaging.models import Message
from shortlinks.models import ShortLink
from shortlinks.visits import read_visit


def message_at(*, link: ShortLink, position: int) -> Message | None:
    """Who a code belongs to."""
    with scope(workspace=link.workspace):
        messages = Message.objects.filter(batch__links__link=link, position=position)
        return messages.select_related("batch", "contact", "team_number").first()


def phone_behind(*, workspace: Workspace, token: str, now: datetime) -> str:
    """The number that the message behind a visit token went to; empty for a token that is old or made up."""
    visit = read_visit(workspace=workspace, token=token, now=now)
    message = message_at(link=visit.link, position=visit.position) if visit else None
    owner = (message.team_number or message.contact) if message else None
    return owner.phone if owner else ""
