from integrations.shops.prestashop.adapter import PrestaShop

__all__ = ["PrestaShop"]
