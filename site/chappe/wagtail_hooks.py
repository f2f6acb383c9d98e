"""The admin's look, its icons, and which of Wagtail's own menu items a marketer meets."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem

ICONS = ("bolt", "chart", "inbox", "key", "phone", "send", "shop")
HIDDEN_MENU_ITEMS = {"snippets", "documents", "reports", "help"}
# Wagtail's own items, in the order of docs/architecture.md.
MENU_ORDER = {"explorer": 400, "images": 450, "settings": 1000}


@hooks.register("insert_global_admin_css")
def admin_look() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("chappe/admin.css"))


@hooks.register("insert_global_admin_js")
def live_fragments() -> SafeString:
    return format_html('<script src="{}"></script>', static("accounts/live.js"))


@hooks.register("register_icons")
def add_icons(icons: list[str]) -> list[str]:
    return [*icons, *(f"chappe/icons/ch-{name}.svg" for name in ICONS)]


@hooks.register("construct_main_menu")
def trim_main_menu(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    menu_items[:] = [item for item in menu_items if item.name not in HIDDEN_MENU_ITEMS]
    for item in menu_items:
        item.order = MENU_ORDER.get(item.name, item.order)
