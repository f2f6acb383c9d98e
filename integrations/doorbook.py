"""What the door of webhooks knows of shops without asking the database: for a second, in this process.

Reading a shop and opening its secrets took a fifth of a call. What is kept only lets calls in: nobody is turned away on
its word (`receive_shop_call`), and what this process changes counts at once.
"""

import time
import uuid
from typing import Any

from django.db.models.signals import post_delete, post_save

from integrations.bulk import shop_at
from integrations.models import ShopConnection

KEPT_SECONDS = 1.0
# Secrets in clear stay in memory as long as they must.
MOST_SHOPS = 500

_kept: dict[uuid.UUID, tuple[float, ShopConnection]] = {}


def remembered_shop(*, public_id: uuid.UUID) -> ShopConnection | None:
    """The shop as it was within the last second, if a call came for it then."""
    until, shop = _kept.get(public_id, (0.0, None))
    return shop if time.monotonic() < until else None


def shop_now(*, public_id: uuid.UUID) -> ShopConnection | None:
    """The shop as it is, remembered from here on once it has said which one it is."""
    shop = shop_at(public_id=public_id)
    if len(_kept) >= MOST_SHOPS:
        _kept.clear()
    if shop and shop.shop_key:
        _kept[public_id] = (time.monotonic() + KEPT_SECONDS, shop)
    else:
        _kept.pop(public_id, None)
    return shop


def _forget(instance: ShopConnection, **_signal: Any) -> None:
    _kept.pop(instance.public_id, None)


post_save.connect(_forget, sender=ShopConnection, dispatch_uid="doorbook")
post_delete.connect(_forget, sender=ShopConnection, dispatch_uid="doorbook")
