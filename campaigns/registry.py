"""What rooms on the left tell campaigns about themselves."""

from collections.abc import Callable

from campaigns.models import Campaign

_reports: list[Callable[[Campaign], str]] = []


def register_report(function: Callable[[Campaign], str]) -> None:
    """`function(campaign)` answers the address of the campaign's report; the last one registered counts."""
    _reports.append(function)


def report_url(campaign: Campaign) -> str:
    """Where the campaign's report lives; empty where nobody reports."""
    return _reports[-1](campaign) if _reports else ""
