"""Goals with every revision, the figures recorded for them, and the value that each had on each day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.goals import Goal, Measured, Metric, Standing
from db.statements import insert_or
from db.tables import goal, goal_figure, goal_revision, goal_value, organisation


@dataclass(frozen=True, slots=True)
class Figure:
    """The newest figure recorded for a goal, and what that goal measures."""

    goal_id: int
    metric: str
    day: date
    value: int


async def in_force(c: AsyncConnection, guild_id: int, by: datetime | None = None) -> list[Goal]:
    """The goals in force before a moment, or now, in the order in which they were added."""
    return [Goal(**row._mapping) for row in await c.execute(_in_force(by is not None), {"guild": guild_id, "by": by})]


@cache
def _in_force(past: bool) -> Select[Any]:
    revision = goal_revision.c
    newest = select(revision.id).where(revision.goal_id == goal.c.id).order_by(revision.adopted_at.desc(), revision.id.desc()).limit(1)
    if past:
        newest = newest.where(revision.adopted_at < bindparam("by"))
    return (
        select(goal.c.id, goal.c.metric, revision.name, revision.target, revision.starts, revision.deadline)
        .join(goal_revision, revision.id == newest.correlate(goal).scalar_subquery())
        .where(goal.c.guild_id == bindparam("guild"), ~revision.retired)
        .order_by(goal.c.id)
    )


_FOUND = (
    select(
        goal.c.id,
        goal.c.metric,
        goal_revision.c.name,
        goal_revision.c.target,
        goal_revision.c.starts,
        goal_revision.c.deadline,
        goal_revision.c.retired,
    )
    .join(goal_revision, goal_revision.c.goal_id == goal.c.id)
    .where(goal.c.guild_id == bindparam("guild"), goal.c.id == bindparam("goal"))
    .order_by(goal_revision.c.adopted_at.desc(), goal_revision.c.id.desc())
    .limit(1)
)


async def find(c: AsyncConnection, guild_id: int, goal_id: int) -> tuple[Goal, bool] | None:
    """A goal as it was revised last, and whether that retired it."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "goal": goal_id})).one_or_none()
    if row is None:
        return None
    return Goal(row.id, row.metric, row.name, row.target, row.starts, row.deadline), bool(row.retired)


@dataclass(frozen=True, slots=True)
class Revision:
    """A goal as it was put in force: when, by whom or by which proposal, and why."""

    id: int
    goal: Goal
    retired: bool
    why: str | None
    proposal_id: int | None
    adopted_at: datetime
    adopted_by: int | None


_REVISIONS: Select[Any] = (
    select(
        goal_revision.c.id.label("revision_id"),
        goal.c.id,
        goal.c.metric,
        *(goal_revision.c[name] for name in ("name", "target", "starts", "deadline", "retired", "why", "proposal_id")),
        goal_revision.c.adopted_at,
        goal_revision.c.adopted_by,
    )
    .join(goal_revision, goal_revision.c.goal_id == goal.c.id)
    .where(goal.c.guild_id == bindparam("guild"), goal.c.id == bindparam("goal"))
    .order_by(goal_revision.c.adopted_at.desc(), goal_revision.c.id.desc())
)
_NEWEST_REVISION = _REVISIONS.limit(1)
_RETIRED = (
    select(goal.c.id, goal.c.metric, goal_revision.c.name, goal_revision.c.target, goal_revision.c.starts, goal_revision.c.deadline)
    .join(goal_revision, goal_revision.c.goal_id == goal.c.id)
    .where(goal.c.guild_id == bindparam("guild"), goal_revision.c.retired)
    .order_by(goal.c.id)
)
_REDACT_WHY = update(goal_revision).where(
    goal_revision.c.guild_id == bindparam("guild"), goal_revision.c.id == bindparam("of"), goal_revision.c.why.isnot(None)
)


async def revisions(c: AsyncConnection, guild_id: int, goal_id: int) -> list[Revision]:
    """Everything that a goal ever was, the newest first."""
    return [_revision(row) for row in await c.execute(_REVISIONS, {"guild": guild_id, "goal": goal_id})]


