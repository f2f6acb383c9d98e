"""The look of a workspace's pages."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts.models import Workspace
from landing.models import LandingPage, Theme


def draw_pictures(*, page: LandingPage) -> None:
    """Make every size of the page's pictures now: who taps a link must not wait for them."""
    page.serve(HttpRequest())


@transaction.atomic
def save_theme(*, workspace: Workspace, **choices: Any) -> Theme:
    """The look of all pages of the workspace: brand, accent, paper, ink, voice, corners, air, text_size, logo."""
    theme, _created = Theme.objects.update_or_create(workspace=workspace, defaults=choices)
    return theme
