"""How an automation stood before: kept at each change, and brought back."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from accounts.models import User
from accounts.queries import rows_of
from campaigns.models import Automation, AutomationVersion
from campaigns.triggers import asking

# What somebody sets up, by column; the switch is remembered, too, but not brought back.
SET_UP = (
    *("name", "trigger", "shop_id", "sender_id", "text", "page_id", "conditions", "delay_minutes"),
    *("max_age_hours", "gives_way", "cap_messages", "cap_days", "budget"),
    *("asks_reply", "reply_attribute_id"),
    *("date_attribute_id", "lead_hours", "at_time", "event_name", "event_fields"),
    *("lifetime_minutes", "form_page_id"),
)
KEPT = (*SET_UP, "is_enabled")


def keep_version(*, automation: Automation, by: User | None, now: datetime) -> None:
    """Inside the transaction that changed the automation, its row locked. What did not change is no version."""
    latest = automation.versions.order_by("-number").first()
    content = content_of(automation)
    if latest is None or latest.content != content:
        number = latest.number + 1 if latest else 1
        _write(automation, number, content, str(by or "")[:150], now)


def keep_first(*, automation: Automation, now: datetime) -> None:
    """How it stood before versions were kept, so that its first change can be taken back."""
    if automation.pk and not automation.versions.exists():
        before = Automation.objects.get(pk=automation.pk)
        _write(before, 1, content_of(before), "", before.created_at)


def _write(automation: Automation, number: int, content: Mapping[str, Any], by: str, at: datetime) -> None:
    AutomationVersion.objects.create(
        workspace=automation.workspace, automation=automation, number=number, content=content, saved_by=by, saved_at=at
    )


def content_of(automation: Automation) -> dict[str, Any]:
    """What its trigger asks for, and what all of them do."""
    asked = asking()
    kept = [name for name in KEPT if automation.trigger in asked.get(name.removesuffix("_id"), {automation.trigger})]
    return {name: _written(getattr(automation, name)) for name in kept}


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, time) else value


def put_back(automation: Automation, content: Mapping[str, Any]) -> list[str]:
    """Set the automation up as the version says, unsaved; columns whose row is gone, which stay as they are."""
    gone = [name for name in SET_UP if name.endswith("_id") and not _is_there(automation, name, content.get(name))]
    for name in SET_UP:
        if name in content and name not in gone:
            setattr(automation, name, Automation._meta.get_field(name).to_python(content[name]))  # type: ignore[union-attr]
    return gone


def _is_there(automation: Automation, column: str, key: int | None) -> bool:
    model = Automation._meta.get_field(column.removesuffix("_id")).related_model
    return key is None or rows_of(automation.workspace, model).filter(pk=key).exists()  # type: ignore[arg-type]
