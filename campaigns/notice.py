"""How long before a date a reminder leaves: clocks and calendars, and nothing else."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from audience.models import Attribute
from campaigns.models import Automation

DAY = 24


@dataclass(frozen=True)
class Notice:
    """`hours` before a moment; whole days keep the hour of the day when the clocks change, hours are hours.

    A date without a time is reminded of `at` a time of day, so many days before, or on the day itself.
    """

    hours: int
    at: time
    zone: ZoneInfo
    has_time: bool

    @property
    def is_whole_days(self) -> bool:
        return self.hours % DAY == 0

    @property
    def _days(self) -> timedelta:
        return timedelta(days=self.hours // DAY)

    def starts_at(self, value: str) -> datetime:
        """The date itself; of a day, when it begins."""
        return datetime.fromisoformat(value).replace(tzinfo=self.zone)

    def leaves_at(self, value: str) -> datetime:
        """When the reminder is due."""
        starts_at = self.starts_at(value)
        if not self.has_time:
            return datetime.combine(starts_at - self._days, self.at, self.zone)
        if self.is_whole_days:
            return starts_at - self._days
        return starts_at.astimezone(UTC) - timedelta(hours=self.hours)

    def expires_at(self, value: str) -> datetime:
        """Until when it still helps: a quarter of the notice is left. Of a day, until it begins, or is over."""
        starts_at = self.starts_at(value)
        if not self.has_time:
            return starts_at if self.hours else starts_at + timedelta(days=1)
        return starts_at.astimezone(UTC) - timedelta(hours=self.hours) / 4

    def reached(self, clock: datetime) -> str:
        """The last date whose reminder is due by then."""
        local = clock.astimezone(self.zone)
        if not self.has_time:
            due = local.date() if local.time() >= self.at else local.date() - timedelta(days=1)
            return (due + self._days).isoformat()
        ahead = local + self._days if self.is_whole_days else clock.astimezone(UTC) + timedelta(hours=self.hours)
        return self._written(ahead)

    def past(self, clock: datetime) -> str:
        """The last date that nobody is reminded of any more."""
        local = clock.astimezone(self.zone)
        if self.has_time:
            return self._written(local)
        return (local.date() - timedelta(days=0 if self.hours else 1)).isoformat()

    def _written(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).replace(tzinfo=None).isoformat(timespec="minutes")


def notice_of(automation: Automation) -> Notice:
    """Of a reminder that has a date to remind of."""
    attribute = automation.date_attribute
    assert attribute is not None
    zone = ZoneInfo(automation.workspace.time_zone)
    return Notice(automation.lead_hours, automation.at_time, zone, attribute.kind == Attribute.Kind.DATE_TIME)


def day_of(value: str) -> date:
    """The day that a date of a contact names."""
    return date.fromisoformat(value[:10])
