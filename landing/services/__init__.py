"""Writes of landing pages."""

from landing.services.goals import record_conversion, record_order, record_tap, take_back_order
from landing.services.links import bring_links_back, follow_page, lead_links_home
from landing.services.looks import draw_pictures, save_theme
from landing.services.making import copy_page, create_order_page, create_page, create_sale_page
from landing.services.trying import try_links

__all__ = [
    "bring_links_back",
    "copy_page",
    "create_order_page",
    "create_page",
    "create_sale_page",
    "draw_pictures",
    "follow_page",
    "lead_links_home",
    "record_conversion",
    "record_order",
    "record_tap",
    "save_theme",
    "take_back_order",
    "try_links",
]
