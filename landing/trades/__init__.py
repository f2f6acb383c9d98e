"""Page templates by trade: finished pages, good-looking before a word is changed. One file each."""

from landing.trades import estate, fashion, hair, order, restaurant, town
from landing.trades.base import Draft, Setting, Trade

# In the order of the gallery.
TRADES: dict[str, Trade] = {
    trade.slug: trade for trade in (fashion.TRADE, restaurant.TRADE, estate.TRADE, hair.TRADE, order.TRADE, town.TRADE)
}

__all__ = ["TRADES", "Draft", "Setting", "Trade"]
