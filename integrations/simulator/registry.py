"""What other rooms know of a simulated message. They stand on our left, so they register when they start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True)
class Step:
    """One line in the life of a message. `tone` is a dot's colour: mute, info, ok, warn, stop, bot, human."""

    at: datetime
    words: str | Promise
    tone: str = "info"
    code: str = ""


# The steps of the message with this reference (an attempt's id), in the current workspace.
Life = Callable[[str], Sequence[Step]]
# What became of answers, by the provider ids of the inbound messages: "opposition noted 10:03:12".
Outcomes = Callable[[Sequence[str]], dict[str, str]]

_lives: list[Life] = []
_outcomes: list[Outcomes] = []


def register_life(function: Life) -> None:
    """Tell the life of a message; several rooms may each tell their part."""
    if function not in _lives:
        _lives.append(function)


def register_outcomes(function: Outcomes) -> None:
    """Tell what became of the answers people gave."""
    if function not in _outcomes:
        _outcomes.append(function)


def life_of(reference: str) -> list[Step]:
    steps = [step for function in _lives for step in function(reference)]
    return sorted(steps, key=lambda step: step.at)


def outcomes_of(provider_ids: Sequence[str]) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    for function in _outcomes:
        outcomes.update(function(provider_ids))
    return outcomes
