"""From which day on the kept values, and from which month on the kept links, may not be what the entries give any more."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import ONE_DAY, Month
from bot.domain.goals import Metric
from bot.domain.policy import Policy
from db.statements import insert_or
from db.tables import branch, goal, goal_value, organisation, policy, report, stale

RHYTHM = 4
"""The longest time in months between two reports: an answer tells of so many months before its own as well."""


@dataclass(frozen=True, slots=True)
class Stale:
    """What is to be worked out again; `marks` moves whenever an entry comes for `days_from` or `links_from`, or earlier."""

    days_from: date | None = None
    marks: int = 0
    links_from: Month | None = None


_NEW = insert_or(stale)
_EARLIER = or_(stale.c.days_from.is_(None), stale.c.days_from >= _NEW.excluded.days_from)
_MARK_DAY = _NEW.on_conflict_do_update(
    index_elements=[stale.c.guild_id],
    set_={"days_from": _NEW.excluded.days_from, "marks": stale.c.marks + 1},
    where=_EARLIER,
)
_MARK_LINKS = _NEW.on_conflict_do_update(
    index_elements=[stale.c.guild_id],
    set_={"links_from": _NEW.excluded.links_from, "marks": stale.c.marks + 1},
    where=or_(stale.c.links_from.is_(None), stale.c.links_from >= _NEW.excluded.links_from),
)
# What speaks of a day that has no value yet is looked at when that day is over.
_WAKE = update(organisation).where(
    organisation.c.guild_id == bindparam("guild"),
    organisation.c.valued_through >= bindparam("day"),
    organisation.c.next_at > bindparam("now"),
)
_FOUND = select(stale.c.days_from, stale.c.marks, stale.c.links_from).where(stale.c.guild_id == bindparam("guild"))
_DAY_DONE = update(stale).where(
    stale.c.guild_id == bindparam("guild"), stale.c.days_from == bindparam("day"), stale.c.marks == bindparam("seen")
)
_BEGINS = update(stale).where(stale.c.guild_id == bindparam("guild"), stale.c.days_from < bindparam("first"))
_WAITS = select(
    select(stale.c.guild_id)
    .join(organisation, organisation.c.guild_id == stale.c.guild_id)
    .where(stale.c.guild_id == bindparam("guild"), stale.c.days_from <= organisation.c.valued_through)
    .exists()
)
_LINKS_DONE = update(stale).where(stale.c.guild_id == bindparam("guild"))


async def from_day(c: AsyncConnection, guild_id: int, day: date, now: datetime) -> None:
    """Notes that something was entered, changed or taken back that may move the values of this day and of later ones."""
    await c.execute(_MARK_DAY, {"guild_id": guild_id, "days_from": day, "marks": 1, "links_from": None})
    await c.execute(_WAKE.values(next_at=now), {"guild": guild_id, "day": day, "now": now})


async def from_month(c: AsyncConnection, guild_id: int, period: Month) -> None:
    """Notes that what a report of this month answers has changed: with it moves the growth into this month, and of those around it."""
    earliest = period.plus(1 - RHYTHM)
    await c.execute(_MARK_LINKS, {"guild_id": guild_id, "days_from": None, "marks": 0, "links_from": earliest})


async def find(c: AsyncConnection, guild_id: int) -> Stale:
    """What is to be worked out again."""
    row = (await c.execute(_FOUND, {"guild": guild_id})).one_or_none()
    return Stale() if row is None else Stale(row.days_from, row.marks, row.links_from)


async def begins_at(c: AsyncConnection, guild_id: int, first: date) -> None:
    """Passes over the days before the first one of which values are kept."""
    await c.execute(_BEGINS.values(days_from=first), {"guild": guild_id, "first": first})


async def waits(c: AsyncConnection, guild_id: int) -> bool:
    """Whether a day that has a value is to be worked out again."""
    return bool(await c.scalar(_WAITS, {"guild": guild_id}))


async def day_done(c: AsyncConnection, guild_id: int, day: date, marks: int) -> None:
    """Notes that a day was worked out, unless an entry came for it meanwhile: then it has to be once more."""
    await c.execute(_DAY_DONE.values(days_from=day + ONE_DAY), {"guild": guild_id, "day": day, "seen": marks})


async def links_done(c: AsyncConnection, guild_id: int, then: Month | None) -> None:
    """Notes from which month on links are to be worked out next."""
    await c.execute(_LINKS_DONE.values(links_from=then), {"guild": guild_id})


async def nothing(c: AsyncConnection, guild_id: int) -> None:
    """Notes that all kept values are what the entries give: for who has just worked them out."""
    await c.execute(_LINKS_DONE.values(links_from=None, days_from=None), {"guild": guild_id})


_FIRST_DAY = select(func.min(goal_value.c.day)).where(goal_value.c.guild_id == bindparam("guild"))
_FIRST_REPORT = select(func.min(report.c.period)).where(report.c.guild_id == bindparam("guild"), report.c.first_published_on.isnot(None))
# Chapters and branches are behind the number of bodies, so that few chapters may stand behind many bodies.
_BRANCHES = select(func.count()).select_from(branch).where(branch.c.guild_id == bindparam("guild")).scalar_subquery()
_FEW = case((goal.c.metric == Metric.DUES_BODIES.value, bindparam("few", type_=Integer) + _BRANCHES), else_=bindparam("few", type_=Integer))
_FIRST_FEW = _FIRST_DAY.join(goal, goal.c.id == goal_value.c.goal_id).where(or_(goal_value.c.behind < _FEW, goal_value.c.chapters < _FEW))
_FEWEST = select(policy.c.value).where(policy.c.guild_id == bindparam("guild"), policy.c.key == "sum_chapters")


async def altogether(c: AsyncConnection, guild_id: int, now: datetime) -> None:
    """Notes that every kept value and link may be another."""
    await _from_first(c, guild_id, now, _FIRST_DAY, {})


async def where_few(c: AsyncConnection, guild_id: int, now: datetime) -> None:
    """Notes that a chapter hides or shows itself: this moves values behind which few chapters stand, by the strictest policy ever."""
    few = max([Policy().sum_chapters, *await c.scalars(_FEWEST, {"guild": guild_id})])
    await _from_first(c, guild_id, now, _FIRST_FEW, {"few": few})


async def _from_first(c: AsyncConnection, guild_id: int, now: datetime, days: Select[Any], asked: dict[str, Any]) -> None:
    day = await c.scalar(days, {"guild": guild_id, **asked})
    if day is not None:
        await from_day(c, guild_id, day, now)
    await links_altogether(c, guild_id)


async def links_altogether(c: AsyncConnection, guild_id: int) -> None:
    """Notes that every link may be another: a chapter reports in another rhythm, or hides or shows itself."""
    month = await c.scalar(_FIRST_REPORT, {"guild": guild_id})
    if month is not None:
        await from_month(c, guild_id, month)
