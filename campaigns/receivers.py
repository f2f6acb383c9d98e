"""News that starts automations. Each receiver is one line."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from campaigns.services import answer_event
from integrations.signals import shop_event_received


@receiver(shop_event_received)
def answer_shop_event(*, event: Any, **_kwargs: Any) -> str | None:
    return answer_event(event=event, now=timezone.now())
