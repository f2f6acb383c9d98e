"""The blocks of home: laces components, each drawn from what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wagtail.admin.ui.components import Component

from accounts.requests import SiteRequest
from campaigns.models import Campaign
from integrations.models import GatewayAccount
from integrations.queries import simulator_accounts
from integrations.shops.registry import shop_classes
from messaging.spending import month_budget_of
from reports.needs import Connection, Need, connections_of, needs_of
from reports.results import Result, results_of
from reports.week import Week, week_of

State = Campaign.State
ON_THEIR_WAY = (State.SCHEDULED, State.SENDING, State.PAUSED)
MOST_RESULTS = 4


class HomePanel(Component):
    """A block; `region` says where: "top", "main" or "side"."""

    region = "main"
    order = 100

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return dict(vars(self))


class NeedsPanel(HomePanel):
    template_name = "reports/home_needs.html"
    region = "top"

    def __init__(self, needs: list[Need]) -> None:
        self.needs = needs


@dataclass(frozen=True)
class FirstSteps:
    """How far a new workspace has come."""

    has_simulator: bool
    has_contacts: bool
    has_campaign: bool
    has_provider: bool

    @property
    def done(self) -> int:
        return sum((self.has_simulator, self.has_contacts, self.has_campaign, self.has_provider))

    @property
    def next_step(self) -> int:
        """The number of the first step that is not done."""
        steps = (self.has_simulator, self.has_contacts, self.has_campaign, self.has_provider)
        return next((number for number, is_done in enumerate(steps, start=1) if not is_done), 0)


class FirstStepsPanel(HomePanel):
    template_name = "reports/home_first_steps.html"
    region = "top"

    def __init__(self, steps: FirstSteps) -> None:
        self.steps = steps


class ConnectShopPanel(HomePanel):
    template_name = "reports/home_shops.html"

    def __init__(self) -> None:
        self.platforms = list(shop_classes().values())


class WeekPanel(HomePanel):
    template_name = "reports/home_week.html"
    region = "top"
    order = 200

    def __init__(self, week: Week, currency: str) -> None:
        self.week = week
        self.currency = currency


class ResultsPanel(HomePanel):
    template_name = "reports/home_results.html"

    def __init__(self, results: list[Result]) -> None:
        self.results = results


class UpcomingPanel(HomePanel):
    template_name = "reports/home_upcoming.html"
    region = "side"

    def __init__(self, campaigns: list[Campaign]) -> None:
        self.campaigns = campaigns


class ConnectionsPanel(HomePanel):
    template_name = "reports/home_connections.html"
    region = "side"
    order = 200

    def __init__(self, connections: list[Connection]) -> None:
        self.connections = connections


def home_panels(request: SiteRequest, *, now: datetime) -> list[HomePanel]:
    """The blocks of the workspace one stands in, in a constant number of queries."""
    if request.workspace is None:
        return []
    currency = request.workspace.currency
    week = WeekPanel(week_of(currency=currency, now=now), currency)
    on_their_way = Campaign.objects.filter(state__in=ON_THEIR_WAY).select_related("batch__workspace")
    campaigns = list(on_their_way.order_by("scheduled_at", "pk"))
    results = results_of(Campaign.objects.filter(sent_at__isnull=False).order_by("-sent_at", "-pk")[:MOST_RESULTS])
    connections = connections_of(now=now)
    if not (results or campaigns):
        return [_first_steps(week.week), week, ConnectShopPanel(), ConnectionsPanel(connections)]
    month = month_budget_of(request.workspace, now)
    needs = needs_of(campaigns=campaigns, connections=connections, month=month, now=now)
    return [NeedsPanel(needs), week, ResultsPanel(results), UpcomingPanel(campaigns), ConnectionsPanel(connections)]


def _first_steps(week: Week) -> FirstStepsPanel:
    simulators, accounts = simulator_accounts(), GatewayAccount.objects.count()
    has_campaign = Campaign.objects.exists()
    return FirstStepsPanel(FirstSteps(bool(simulators), bool(week.contacts), has_campaign, accounts > len(simulators)))
