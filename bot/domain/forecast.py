"""When a goal is reached if it goes on as it did: two readings of its trend, a range of dates, and why there sometimes is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil, exp, inf, isfinite, log, log2, sqrt

from bot.domain import trend
from bot.domain.goals import LARGEST_TARGET, Goal, Metric, accumulates, label
from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.domain.trend import DAYS_A_MONTH, POINTS_NEEDED, TWO_SIDED, Point, Slopes

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
    noise: float

    def at(self, day: date) -> float:
        """The figure on a day, at the middle pace."""
        return self._at(day, self.middle, 0)

    def low(self, day: date) -> float:
        """The figure on a day at the slow end of the range."""
        return self._at(day, self.slow, -self.noise)

    def high(self, day: date) -> float:
        """The figure on a day at the fast end of the range."""
        return self._at(day, self.fast, self.noise)

    def _at(self, day: date, rate: float, noise: float) -> float:
        days = (day - self.day).days
        moved = rate * days + noise * sqrt(max(days, 0))
        return self.value * exp(min(moved, 600)) if self.compounding else max(self.value + moved, 0)

    def reached(self, target: float) -> date | None:
        """The first day on which the figure is at least the target, at the middle pace; None if it is not within the horizon."""
        return self._reached(target, self.middle, 0)

    def earliest(self, target: float) -> date | None:
        """The same at the fast end of the range."""
        return self._reached(target, self.fast, self.noise)

    def latest(self, target: float) -> date | None:
        """The same at the slow end of the range."""
        return self._reached(target, self.slow, -self.noise)

    def _reached(self, target: float, rate: float, noise: float) -> date | None:
        if rate <= 0:
            return None
        missing = log(target / self.value) if self.compounding else target - self.value
        # rate · days + noise · √days is what is missing.
        root = (sqrt(noise * noise + 4 * rate * missing) - noise) / (2 * rate)
        days = root * root
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
    least: float = 0.0
    """No edge of the fan is below this: what has been done stays done."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings there are."""
        return tuple(each for each in (self.steady, self.compounding) if each is not None)

    def low(self, day: date) -> float | None:
        """The lower edge of the fan on a day."""
        return max(self.least, min(each.low(day) for each in self.readings)) if self.readings else None

    def high(self, day: date) -> float | None:
        """The upper edge of the fan on a day."""
        return max(self.least, *(each.high(day) for each in self.readings)) if self.readings else None

    @property
    def doubling_months(self) -> float | None:
        """In how many months the figure doubles at the compounding pace of now."""
        rate = None if self.compounding is None else self.compounding.middle
        return log(2) / rate / DAYS_A_MONTH if rate is not None and rate > 0 else None


def needed_pace(goal: Goal, value: float, day: date) -> float | None:
    """How much more a month brings the figure to the target on the deadline; in the last month, all that is missing. None after it."""
    if day >= goal.deadline:
        return None
    missing = max(goal.target - value, 0)
    return missing if in_last_month(goal, day) else missing / ((goal.deadline - day).days / DAYS_A_MONTH)


def in_last_month(goal: Goal, day: date) -> bool:
    """Whether less than a month is left until the deadline, so that what is needed is needed by then, and not each month."""
    return (goal.deadline - day).days < DAYS_A_MONTH


def outlook(goal: Goal, value: float | None, day: date, shown: Sequence[Point], alike: Sequence[Point] | None = None) -> Outlook:
    """What is foreseen for a goal from its value on a day, the values shown at month ends and, where there are such, those like for like.

    A date is named only if the figure goes up both as it was shown and like for like: the first alone may be better reporting, the second
    alone hides what was lost with the chapters that are gone. The slow end of the range is that of the slower of the two.
    """
    shown = trend.newest(shown)
    points = shown if alike is None else trend.newest(alike)
    overdue = day > goal.deadline
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
        least=value if accumulates(goal.metric) else 0.0,
    )


def _kind(alike: Slopes, shown: Slopes, *, overdue: bool) -> Kind:
    if overdue:
        return Kind.OVERDUE
    if alike.upward and shown.upward:
        return Kind.ENOUGH
    return Kind.BETTER_REPORTING if shown.upward else Kind.NOT_UPWARD


def _reading(day: date, value: float, alike: Slopes, shown: Slopes, *, compounding: bool) -> Reading:
    return Reading(compounding, day, value, min(alike.slow, shown.slow), alike.middle, alike.fast, TWO_SIDED * alike.noise)


