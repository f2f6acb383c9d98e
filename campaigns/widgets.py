from typing import Any

from wagtail.admin.widgets import AdminPageChooser

from accounts.queries import current_workspace, rows_of
from landing.models import LandingPage


class PageChooser(AdminPageChooser):
    """Wagtail's chooser shows back whatever page was posted: of another workspace, not even the title may be read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(target_models=[LandingPage], **kwargs)

    def get_instance(self, value: Any) -> LandingPage | None:
        key = str(value.pk if isinstance(value, LandingPage) else value)
        return rows_of(current_workspace(), LandingPage).filter(pk=key).first() if key.isdecimal() else None
