"""Figures of the past by the hundred, and goals that an import added or changed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.past import in_parts
from db.tables import goal, goal_figure, goal_revision

_FIGURES = (
    select(goal_figure.c.goal_id, goal_figure.c.day, goal_figure.c.value)
    .where(goal_figure.c.guild_id == bindparam("guild"))
    .order_by(goal_figure.c.id)
)
_NEWEST_FIGURE = select(func.coalesce(func.max(goal_figure.c.id), 0)).where(goal_figure.c.guild_id == bindparam("guild"))
_FIGURES_SINCE = (
    select(goal_figure.c.id)
    .where(goal_figure.c.guild_id == bindparam("guild"), goal_figure.c.id > bindparam("after"))
    .order_by(goal_figure.c.id)
)
_FIRST_FIGURE = select(func.min(goal_figure.c.day)).where(
    goal_figure.c.guild_id == bindparam("guild"), goal_figure.c.id.in_(bindparam("these", expanding=True))
)
_DELETE_FIGURES = delete(goal_figure).where(
    goal_figure.c.guild_id == bindparam("guild"), goal_figure.c.id.in_(bindparam("these", expanding=True))
)
_DELETE_GOALS = delete(goal).where(goal.c.guild_id == bindparam("guild"), goal.c.id.in_(bindparam("these", expanding=True)))


async def figures(c: AsyncConnection, guild_id: int) -> dict[tuple[int, date], int]:
    """The figure that counts for each goal and day that has one."""
    return {(row.goal_id, row.day): row.value for row in await c.execute(_FIGURES, {"guild": guild_id})}


async def add_figures(c: AsyncConnection, guild_id: int, new: Sequence[tuple[int, date, int]], now: datetime, by: int | None) -> list[int]:
    """Stores figures of the past; ids."""
    newest = await c.scalar(_NEWEST_FIGURE, {"guild": guild_id})
    rows = [
        {"guild_id": guild_id, "goal_id": of, "day": day, "value": value, "recorded_at": now, "recorded_by": by} for of, day, value in new
    ]
    await c.execute(insert(goal_figure), rows)
    return list(await c.scalars(_FIGURES_SINCE, {"guild": guild_id, "after": newest}))


async def first_day(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> date | None:
    """The earliest day that any of these figures is for."""
    days = [await c.scalar(_FIRST_FIGURE, {"guild": guild_id, "these": some}) for some in in_parts(ids)]
    return min((day for day in days if day is not None), default=None)


async def delete_figures(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> None:
    """Takes figures away as if nobody had recorded them."""
    for some in in_parts(ids):
        await c.execute(_DELETE_FIGURES, {"guild": guild_id, "these": some})


_LATER_REVISIONS = select(goal_revision.c.goal_id).where(
    goal_revision.c.guild_id == bindparam("guild"),
    goal_revision.c.goal_id.in_(bindparam("these", expanding=True)),
    goal_revision.c.id > bindparam("after"),
)
_WITH_FIGURES = select(goal_figure.c.goal_id).where(
    goal_figure.c.guild_id == bindparam("guild"), goal_figure.c.goal_id.in_(bindparam("these", expanding=True))
)
_DELETE_REVISIONS = delete(goal_revision).where(
    goal_revision.c.guild_id == bindparam("guild"), goal_revision.c.id.in_(bindparam("these", expanding=True))
)


async def revised_since(c: AsyncConnection, guild_id: int, ids: Iterable[int], after: int) -> set[int]:
    """Those of these goals that were revised after this revision."""
    return {
        each for some in in_parts(ids) for each in await c.scalars(_LATER_REVISIONS, {"guild": guild_id, "these": some, "after": after})
    }


async def with_figures(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> set[int]:
    """Those of these goals that have figures."""
    return {each for some in in_parts(ids) for each in await c.scalars(_WITH_FIGURES, {"guild": guild_id, "these": some})}


async def delete_revisions(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> None:
    """Takes revisions of goals away: what they revised is in force again."""
    for some in in_parts(ids):
        await c.execute(_DELETE_REVISIONS, {"guild": guild_id, "these": some})


async def delete_goals(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> None:
    """Takes goals away with all that hangs on them."""
    for some in in_parts(ids):
        await c.execute(_DELETE_GOALS, {"guild": guild_id, "these": some})
