"""Forecasts given at earlier moments for organisations whose future is known: what was named then, and what came."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from bot.domain import trend
from bot.domain.calendar import Month
from bot.domain.forecast import Outlook, outlook
from bot.domain.goals import Goal
from tests.backtest.organisations import BEGINS, WAYS, Organisation, simulated

AHEAD = (3, 6, 12)
"""Months before the day on which the goal is reached, or before the end of what is known."""
REACHED = 36
"""The month whose reports reach the goal, in an organisation that grows."""


@dataclass(frozen=True, slots=True)
class Case:
    """One forecast: how many months before it was given, what was named, and the day that came; None if it never did."""

    ahead: int
    foreseen: Outlook
    came: date | None

    @property
    def inside(self) -> bool:
        """Whether the month in which it came lies in the range that was named."""
        first, last, came = self.foreseen.earliest, self.foreseen.latest, self.came
        if first is None or came is None:
            return False
        return Month.of(first) <= Month.of(came) and (last is None or Month.of(came) <= Month.of(last))


def cases(name: str, seeds: Iterable[int]) -> Iterator[Case]:
    """Forecasts for organisations that go one way, from what was known then."""
    for seed in seeds:
        organisation = simulated(WAYS[name], seed)
        sums = organisation.sums
        target = sums[REACHED] if WAYS[name].growth > 1 else 2 * max(sums)
        reached = next((month for month, value in enumerate(sums) if value >= target), None)
        came = None if reached is None else _day(reached)
        for ahead in AHEAD:
            yield Case(ahead, foreseen(organisation, target, (REACHED if reached is None else reached) - ahead), came)


def _day(month: int) -> date:
    """The day on which a month's reports are there."""
    return BEGINS.plus(month + 1).first + timedelta(days=9)


def foreseen(organisation: Organisation, target: int, month: int) -> Outlook:
    """What is foreseen once a month's reports are there; at a month's end those of the month before are what is shown."""
    day, value = _day(month), organisation.sums[month]
    shown = [(BEGINS.plus(n).last, float(organisation.sums[n - 1])) for n in range(1, month + 1)]
    links = trend.enough_answered([link for link in organisation.links if link.month <= BEGINS.plus(month)])
    goal = Goal(1, "members", None, target, BEGINS.first, BEGINS.plus(100).first)
    return outlook(goal, value, day, shown, trend.chained(goal.metric, value, day, links))


@dataclass(frozen=True, slots=True)
class Score:
    """How a number of forecasts did: shares of them all, and of those that named an end the median width in months."""

    ahead: int
    forecasts: int
    named: float
    inside: float
    early: float
    late: float
    open_end: float
    width: float | None


def score(ahead: int, some: list[Case]) -> Score:
    """What comes out of forecasts given so many months ahead."""
    named = [each for each in some if each.foreseen.earliest is not None]
    closed = [(each.foreseen.earliest, each.foreseen.latest) for each in named]
    widths = [(last - first).days / trend.DAYS_A_MONTH for first, last in closed if first is not None and last is not None]
    early = sum(_before(each) for each in named)
    inside = sum(each.inside for each in some)
    return Score(
        ahead,
        len(some),
        len(named) / len(some),
        inside / len(some),
        early / len(some),
        (len(named) - inside - early) / len(some),
        sum(last is None for _, last in closed) / len(some),
        median(widths) if widths else None,
    )


def _before(case: Case) -> bool:
    """Whether it came before the range that was named."""
    first = case.foreseen.earliest
    return first is not None and case.came is not None and Month.of(case.came) < Month.of(first)


def scores(name: str, organisations: int, seed: int = 0) -> list[Score]:
    """How forecasts did for so many organisations that go one way."""
    found = list(cases(name, range(seed, seed + organisations)))
    return [score(ahead, [each for each in found if each.ahead == ahead]) for ahead in AHEAD]
