"""The one door of STOP: inbound message, opt-out page, form, shop or provider."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Workspace
from audience.models import OptOut, OptOutScope
from audience.phone import parse_mobile
from audience.services import record_opt_out


def opt_out(
    *,
    workspace: Workspace,
    phone: str,
    scope: str,
    source: str,
    now: datetime,
    evidence: Mapping[str, Any] | None = None,
) -> OptOut:
    """This number says no to this scope; the gate knows it from the next message on."""
    return record_opt_out(workspace=workspace, phone=phone, scope=scope, source=source, now=now, evidence=evidence)


def opt_out_by_page(*, workspace: Workspace, phone: str, now: datetime) -> OptOut:
    """No more marketing to the number behind a link."""
    return opt_out(workspace=workspace, phone=phone, scope=OptOutScope.MARKETING, source="opt-out page", now=now)


def opt_out_typed(*, workspace: Workspace, typed: str, now: datetime) -> OptOut:
    """No more marketing to the number that somebody typed. Raises NotAMobile."""
    return opt_out_by_page(workspace=workspace, phone=parse_mobile(typed, workspace.country).e164, now=now)
