"""Days, months and hours: a day is a calendar day in the zone of whoever it belongs to."""

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)

YEARS = range(1000, 3000)
"""Of what somebody types or sends, no other year is read: there are days and months before and after each of these."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of this name, read once: the library itself remembers eight, and a world has hundreds."""
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written 2026-10."""

    year: int
    month: int

    def __post_init__(self) -> None:
        date(self.year, self.month, 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @classmethod
    def parse(cls, written: str) -> "Month":
        """The month written as YYYY-MM; raises ValueError for anything else."""
        year, dash, month = written.partition("-")
        if not (dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
            raise ValueError(written)
        return cls(int(year), int(month))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def at(cls, index: int) -> "Month":
        """The month with this `index`."""
        return cls(index // 12, index % 12 + 1)

    @property
    def index(self) -> int:
        """Months since year 0: what is stored, and counts months apart."""
        return self.year * 12 + self.month - 1

    @property
    def first(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The month's last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def plus(self, months: int) -> "Month":
        """The month that lies so many months later (or earlier, if negative)."""
        return Month.at(self.index + months)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month if it is shorter."""
    month = Month.of(day).plus(months)
    return month.first.replace(day=min(day.day, month.last.day))


def today(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day in this zone at this moment."""
    return now.astimezone(zone).date()


def moment(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The first UTC moment at which clocks in this zone show this hour of this day or, where it is skipped, anything later."""
    wanted = datetime.combine(day, time(hour))
    found = wanted.replace(tzinfo=zone).astimezone(UTC)
    # Only where the clock skips the hour is the reading with the offset after the change the earlier one: the skip lies between the two.
    earlier = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    skip = range(int((found - earlier).total_seconds()))
    if not skip:
        return found
    return earlier + timedelta(seconds=bisect_left(skip, True, key=lambda s: _shown(earlier + timedelta(seconds=s), zone) >= wanted))


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The UTC moment at which this day begins in this zone."""
    return moment(day, 0, zone)


def within_hours(at: datetime, opens: int, closes: int, zone: ZoneInfo) -> datetime:
    """The moment itself if clocks in this zone show opens ≤ hour < closes, else the next moment from which they do."""
    local = at.astimezone(zone)
    if opens <= local.hour < closes:
        return at
    day = local.date() if local.hour < opens else local.date() + ONE_DAY
    opening = moment(day, opens, zone)
    if opening < at:
        # The clock was put back across the opening hour: it opens a second time.
        opening = datetime.combine(day, time(opens, fold=1), zone).astimezone(UTC)
    # A clock that jumps over all the open hours opens on another day.
    return within_hours(opening, opens, closes, zone)


def first_full_month(added: date) -> Month:
    """The first month that is lived through from its first to its last day by one who was there from `added` on."""
    month = Month.of(added)
    return month if added == month.first else month.plus(1)


def ahead(zone: ZoneInfo, other: ZoneInfo, at: datetime) -> timedelta:
    """By how much clocks in a zone show more than those in the other one at this moment."""
    return _shown(at, zone) - _shown(at, other)
