"""The trend of goals: their kept values, the growth like for like, and what is foreseen from both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain import forecast, trend
from bot.domain.calendar import Month
from bot.domain.forecast import Outlook
from bot.domain.goals import Metric, Standing
from bot.domain.trend import CHAINED, Link, Point
from db import goals as stored
from db import trends
from db.measures import At
from db.organisations import Organisation
from db.store import Connection

MONTHS = 60


Kept = Mapping[int, Sequence[tuple[date, int]]]
"""Values by the id of the goal."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A goal's value at each of the last month ends at which it was known and on the newest day, oldest first, and what is foreseen."""

    points: tuple[tuple[date, int], ...]
    outlook: Outlook


def month_ends(day: date) -> list[date]:
    """The days by which a trend is shown."""
    return trend.month_ends(day, MONTHS)


async def of(c: Connection, organisation: Organisation, standing: Standing, at: At) -> Trend:
    """The trend of one goal as it stands at a moment."""
    return (await of_all(c, organisation, [standing], at))[0]


async def of_all(c: Connection, organisation: Organisation, standings: Sequence[Standing], at: At, kept: Kept | None = None) -> list[Trend]:
    """The trend of each of these goals as they stand at a moment, with three queries for any number of them.

    `kept` are the values known at `month_ends`, oldest first, where they have been looked up.
    """
    guild_id, newest = organisation.guild_id, Month.of(at.day).plus(-1)
    if kept is None:
        kept = await stored.known_values(c, guild_id, [each.goal.id for each in standings], month_ends(at.day))
    metrics = CHAINED.intersection(each.goal.metric for each in standings)
    links = await trends.kept(c, guild_id, metrics, newest.plus(1 - trend.LINKS_LOOKED_AT), newest) if metrics else {}
    outside = await stored.outside(c, guild_id, at.day) if Metric.MEMBERS in metrics else []
    return [_trend(each, at.day, kept.get(each.goal.id, []), links.get(each.goal.metric, []), outside) for each in standings]


def _trend(standing: Standing, day: date, kept: Sequence[tuple[date, int]], links: list[Link], outside: list[tuple[date, int]]) -> Trend:
    goal, value = standing.goal, standing.measured.value
    points = [point for point in kept if point[0] != day or value is None]
    if value is not None:
        points.append((day, value))
    return Trend(tuple(points), forecast.outlook(goal, value, day, list(trend.known(kept)), _alike(standing, day, links, outside)))


def _alike(standing: Standing, day: date, links: list[Link], outside: list[tuple[date, int]]) -> list[Point] | None:
    """The values like for like; None for what no chapters stand behind."""
    metric, measured = standing.goal.metric, standing.measured
    if metric not in CHAINED or measured.value is None or not measured.behind:
        return None
    recorded = outside if metric == Metric.MEMBERS else []
    return trend.chained(metric, measured.value, day, trend.enough_answered(links), recorded)
