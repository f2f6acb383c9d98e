"""What rooms to the left have to say of a page before it is published."""

from collections.abc import Callable, Iterable, Iterator

from landing.models import LandingPage

PageCheck = Callable[[LandingPage], Iterable[str]]

_checks: list[PageCheck] = []


def register_check(function: PageCheck) -> None:
    """`function(page)` says what is missing or looks wrong, in sentences; it is asked in the workspace's scope."""
    if function not in _checks:
        _checks.append(function)


def registered_findings(page: LandingPage) -> Iterator[str]:
    for check in _checks:
        yield from check(page)
