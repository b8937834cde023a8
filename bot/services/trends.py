"""The trend of goals: their kept values, the growth like for like, and what is foreseen from both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain import forecast, trend
from bot.domain.forecast import Outlook
from bot.domain.goals import Standing
from db import goals as stored
from db.measures import At
from db.organisations import Organisation
from db.store import Connection

MONTHS = 60


@dataclass(frozen=True, slots=True)
class Trend:
    """A goal's value at each of the last month ends at which it was known and on the newest day, oldest first, and what is foreseen."""

    points: tuple[tuple[date, int], ...]
    outlook: Outlook


async def of(c: Connection, organisation: Organisation, standing: Standing, at: At) -> Trend:
    """The trend of one goal as it stands at a moment."""
    return (await of_all(c, organisation, [standing], at))[0]


async def of_all(c: Connection, organisation: Organisation, standings: Sequence[Standing], at: At) -> list[Trend]:
    """The trend of each of these goals as they stand at a moment, with one query for any number of them."""
    ends = trend.month_ends(at.day, MONTHS)
    kept = await stored.known_values(c, organisation.guild_id, [each.goal.id for each in standings], ends)
    return [_trend(each, at, kept.get(each.goal.id, [])) for each in standings]


def _trend(standing: Standing, at: At, points: list[tuple[date, int]]) -> Trend:
    goal, value = standing.goal, standing.measured.value
    shown = list(trend.known(points))
    if value is not None:
        points = [*(point for point in points if point[0] != at.day), (at.day, value)]
    return Trend(tuple(points), forecast.outlook(goal, value, at.day, shown))
