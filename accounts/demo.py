"""The demo's owner: a log-in that everybody can read, good for a trial on one's own machine only."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from accounts.models import User


def is_demo() -> bool:
    """Whether this installation is a local trial; real customers end it, whatever else is set."""
    return settings.IS_DEMO and not settings.LIVE_INSTALLATION and not settings.IS_HTTPS


class DemoEndsBackend(ModelBackend):
    """A database that was a demo once keeps its owner; nobody signs in as them any more, or stays so."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        is_shut_out = user is not None and user.get_username() == settings.DEMO_EMAIL and not is_demo()
        return super().user_can_authenticate(user) and not is_shut_out
