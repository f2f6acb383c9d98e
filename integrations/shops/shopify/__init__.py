from integrations.shops.shopify.adapter import Shopify

__all__ = ["Shopify"]
