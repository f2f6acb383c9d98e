"""News from outside. A receiver is one line that calls a service, and may run twice for the same news."""

from django.dispatch import Signal

# A provider told what became of messages. Arguments: `account` (GatewayAccount) and `reports`
# (list[integrations.gateways.base.DeliveryReport]). Sent inside the account's workspace scope.
delivery_reported = Signal()

# Somebody answered. Arguments: `account` (GatewayAccount) and `messages`
# (list[integrations.gateways.base.IncomingMessage]). Sent inside the account's workspace scope.
message_received = Signal()

# A shop event was derived and stored. Argument: `event` (ShopEvent). Sent inside its workspace scope.
# A receiver returns a short outcome in words ("sent", "not sent: no mobile") or None.
shop_event_received = Signal()

# Customers told a shop that they want no offers by SMS. Arguments: `shop` (ShopConnection) and `refusals`
# (list[integrations.services.consents.ShopRefusal]). Sent inside its workspace scope; a receiver returns words or None.
marketing_refused = Signal()

# Customers told a shop that they want offers by SMS. Arguments: `shop` (ShopConnection) and `agreements`
# (list[integrations.services.consents.ShopAgreement]). Sent inside its workspace scope; a receiver answers in words.
marketing_agreed = Signal()

# What is known of an order may have changed: after each call of its shop, whether it made an event or not. Argument:
# `order` (Order). Sent inside its workspace scope, after its events.
order_told = Signal()