async def newest_revision(c: AsyncConnection, guild_id: int, goal_id: int) -> Revision | None:
    """How a goal came to be what it is."""
    row = (await c.execute(_NEWEST_REVISION, {"guild": guild_id, "goal": goal_id})).one_or_none()
    return None if row is None else _revision(row)


def _revision(row: Row[Any]) -> Revision:
    as_it_was = Goal(row.id, row.metric, row.name, row.target, row.starts, row.deadline)
    return Revision(row.revision_id, as_it_was, bool(row.retired), row.why, row.proposal_id, row.adopted_at, row.adopted_by)


async def retired(c: AsyncConnection, guild_id: int) -> list[Goal]:
    """The goals that were given up, as they were at last."""
    return [Goal(**row._mapping) for row in await c.execute(_RETIRED, {"guild": guild_id})]


async def redact_why(c: AsyncConnection, guild_id: int, revision_id: int) -> bool:
    """Takes out why a goal was changed; False if that was not said."""
    return (await c.execute(_REDACT_WHY, {"guild": guild_id, "of": revision_id, "why": None})).rowcount > 0


_ANY = select(select(goal.c.id).where(goal.c.guild_id == bindparam("guild")).exists())
_FIRST = (
    select(func.min(goal_revision.c.adopted_at))
    .join(goal, goal.c.id == goal_revision.c.goal_id)
    .where(goal.c.guild_id == bindparam("guild"))
)


async def any_ever(c: AsyncConnection, guild_id: int) -> bool:
    """Whether a goal was ever added here, even if it was retired since."""
    return bool(await c.scalar(_ANY, {"guild": guild_id}))


async def first_adopted(c: AsyncConnection, guild_id: int) -> datetime | None:
    """The moment at which the first goal was adopted."""
    found: datetime | None = await c.scalar(_FIRST, {"guild": guild_id})
    return found


_ADD = insert(goal).returning(goal.c.id)
_REVISE = insert(goal_revision).returning(goal_revision.c.id)
_ADD_FIGURE = insert(goal_figure)


async def add(c: AsyncConnection, guild_id: int, metric: str, now: datetime) -> int:
    """Stores a goal without its first revision; returns its id."""
    goal_id: int = (await c.execute(_ADD, {"guild_id": guild_id, "metric": metric, "created_at": now})).scalar_one()
    return goal_id


async def revise(
    c: AsyncConnection,
    guild_id: int,
    revised: Goal,
    now: datetime,
    by: int | None,
    *,
    retired: bool = False,
    why: str | None = None,
    proposal_id: int | None = None,
) -> int:
    """Puts a goal in force as it is given; earlier revisions stay for the days that they held. The id of the new one."""
    made = await c.execute(
        _REVISE,
        {
            "guild_id": guild_id,
            "goal_id": revised.id,
            "name": revised.name,
            "target": revised.target,
            "starts": revised.starts,
            "deadline": revised.deadline,
            "retired": retired,
            "why": why,
            "proposal_id": proposal_id,
            "adopted_at": now,
            "adopted_by": by,
        },
    )
    new: int = made.scalar_one()
    return new


async def add_figure(c: AsyncConnection, guild_id: int, goal_id: int, day: date, value: int, now: datetime, by: int | None) -> None:
    """Stores a figure; of two for one day the one stored later counts."""
    row = {"guild_id": guild_id, "goal_id": goal_id, "day": day, "value": value, "recorded_at": now, "recorded_by": by}
    await c.execute(_ADD_FIGURE, row)


_NEWEST_FIGURE = (
    select(goal_figure.c.id)
    .where(goal_figure.c.goal_id == goal.c.id, goal_figure.c.day <= bindparam("day"))
    .order_by(goal_figure.c.day.desc(), goal_figure.c.id.desc())
    .limit(1)
)
_FIGURES = (
    select(goal_figure.c.goal_id, goal.c.metric, goal_figure.c.day, goal_figure.c.value)
    .join(goal_figure, goal_figure.c.id == _NEWEST_FIGURE.correlate(goal).scalar_subquery())
    .where(goal.c.guild_id == bindparam("guild"))
    .order_by(goal_figure.c.day.desc(), goal_figure.c.id.desc())
)


