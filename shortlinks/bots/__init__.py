"""Who was it: a person, a machine, or can't be told. The first judgement, from the request alone.

Nothing is human by default: a hit counts as human only when it looks in every respect as its browser's requests look
(browsers.py). A machine is known by its method, by what only machines send, or by its name (names.py). The reason is
kept with the click. docs/honest-clicks.md has the method and its measure.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from shortlinks.bots.browsers import human_reason
from shortlinks.bots.names import machine_name
from shortlinks.models import Device, Verdict
from shortlinks.signs import Sign

# What no browser that a person looks at sends; the first that fits is the reason.
MACHINE_SIGNS: list[tuple[int, str]] = [
    (Sign.HEAD, "head"),
    (Sign.PREFETCH, "prefetch"),
    (Sign.HAS_OPERATOR, "names-its-operator"),
    (Sign.HINTS_HEADLESS, "program:headless"),
    (Sign.IS_SCRIPT, "script"),
]

# First match wins.
DEVICES: list[tuple[re.Pattern[str], Device]] = [
    (re.compile(r"iPhone|iPod"), Device.IPHONE),
    (re.compile(r"iPad|Tablet|Android(?!.*Mobile)"), Device.TABLET),
    (re.compile(r"Android"), Device.ANDROID),
    (re.compile(r"Windows NT|Macintosh|X11"), Device.COMPUTER),
]


class Judgement(NamedTuple):
    verdict: str
    reason: str
    device: str


@lru_cache(maxsize=20_000)
def judge(signs: int, user_agent: str) -> Judgement:
    """The verdict on a hit by its signs (signs.signs_of) and its user agent, with the reason for it."""
    if machine := _machine(signs, user_agent):
        return Judgement(Verdict.BOT, machine, "")
    device = device_of(user_agent)
    is_human, reason = human_reason(signs, user_agent)
    return Judgement(Verdict.HUMAN if is_human else Verdict.UNSURE, reason, device)


def _machine(signs: int, user_agent: str) -> str:
    """What shows that it was a machine, or nothing."""
    shown = next((reason for sign, reason in MACHINE_SIGNS if signs & sign), "")
    return shown or machine_name(user_agent)


@lru_cache(maxsize=20_000)
def device_of(user_agent: str) -> str:
    """What the visitor holds, as they say themselves; empty when they don't."""
    return next((device.value for pattern, device in DEVICES if pattern.search(user_agent)), "")