def _logs(points: Sequence[Point]) -> list[Point]:
    return [(day, log(each)) for day, each in points]


def _range(readings: Sequence[Reading], target: float) -> tuple[date | None, date | None]:
    earliest = [each.earliest(target) for each in readings]
    latest = [each.latest(target) for each in readings]
    first = min((each for each in earliest if each is not None), default=None)
    ends = [each for each in latest if each is not None]
    return first, max(ends) if first is not None and len(ends) == len(readings) else None


# What a reader supposes


LONGEST_YEARS = 10
LONGEST_DOUBLING = 240


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a reader supposes instead: so many joining and leaving a month, or doubling in so many months."""

    joining: int = 0
    leaving: int = 0
    doubling_months: int | None = None

    def at(self, value: float, months: float) -> float:
        """The figure so many months on; never below zero, and never beyond the largest target there can be."""
        if self.doubling_months is None:
            return min(max(value + (self.joining - self.leaving) * months, 0), LARGEST_TARGET)
        doublings = min(months / self.doubling_months, 100)
        return float(min(value * 2**doublings, LARGEST_TARGET))

    def reaches(self, value: float, target: float, day: date) -> date | None:
        """The first day on which the figure would be at least the target; None if it never is, or not within the horizon."""
        if self.doubling_months is not None:
            months = self.doubling_months * log2(target / value) if value > 0 else inf
        else:
            gain = self.joining - self.leaving
            months = (target - value) / gain if gain > 0 else inf
        days = max(months, 0) * DAYS_A_MONTH
        return day + timedelta(days=ceil(days)) if days <= HORIZON else None


def check_assumption(
    goal: Goal, value: float | None, joining: int | None, leaving: int | None, doubling_months: int | None
) -> Assumption | None:
    """What is supposed, None if nothing is; refuses what cannot be, or two things at once."""
    if joining is None and leaving is None and doubling_months is None:
        return None
    if goal.metric == Metric.GENDER_BALANCE:
        raise Refusal(text("{goal} is a share, so nobody joins it, and it does not double. Leave these options out.", goal=label(goal)))
    if doubling_months is not None and (joining is not None or leaving is not None):
        raise Refusal(text("Choose one: how many join and leave each month, or in how many months the figure doubles."))
    for number in (joining, leaving):
        if number is not None and not 0 <= number <= LARGEST_TARGET:
            raise Refusal(text("A number a month can be from 0 to {largest}. You gave {number}.", largest=LARGEST_TARGET, number=number))
    if doubling_months is not None and not 1 <= doubling_months <= LONGEST_DOUBLING:
        raise Refusal(text("Doubling can take from 1 to {most} months. You gave {number}.", most=LONGEST_DOUBLING, number=doubling_months))
    if leaving and accumulates(goal.metric):
        raise Refusal(text("{goal} counts what was done, and that stays done. Leave out how many leave.", goal=label(goal)))
    if value is None:
        raise Refusal(
            text(
                "Nothing is known of {goal} yet, so there is nothing to reckon from.",
                goal=label(goal),
            )
        )
    return Assumption(joining or 0, leaving or 0, doubling_months)


def check_years(years: int | None, goal: Goal, day: date) -> int:
    """Over how many years scenarios are shown: as wished, else until the deadline, at least one; refuses what is too many."""
    if years is None:
        return min(max(ceil((goal.deadline - day).days / 365.25), 1), LONGEST_YEARS)
    if not 1 <= years <= LONGEST_YEARS:
        raise Refusal(text("Scenarios can be shown over 1 to {most} years. You gave {years}.", most=LONGEST_YEARS, years=years))
    return years


def rounded_up(pace: float) -> float:
    """A pace that is enough: whole from ten on, with one decimal below."""
    return ceil(pace) if pace >= 10 else ceil(pace * 10 - 1e-9) / 10


def rounded(pace: float) -> float:
    """A pace as it is said: whole from ten on, with one decimal below."""
    return round(pace) if abs(pace) >= 10 else round(pace, 1) + 0.0


def one_for_every(needed: float, value: float) -> int | None:
    """For how many there are now one new one is needed each month; None if it is more than one for each."""
    return int(value / needed) if 0 < needed <= value else None


def within(reading: Reading, target: float) -> tuple[date | None, date | None]:
    """The range of dates in which one reading reaches the target; without a last one its end is open."""
    first = reading.earliest(target)
    return first, None if first is None else reading.latest(target)