async def figures(c: AsyncConnection, guild_id: int, day: date) -> list[Figure]:
    """The newest figure by this day of each goal that has one, retired goals too; newest day first."""
    return [Figure(**row._mapping) for row in await c.execute(_FIGURES, {"guild": guild_id, "day": day})]


_NEW = insert_or(goal_value)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=[goal_value.c.goal_id, goal_value.c.day],
    set_={name: _NEW.excluded[name] for name in ("value", "behind", "chapters", "oldest")},
)
_DROP_OTHERS = delete(goal_value).where(
    goal_value.c.goal_id.in_(select(goal.c.id).where(goal.c.guild_id == bindparam("guild"))),
    goal_value.c.goal_id.not_in(bindparam("kept", expanding=True)),
    goal_value.c.day == bindparam("on"),
)
_DONE = (
    update(organisation)
    .where(organisation.c.guild_id == bindparam("guild"), func.coalesce(organisation.c.valued_through < bindparam("day"), True))
    .values(valued_through=bindparam("day"))
)


async def keep_values(c: AsyncConnection, guild_id: int, day: date, standings: Iterable[Standing]) -> None:
    """Keeps the value of each goal on a day in place of what was kept of it, and that the days up to it are done."""
    rows = [
        {
            "goal_id": each.goal.id,
            "day": day,
            "guild_id": guild_id,
            "value": each.measured.value,
            "behind": each.measured.behind,
            "chapters": each.measured.chapters,
            "oldest": each.measured.oldest,
        }
        for each in standings
    ]
    if rows:
        await c.execute(_KEEP, rows)
    await c.execute(_DROP_OTHERS, {"guild": guild_id, "kept": [row["goal_id"] for row in rows], "on": day})
    await c.execute(_DONE, {"guild": guild_id, "day": day})


_VALUES = (
    select(goal_value.c.day, goal_value.c.value, goal_value.c.behind, goal_value.c.chapters, goal_value.c.oldest)
    .where(
        goal_value.c.guild_id == bindparam("guild"),
        goal_value.c.goal_id == bindparam("goal"),
        goal_value.c.day.in_(bindparam("days", expanding=True)),
    )
    .order_by(goal_value.c.day)
)


async def values(c: AsyncConnection, guild_id: int, goal_id: int, days: Sequence[date]) -> list[tuple[date, Measured]]:
    """The values that were kept for a goal on these days, oldest first."""
    rows = await c.execute(_VALUES, {"guild": guild_id, "goal": goal_id, "days": days})
    return [(row.day, Measured(row.value, row.behind, row.chapters, row.oldest)) for row in rows]


_VALUES_OF_ALL = (
    select(goal_value.c.goal_id, goal_value.c.day, goal_value.c.value)
    .where(
        goal_value.c.guild_id == bindparam("guild"),
        goal_value.c.goal_id.in_(bindparam("goals", expanding=True)),
        goal_value.c.day.in_(bindparam("days", expanding=True)),
        goal_value.c.value.isnot(None),
    )
    .order_by(goal_value.c.goal_id, goal_value.c.day)
)
_OUTSIDE = (
    select(goal_figure.c.day, goal_figure.c.value)
    .join(goal, goal.c.id == goal_figure.c.goal_id)
    .where(goal.c.guild_id == bindparam("guild"), goal.c.metric == Metric.MEMBERS.value, goal_figure.c.day <= bindparam("day"))
    .order_by(goal_figure.c.day, goal_figure.c.id)
)


async def known_values(
    c: AsyncConnection, guild_id: int, goal_ids: Sequence[int], days: Sequence[date]
) -> dict[int, list[tuple[date, int]]]:
    """What is known of these goals on these days from the values that were kept, oldest first, by the goal's id."""
    found: dict[int, list[tuple[date, int]]] = {}
    for goal_id, day, value in await c.execute(_VALUES_OF_ALL, {"guild": guild_id, "goals": goal_ids, "days": days}):
        found.setdefault(goal_id, []).append((day, value))
    return found


async def outside(c: AsyncConnection, guild_id: int, day: date) -> list[tuple[date, int]]:
    """The figures by this day for members outside chapters, oldest first."""
    return [(row.day, row.value) for row in await c.execute(_OUTSIDE, {"guild": guild_id, "day": day})]
