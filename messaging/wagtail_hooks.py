"""What messaging adds to the admin: the inbox, and senders and team numbers in the settings."""

from wagtail import hooks

from messaging.inbox import InboxViewSet
from messaging.viewsets import SenderViewSet, TeamNumberViewSet


@hooks.register("register_admin_viewset")
def register_messaging() -> list[object]:
    return [InboxViewSet(), SenderViewSet(), TeamNumberViewSet()]
