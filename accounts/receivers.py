"""Django's own news about log-ins."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import brake
from accounts.models import User


@receiver(user_login_failed, dispatch_uid="accounts.brake_guessers")
def brake_guessers(credentials: dict[str, Any], request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None:
        brake.note_failure(request, credentials.get("username", ""))


@receiver(user_logged_in, dispatch_uid="accounts.know_networks")
def know_networks(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    if request is not None and "REMOTE_ADDR" in request.META:
        brake.note_success(request, user.email)
