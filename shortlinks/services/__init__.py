"""Writes of short links. Every change takes the domain's next version under its row lock, which is how
redirect processes learn of it (directory.py)."""

from shortlinks.aliases import AliasIsACode, BadAlias, check_alias
from shortlinks.queries import NoShortDomain
from shortlinks.services.domains import (
    BadHost,
    HostTaken,
    check_answering,
    check_due_domains,
    check_host,
    create_domain,
    make_default,
    move_domain,
)
from shortlinks.services.following import cut_loose_late_clicks, forget_positions
from shortlinks.services.links import (
    create_tracked_link,
    follow_shops,
    give_poster_alias,
    publish_link,
    save_utm,
    set_targets,
)
from shortlinks.services.ranges import MOST_SHORT_CODES, reserve_range
from shortlinks.targets import BadTarget

__all__ = [
    "MOST_SHORT_CODES",
    "AliasIsACode",
    "BadAlias",
    "BadHost",
    "BadTarget",
    "HostTaken",
    "NoShortDomain",
    "check_alias",
    "check_answering",
    "check_due_domains",
    "check_host",
    "create_domain",
    "create_tracked_link",
    "cut_loose_late_clicks",
    "follow_shops",
    "forget_positions",
    "give_poster_alias",
    "make_default",
    "move_domain",
    "publish_link",
    "reserve_range",
    "save_utm",
    "set_targets",
]
