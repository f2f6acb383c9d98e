"""The conditions that audience knows by itself, by subject."""

from audience.segments.conditions import Condition
from audience.segments.library.belonging import BELONGING
from audience.segments.library.dates import DATES
from audience.segments.library.fields import FIELDS
from audience.segments.library.places import PLACES

BUILT_IN: tuple[Condition, ...] = (*FIELDS, *PLACES, *DATES, *BELONGING)
