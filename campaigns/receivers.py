"""News that starts automations. Each receiver is one line."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from campaigns.services import answer_event, answer_form, credit_order, note_late_clicks, take_answer
from integrations.signals import order_told, shop_event_received
from landing.signals import form_submitted
from messaging.signals import reply_received
from shortlinks.signals import link_clicked


@receiver(shop_event_received)
def answer_shop_event(*, event: Any, **_kwargs: Any) -> str | None:
    return answer_event(event=event, now=timezone.now())


@receiver(reply_received)
def take_reply(*, message: Any, **_kwargs: Any) -> None:
    take_answer(inbound=message)


@receiver(order_told)
def credit_what_was_told(*, order: Any, **_kwargs: Any) -> None:
    credit_order(order=order, now=timezone.now(), is_retold=True)


@receiver(link_clicked)
def credit_what_came_before(*, clicks: Any, **_kwargs: Any) -> None:
    note_late_clicks(clicks=clicks)


@receiver(form_submitted)
def answer_sent_form(*, conversion: Any, trust: Any, **_kwargs: Any) -> None:
    answer_form(conversion=conversion, now=timezone.now(), trust=trust)
