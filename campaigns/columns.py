"""Columns of our lists."""

from typing import Any

from django.db.models import Count, IntegerField, Model, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.middleware.csrf import get_token
from wagtail.admin.ui.tables import Column

from accounts.templatetags.ch import DASH, money, whole
from campaigns.triggers import trigger_of
from integrations.outcomes import in_words


class ButtonColumn(Column):
    """Its template holds a form: what changes something is a button and not a link."""

    def get_cell_context_data(self, instance: Model, parent_context: dict[str, Any]) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "csrf_token": get_token(parent_context["request"])}


class CopyColumn(ButtonColumn):
    cell_template_name = "campaigns/copy_cell.html"


class SwitchColumn(ButtonColumn):
    cell_template_name = "campaigns/switch_cell.html"


class NameColumn(Column):
    """An automation, and under it what starts it."""

    cell_template_name = "campaigns/automation/name_cell.html"

    def get_value(self, instance: Any) -> Any:
        return trigger_of(instance.trigger)


class RefusedColumn(Column):
    """How many were not sent, and the main reason."""

    cell_template_name = "campaigns/automation/refused_cell.html"

    def get_value(self, instance: Any) -> str:
        return in_words(instance.main_reason or "").split(": ")[-1]


class StateColumn(Column):
    """State as icon, colour and word."""

    cell_template_name = "campaigns/state_cell.html"


class CountColumn(Column):
    def get_value(self, instance: Any) -> str:
        return whole(super().get_value(instance))


class RevenueColumn(Column):
    """Orders that were earned, in the workspace's currency."""

    def get_value(self, instance: Any) -> str:
        return money(instance.revenue, instance.workspace.currency) if instance.earned else DASH


def counted(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of these rows belong to the outer one, as a subquery."""
    counts = rows.order_by().values(by).annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)
