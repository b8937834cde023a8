"""The trend of a figure: like for like where chapters' answers are summed, and robust against single odd months."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from math import pi, sqrt
from statistics import median

from bot.domain.calendar import Month
from bot.domain.goals import Metric

DAYS_A_MONTH = 365.25 / 12
POINTS_NEEDED = 4
POINTS_LOOKED_AT = 7
"""Month ends that a pace is read from: they span the last six months."""
LINKS_LOOKED_AT = POINTS_LOOKED_AT + 1
"""Links that they are chained of: one more, as the newest may not be one yet."""
TWO_SIDED = 1.28
"""Standard deviations between which four fifths lie."""
ONE_SIDED = 1.64
"""Standard deviations beyond which one in twenty lies."""
MEAN_TO_DEVIATION = sqrt(pi / 2)
"""What a mean deviation is multiplied with to be a standard deviation."""
UPWARD = 0.75
"""Which share of all pairs of months has to go up before that is called a trend; of a flat figure with noise few do."""
CHAINED = frozenset({Metric.MEMBERS.value, Metric.ACTIVE_MEMBERS.value, Metric.FUNCTIONING_CHAPTERS.value})

Point = tuple[date, float]


@dataclass(frozen=True, slots=True)
class Link:
    """From the month before to this one, over the chapters that answered in both: what they came to then, and what now."""

    month: Month
    before: int
    after: int
    chapters: int


@dataclass(frozen=True, slots=True)
class Slopes:
    """How much a figure moves a day: the middle of all pairs of points, and the slow and the fast end of what is likely.

    `noise` is by how much it strays from that in a day; in n days, by the square root of n times as much.
    """

    slow: float
    middle: float
    fast: float
    noise: float
    upward: bool


def month_ends(day: date, months: int) -> list[date]:
    """The last so many ends of months on or before a day, oldest first."""
    newest = Month.of(day + timedelta(days=1)).plus(-1)
    return [newest.plus(-n).last for n in range(months - 1, -1, -1)]


def chained(metric: str, value: float, day: date, links: Sequence[Link], outside: Sequence[tuple[date, int]] = ()) -> list[Point]:
    """A figure at month ends as it would have been had the same chapters always answered, oldest first; the newest has today's level.

    Going back from today's value, each month is smaller in the proportion in which the chapters that answered in both months were. The part
    of the value that no chapter answers for moves by its own figures, `outside`, oldest first. What counts chapters goes back by their
    number instead: one that was there before and is heard from for the first time is better reporting, and no link counts it; one that
    begins in that month is growth. The chain ends where nobody answered in two months in a row.
    """
    newest_first = sorted(links, key=lambda each: each.month, reverse=True)
    if not newest_first:
        return []
    level = value - _outside(day, outside)
    points = [_point(newest_first[0].month, level, outside)]
    for n, link in enumerate(newest_first):
        earlier = _before(metric, level, link)
        if earlier is None or link.month != newest_first[0].month.plus(-n):
            break
        level = earlier
        points.append(_point(link.month.plus(-1), level, outside))
    return points[::-1]


def _point(month: Month, level: float, outside: Sequence[tuple[date, int]]) -> Point:
    return month.last, level + _outside(month.last, outside)


def _outside(day: date, outside: Sequence[tuple[date, int]]) -> int:
    """The newest figure by this day; before the first one it is taken to have been the same, so that beginning to record is no growth."""
    known_by_then = [figure for recorded, figure in outside if recorded <= day]
    return known_by_then[-1] if known_by_then else next((figure for _, figure in outside), 0)


def _before(metric: str, level: float, link: Link) -> float | None:
    if metric == Metric.FUNCTIONING_CHAPTERS:
        return level - (link.after - link.before)
    return level * link.before / link.after if link.after and link.before else None


def enough_answered(links: Sequence[Link]) -> list[Link]:
    """The links without the newest while fewer than half as many chapters have answered as for the month before."""
    ordered = sorted(links, key=lambda each: each.month)
    if len(ordered) > 1 and 2 * ordered[-1].chapters < ordered[-2].chapters:
        return ordered[:-1]
    return ordered


def pair_slopes(points: Sequence[Point]) -> list[float]:
    """How much the figure moves a day between each two points, smallest first."""
    return sorted((later[1] - earlier[1]) / (later[0] - earlier[0]).days for earlier, later in combinations(points, 2))


def theil_sen(points: Sequence[Point]) -> Slopes:
    """The median of the slopes of all pairs of at least two points, and between which slopes it lies in four of five cases.

    The two ends are the wider of two: those of P. K. Sen (1968), from the variance of Kendall's S, as for a straight line whose points are
    read with errors, and those of a figure that every month strays a little and goes on from there. One odd point moves the middle by
    little. It goes up if most pairs do, and the middle is more than straying explains.
    """
    slopes = pair_slopes(points)
    n, pairs, middle = len(points), len(slopes), median(slopes)
    spread = TWO_SIDED * sqrt(n * (n - 1) * (2 * n + 5) / 18)
    slow, fast = (_at(slopes, (pairs + sign * spread) / 2) for sign in (-1, 1))
    noise = _noise(points, middle)
    strays = TWO_SIDED * noise / sqrt((points[-1][0] - points[0][0]).days)
    upward = sum(slope > 0 for slope in slopes) >= UPWARD * pairs and middle * TWO_SIDED > strays * ONE_SIDED
    return Slopes(min(slow, middle - strays), middle, max(fast, middle + strays), noise, upward)


def _noise(points: Sequence[Point], middle: float) -> float:
    """By how much the figure strays in a day: from the mean of what it strayed between one point and the next."""
    strayed = [
        abs(later[1] - earlier[1] - middle * days) / sqrt(days)
        for earlier, later in pairwise(points)
        if (days := (later[0] - earlier[0]).days)
    ]
    return MEAN_TO_DEVIATION * sum(strayed) / len(strayed)


def _at(ordered: Sequence[float], rank: float) -> float:
    """The value at a rank counted from 0.5 for the first, between two of them in proportion."""
    place = min(max(rank - 0.5, 0), len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def newest(points: Sequence[Point]) -> Sequence[Point]:
    """The points that a pace is read from: those of the last six months."""
    return points[-POINTS_LOOKED_AT:]


def months_spanned(points: Sequence[Point]) -> int:
    """How many months lie between the first and the last of these points."""
    return Month.of(points[-1][0]).index - Month.of(points[0][0]).index if points else 0


def known(points: Sequence[tuple[date, int | None]]) -> Iterator[Point]:
    """The points at which something is known."""
    return ((day, float(value)) for day, value in points if value is not None)
