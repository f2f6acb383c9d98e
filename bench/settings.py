"""The site's settings, with the benchmark's provider among the others."""

from chappe.settings import *  # noqa: F403
from chappe.settings import GATEWAYS as SHIPPED

GATEWAYS = [*SHIPPED, "bench.provider.BatchGateway"]
