"""News that starts automations. Each receiver is one line."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from campaigns.services import answer_event, take_answer
from integrations.signals import shop_event_received
from messaging.signals import reply_received


@receiver(shop_event_received)
def answer_shop_event(*, event: Any, **_kwargs: Any) -> str | None:
    return answer_event(event=event, now=timezone.now())


@receiver(reply_received)
def take_reply(*, message: Any, **_kwargs: Any) -> None:
    take_answer(inbound=message)
