from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from accounts.models import Role
from messaging.clock import is_possible, offset_of, workspace_now

CHANGERS = {Role.OWNER, Role.MARKETER}

register = template.Library()


@register.inclusion_tag("campaigns/clock.html", takes_context=True)
def demo_clock(context: Context) -> dict[str, Any]:
    """One line while every gateway account of the workspace is a simulator: what time it believes it is."""
    request = context["request"]
    workspace = request.workspace
    return {
        "is_possible": is_possible(workspace),
        "may_switch": request.role in CHANGERS,
        "is_on": bool(offset_of(workspace)),
        "clock": workspace_now(workspace, timezone.now()),
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }
