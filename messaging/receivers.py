"""News from outside that concerns messages and their readers. Each receiver is one line."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from audience.services import note_activity
from integrations.signals import delivery_reported, marketing_agreed, marketing_refused, message_received
from messaging.queries import clickers
from messaging.services.inbound import take_messages
from messaging.services.opt_out import opt_out_by_shop
from messaging.services.reports import take_reports
from messaging.services.shop_consents import agree_by_shop
from messaging.signals import reply_received
from shortlinks.signals import link_clicked


@receiver(delivery_reported)
def keep_reports(*, account: Any, reports: Any, **_kwargs: Any) -> None:
    take_reports(account=account, reports=reports, now=timezone.now())


@receiver(message_received)
def take_incoming(*, account: Any, messages: Any, **_kwargs: Any) -> None:
    take_messages(account=account, messages=messages, now=timezone.now())


@receiver(marketing_refused)
def take_refusals(*, shop: Any, refusals: Any, **_kwargs: Any) -> str:
    return opt_out_by_shop(shop=shop, refusals=refusals, now=timezone.now())


@receiver(marketing_agreed)
def take_agreements(*, shop: Any, agreements: Any, **_kwargs: Any) -> str:
    return agree_by_shop(shop=shop, agreements=agreements, now=timezone.now())


@receiver(link_clicked)
def note_clickers(*, clicks: Any, **_kwargs: Any) -> None:
    note_activity(moments=clickers(clicks))


@receiver(reply_received)
def note_writer(*, message: Any, **_kwargs: Any) -> None:
    note_activity(moments={message.contact_id: message.received_at} if message.contact_id else {})
