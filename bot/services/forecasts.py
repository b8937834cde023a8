"""What is foreseen for one goal, and beside it what a reader supposes."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import forecast
from bot.domain.forecast import Assumption
from bot.domain.goals import Standing
from bot.domain.rights import Caller
from bot.services import goals
from bot.services.trends import Trend
from db.store import Store


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a reader typed: how many join and leave a month, or in how many months the figure doubles, and over how many years."""

    joining: int | None = None
    leaving: int | None = None
    doubling_months: int | None = None
    years: int | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A goal, its trend, and what is supposed instead, if anything is; scenarios reach over so many years."""

    day: date
    standing: Standing
    trend: Trend
    assumption: Assumption | None
    years: int
    years_wished: bool


async def look(store: Store, caller: Caller, wanted: str, supposed: Supposed, now: datetime) -> Foreseen:
    """One goal's forecast, and the scenario that the reader supposes; refuses what cannot be supposed."""
    one = await goals.one_goal(store, caller, wanted, now)
    goal, value, day = one.standing.goal, one.standing.measured.value, one.board.day
    assumption = forecast.check_assumption(goal, value, supposed.joining, supposed.leaving, supposed.doubling_months)
    years = forecast.check_years(supposed.years, goal, day)
    return Foreseen(day, one.standing, one.trend, assumption, years, supposed.years is not None)
