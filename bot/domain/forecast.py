"""When a goal is reached if it goes on as it did: two readings of its trend, a range of dates, and why there sometimes is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil, exp, isfinite, log

from bot.domain import trend
from bot.domain.goals import Goal
from bot.domain.trend import DAYS_A_MONTH, POINTS_NEEDED, Point, Slopes

HORIZON_YEARS = 30
HORIZON = round(HORIZON_YEARS * 365.25)
"""Days beyond which no date is named."""


class Kind(StrEnum):
    """Whether a date can be named for a goal, and if not, why."""

    ENOUGH = "enough"
    TOO_FEW = "too_few"
    NOT_UPWARD = "not_upward"
    REACHED = "reached"
    OVERDUE = "overdue"
    BETTER_REPORTING = "better_reporting"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a figure goes on from a day: by as much a day (steady), or by the same proportion a day (compounding, rates of logarithms)."""

    compounding: bool
    day: date
    value: float
    slow: float
    middle: float
    fast: float

    def at(self, day: date) -> float:
        """The figure on a day, at the middle pace."""
        return self._at(day, self.middle)

    def low(self, day: date) -> float:
        """The figure on a day at the slow end of the range."""
        return self._at(day, self.slow)

    def high(self, day: date) -> float:
        """The figure on a day at the fast end of the range."""
        return self._at(day, self.fast)

    def _at(self, day: date, rate: float) -> float:
        days = (day - self.day).days
        if not self.compounding:
            return max(self.value + rate * days, 0)
        return self.value * exp(min(rate * days, 600))

    def reaches(self, target: float, rate: float) -> date | None:
        """The first day on which the figure is at least the target at this pace; None if it is not within the horizon."""
        if rate <= 0:
            return None
        missing = log(target / self.value) if self.compounding else target - self.value
        days = missing / rate
        return self.day + timedelta(days=max(ceil(days), 1)) if isfinite(days) and days <= HORIZON else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is foreseen for a goal.

    `earliest` to `latest` is the range of dates in which it is reached; without `latest` its end is open, without both no date is named.
    Paces are per month: `needed` for the deadline, `pace` as it is now like for like, `shown_pace` that of the values as they were shown,
    both read from the last `months` months, which have so many `points`.
    """

    kind: Kind
    day: date
    value: float | None
    points: int = 0
    months: int = 0
    earliest: date | None = None
    latest: date | None = None
    pace: float | None = None
    needed: float | None = None
    shown_pace: float | None = None
    steady: Reading | None = None
    compounding: Reading | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings there are."""
        return tuple(each for each in (self.steady, self.compounding) if each is not None)

    def low(self, day: date) -> float | None:
        """The lower edge of the fan on a day."""
        return min((each.low(day) for each in self.readings), default=None)

    def high(self, day: date) -> float | None:
        """The upper edge of the fan on a day."""
        return max((each.high(day) for each in self.readings), default=None)

    @property
    def doubling_months(self) -> float | None:
        """In how many months the figure doubles at the compounding pace of now."""
        rate = None if self.compounding is None else self.compounding.middle
        return log(2) / rate / DAYS_A_MONTH if rate is not None and rate > 0 else None


def needed_pace(goal: Goal, value: float, day: date) -> float | None:
    """How much more a month brings the figure to the target on the deadline; in the last month, all that is missing. None after it."""
    if day >= goal.deadline:
        return None
    return max(goal.target - value, 0) / max((goal.deadline - day).days / DAYS_A_MONTH, 1)


def outlook(goal: Goal, value: float | None, day: date, shown: Sequence[Point], alike: Sequence[Point] | None = None) -> Outlook:
    """What is foreseen for a goal from its value on a day, the values shown at month ends and, where there are such, those like for like.

    A date is named only if the figure goes up both as it was shown and like for like: the first alone may be better reporting, the second
    alone hides what was lost with the chapters that are gone. The slow end of the range is that of the slower of the two.
    """
    shown = trend.newest(shown)
    points = shown if alike is None else trend.newest(alike)
    overdue = day >= goal.deadline
    needed = None if value is None else needed_pace(goal, value, day)
    if value is not None and value >= goal.target:
        return Outlook(Kind.REACHED, day, value, len(points))
    if value is None or len(points) < POINTS_NEEDED:
        return Outlook(Kind.OVERDUE if overdue else Kind.TOO_FEW, day, value, len(points), needed=needed)
    if len(shown) < POINTS_NEEDED:
        # Reports of months before the chapters were added here tell how they grew; values are shown only since.
        shown = points
    alike_slopes, shown_slopes = trend.theil_sen(points), trend.theil_sen(shown)
    steady = _reading(day, value, alike_slopes, shown_slopes, compounding=False)
    compounding = None
    if value > 0 and all(each > 0 for _, each in (*points, *shown)):
        compounding = _reading(day, value, *(trend.theil_sen(_logs(each)) for each in (points, shown)), compounding=True)
    kind = _kind(alike_slopes, shown_slopes, overdue=overdue)
    dated = alike_slopes.upward and shown_slopes.upward
    readings = [each for each in (steady, compounding) if each is not None]
    earliest, latest = _range(readings, goal.target) if dated else (None, None)
    return Outlook(
        kind,
        day,
        value,
        points=len(points),
        months=trend.months_spanned(points),
        earliest=earliest,
        latest=latest,
        pace=alike_slopes.middle * DAYS_A_MONTH,
        needed=needed,
        shown_pace=shown_slopes.middle * DAYS_A_MONTH,
        steady=steady,
        compounding=compounding,
    )


def _kind(alike: Slopes, shown: Slopes, *, overdue: bool) -> Kind:
    if overdue:
        return Kind.OVERDUE
    if alike.upward and shown.upward:
        return Kind.ENOUGH
    return Kind.BETTER_REPORTING if shown.upward else Kind.NOT_UPWARD


def _reading(day: date, value: float, alike: Slopes, shown: Slopes, *, compounding: bool) -> Reading:
    return Reading(compounding, day, value, min(alike.slow, shown.slow), alike.middle, alike.fast)


def _logs(points: Sequence[Point]) -> list[Point]:
    return [(day, log(each)) for day, each in points]


def _range(readings: Sequence[Reading], target: float) -> tuple[date | None, date | None]:
    earliest = [each.reaches(target, each.fast) for each in readings]
    latest = [each.reaches(target, each.slow) for each in readings]
    first = min((each for each in earliest if each is not None), default=None)
    ends = [each for each in latest if each is not None]
    return first, max(ends) if first is not None and len(ends) == len(readings) else None
