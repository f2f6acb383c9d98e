"""Who changed what of an automation."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Automation, AutomationVersion
from campaigns.services.versions import KEPT

LATEST = 20


@dataclass(frozen=True)
class Step:
    """A version, and what it changed."""

    version: AutomationVersion
    changes: str
    # The text, where that changed.
    text: str
    is_latest: bool


def history_of(automation: Automation) -> list[Step]:
    """The latest versions, newest first."""
    versions = list(automation.versions.order_by("-number")[: LATEST + 1])
    steps = [_step(newer, older.content, versions[0]) for newer, older in pairwise(versions)]
    if 0 < len(versions) <= LATEST:
        steps.append(_step(versions[-1], {}, versions[0]))
    return steps


def _step(version: AutomationVersion, before: dict[str, Any], latest: AutomationVersion) -> Step:
    changed = [name for name in KEPT if version.content.get(name) != before.get(name)] if before else []
    text = version.content.get("text", "") if "text" in changed or not before else ""
    words = ", ".join(_words(version, name) for name in changed) or _("as it began")
    return Step(version, capfirst(words), text, version == latest)


def _words(version: AutomationVersion, column: str) -> str:
    if column == "is_enabled":
        return _("switched on") if version.content[column] else pgettext("automation", "switched off")
    return label_of(column)


def label_of(column: str) -> str:
    """What a reader calls it."""
    if column == "conditions":
        return _("conditions")
    field = Automation._meta.get_field(column.removesuffix("_id"))
    return str(field.verbose_name)  # type: ignore[union-attr]
