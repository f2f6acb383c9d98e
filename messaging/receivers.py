"""News from outside that concerns messages. Each receiver is one line."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from integrations.signals import delivery_reported, message_received
from messaging.services.inbound import take_messages
from messaging.services.reports import take_reports


@receiver(delivery_reported)
def keep_reports(*, account: Any, reports: Any, **_kwargs: Any) -> None:
    take_reports(account=account, reports=reports, now=timezone.now())


@receiver(message_received)
def take_incoming(*, account: Any, messages: Any, **_kwargs: Any) -> None:
    take_messages(account=account, messages=messages, now=timezone.now())
