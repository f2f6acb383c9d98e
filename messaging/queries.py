"""Reads of messaging that other rooms share."""

from django_scopes import scope

from messaging.models import Message
from shortlinks.models import ShortLink


def message_at(*, link: ShortLink, position: int) -> Message | None:
    """Who a code belongs to."""
    with scope(workspace=link.workspace):
        messages = Message.objects.filter(batch__links__link=link, position=position)
        return messages.select_related("batch", "contact").first()
