from integrations.models.gateways import GatewayAccount, Installation, PriceTier, new_webhook_secret
from integrations.models.inbox import InboundDelivery
from integrations.models.orders import Order, ShopEvent
from integrations.models.past import Backfill
from integrations.models.people import Cart, DataRequest, ShopCustomer
from integrations.models.shops import OrderState, ShopConnection

__all__ = [
    "Backfill",
    "Cart",
    "DataRequest",
    "GatewayAccount",
    "InboundDelivery",
    "Installation",
    "Order",
    "OrderState",
    "PriceTier",
    "ShopConnection",
    "ShopCustomer",
    "ShopEvent",
    "new_webhook_secret",
]
