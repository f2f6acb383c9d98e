"""What Celery wakes for short links; each may run late, or twice."""

from celery import shared_task
from django.utils import timezone

from shortlinks.services import check_due_domains, cut_loose_late_clicks
from shortlinks.services.news import tell_news
from shortlinks.services.verdicts import judge_again


@shared_task
def check_domains() -> None:
    check_due_domains(now=timezone.now())


@shared_task
def cut_loose() -> None:
    cut_loose_late_clicks()


@shared_task
def judge_clicks() -> None:
    judge_again(now=timezone.now())


@shared_task
def tell_clicks() -> None:
    tell_news()
