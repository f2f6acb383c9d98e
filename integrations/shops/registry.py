"""Which shop platforms there are: `settings.SHOPS`, and entry points `chappe.shops` of other packages."""

from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.shops.base import Shop

if TYPE_CHECKING:
    from integrations.models import ShopConnection


class UnknownShop(Exception):
    """No registered platform has this slug."""


def shop_classes() -> dict[str, type[Shop]]:
    """Every registered platform by its slug."""
    return _load(tuple(settings.SHOPS))


@lru_cache(maxsize=4)
def _load(paths: tuple[str, ...]) -> dict[str, type[Shop]]:
    ours = [import_string(path) for path in paths]
    others = [entry_point.load() for entry_point in entry_points(group="chappe.shops")]
    return {shop.slug: shop for shop in [*ours, *others]}


def shop_class(slug: str) -> type[Shop]:
    """Raises UnknownShop."""
    try:
        return shop_classes()[slug]
    except KeyError:
        raise UnknownShop(slug) from None


def shop_of(connection: "ShopConnection") -> Shop:
    """The adapter of a connected shop. Raises UnknownShop."""
    return shop_class(connection.platform)(connection.credentials)
