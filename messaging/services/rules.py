"""The rules of sending: an owner's choices within the law. What allows more than before is confirmed, and noted."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scope

from accounts.models import User, Workspace
from audience.models import AuditEntry
from audience.services.audit import note
from messaging import law
from messaging.compliance import PRUDENT
from messaging.models import Sector, SendingRules
from messaging.rules import rules_of
from messaging.words_of_law import name_of_text

FIELDS = ("policy", "allows_sundays", "allows_holidays", "cap_messages", "cap_days", "sector")


class NeedsConfirmation(Exception):
    """Something would be allowed that was not; `widened` says what, in words."""

    def __init__(self, widened: list[str]) -> None:
        super().__init__(" ".join(widened))
        self.widened = widened


@transaction.atomic
def save_rules(
    *, workspace: Workspace, by: User, now: datetime, is_confirmed: bool = False, **changes: Any
) -> SendingRules:
    """Change the rules, with a line in the audit log for what changed. Raises NeedsConfirmation."""
    with scope(workspace=workspace):
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        before, rules = rules_of(workspace), rules_of(workspace)
        for name in FIELDS:
            setattr(rules, name, changes.get(name, getattr(rules, name)))
        _drop_what_the_text_forbids(rules)
        if not is_confirmed and (widened := _widened(before, rules)):
            raise NeedsConfirmation(widened)
        rules.save()
        if told := _changes(before, rules):
            note(action=AuditEntry.Action.RULES, by=by, now=now, count=0, reason=told)
    return rules


def _drop_what_the_text_forbids(rules: SendingRules) -> None:
    if rules.policy not in {text.slug for text in law.offered()}:
        rules.policy = PRUDENT
    text = law.text_called(rules.policy)
    rules.allows_sundays = rules.allows_sundays and text.allows_sundays
    rules.allows_holidays = rules.allows_holidays and text.allows_holidays


def _widened(before: SendingRules, after: SendingRules) -> list[str]:
    """What would be allowed that was not."""
    found = []
    if after.policy not in {before.policy, PRUDENT}:
        window = next(hours for hours in law.text_called(after.policy).hours if hours)
        found.append(_("Advertising may leave until %(hour)s.") % {"hour": f"{window.closes:%H:%M}"})
    if after.allows_sundays and not before.allows_sundays:
        found.append(_("Advertising may leave on Sundays. The charter tolerates it and advises against it."))
    if after.allows_holidays and not before.allows_holidays:
        found.append(_("Advertising may leave on public holidays. The charter tolerates it and advises against it."))
    if before.is_reminders_only and not after.is_reminders_only:
        found.append(_("Campaigns and other advertising may leave again."))
    return found


def _changes(before: SendingRules, after: SendingRules) -> str:
    pairs = [(name, _said(before, name), _said(after, name)) for name in FIELDS]
    return "; ".join(f"{_label(name)}: {old} → {new}" for name, old, new in pairs if old != new)


def _label(name: str) -> str:
    return str(SendingRules._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _said(rules: SendingRules, name: str) -> str:
    value = getattr(rules, name)
    match name:
        case "policy":
            return name_of_text(value)
        case "sector":
            return str(Sector(value).label).partition(":")[0].strip()
        case "allows_sundays" | "allows_holidays":
            return _("yes") if value else _("no")
    return "–" if value is None else str(value)
