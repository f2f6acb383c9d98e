"""The lists of the landing studio."""

from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceViewSet
from landing.models import Piece


class PieceViewSet(WorkspaceViewSet):
    """Blocks that are written once and shown by many pages."""

    model = Piece
    name = "landing_pieces"
    url_namespace = "landing_pieces"
    url_prefix = "landing/pieces"
    icon = "snippet"
    form_fields = ["name", "body"]
    list_display = ["name"]
    search_fields = ["name"]
    add_to_settings_menu = True
    menu_label = _("Reusable blocks")
    menu_name = "landing-pieces"
    menu_order = 4
