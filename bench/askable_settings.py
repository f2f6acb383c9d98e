"""The site's settings, with the provider that can be asked among the others."""

from chappe.settings import *  # noqa: F403
from chappe.settings import GATEWAYS as SHIPPED

GATEWAYS = [*SHIPPED, "bench.askable.AskableGateway"]
