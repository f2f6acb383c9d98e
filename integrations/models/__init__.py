from integrations.models.gateways import GatewayAccount, Installation, PriceTier, new_webhook_secret
from integrations.models.inbox import InboundDelivery
from integrations.models.orders import Order, ShopEvent
from integrations.models.past import Backfill
from integrations.models.people import Cart, DataRequest, ShopCustomer
from integrations.models.shops import OrderState, ShopConnection
from integrations.models.sources import EventSource, SourcePerson

__all__ = [
    "Backfill",
    "Cart",
    "DataRequest",
    "EventSource",
    "GatewayAccount",
    "InboundDelivery",
    "Installation",
    "Order",
    "OrderState",
    "PriceTier",
    "ShopConnection",
    "ShopCustomer",
    "ShopEvent",
    "SourcePerson",
    "new_webhook_secret",
]
