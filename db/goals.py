"""Goals with every revision, the figures recorded for them, and the value that each had on each day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.goals import Goal, Measured, Standing
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
    newest = select(goal_revision.c.id).where(goal_revision.c.goal_id == goal.c.id)
    if by is not None:
        newest = newest.where(goal_revision.c.adopted_at < by)
    newest = newest.order_by(goal_revision.c.adopted_at.desc(), goal_revision.c.id.desc()).limit(1)
    revision = goal_revision.c
    rows = await c.execute(
        select(goal.c.id, goal.c.metric, revision.name, revision.target, revision.starts, revision.deadline)
        .join(goal_revision, revision.id == newest.correlate(goal).scalar_subquery())
        .where(goal.c.guild_id == guild_id, ~revision.retired)
        .order_by(goal.c.id)
    )
    return [Goal(**row._mapping) for row in rows]


async def any_ever(c: AsyncConnection, guild_id: int) -> bool:
    """Whether a goal was ever added here, even if it was retired since."""
    return bool(await c.scalar(select(select(goal.c.id).where(goal.c.guild_id == guild_id).exists())))


async def first_adopted(c: AsyncConnection, guild_id: int) -> datetime | None:
    """The moment at which the first goal was adopted."""
    rows = select(func.min(goal_revision.c.adopted_at)).join(goal, goal.c.id == goal_revision.c.goal_id)
    found: datetime | None = await c.scalar(rows.where(goal.c.guild_id == guild_id))
    return found


async def add(c: AsyncConnection, guild_id: int, metric: str, now: datetime) -> int:
    """Stores a goal without its first revision; returns its id."""
    made = await c.execute(insert(goal).values(guild_id=guild_id, metric=metric, created_at=now).returning(goal.c.id))
    goal_id: int = made.scalar_one()
    return goal_id


async def revise(c: AsyncConnection, guild_id: int, revised: Goal, now: datetime, by: int | None, *, retired: bool = False) -> None:
    """Puts a goal in force as it is given; earlier revisions stay for the days that they held."""
    await c.execute(
        insert(goal_revision).values(
            guild_id=guild_id,
            goal_id=revised.id,
            name=revised.name,
            target=revised.target,
            starts=revised.starts,
            deadline=revised.deadline,
            retired=retired,
            adopted_at=now,
            adopted_by=by,
        )
    )


async def add_figure(c: AsyncConnection, guild_id: int, goal_id: int, day: date, value: int, now: datetime, by: int | None) -> None:
    """Stores a figure; of two for one day the one stored later counts."""
    await c.execute(insert(goal_figure).values(guild_id=guild_id, goal_id=goal_id, day=day, value=value, recorded_at=now, recorded_by=by))


async def figures(c: AsyncConnection, guild_id: int, day: date) -> list[Figure]:
    """The newest figure by this day of each goal that has one, retired goals too; newest day first."""
    newest = select(goal_figure.c.id).where(goal_figure.c.goal_id == goal.c.id, goal_figure.c.day <= day)
    newest = newest.order_by(goal_figure.c.day.desc(), goal_figure.c.id.desc()).limit(1)
    rows = await c.execute(
        select(goal_figure.c.goal_id, goal.c.metric, goal_figure.c.day, goal_figure.c.value)
        .join(goal_figure, goal_figure.c.id == newest.correlate(goal).scalar_subquery())
        .where(goal.c.guild_id == guild_id)
        .order_by(goal_figure.c.day.desc(), goal_figure.c.id.desc())
    )
    return [Figure(**row._mapping) for row in rows]


async def keep_values(c: AsyncConnection, guild_id: int, day: date, standings: Iterable[Standing]) -> None:
    """Keeps the value of each goal on a day, and that the days up to it are done; what is kept already stays as it is."""
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
        await c.execute(insert_or(goal_value).values(rows).on_conflict_do_nothing())
    done = func.coalesce(organisation.c.valued_through < day, True)
    await c.execute(update(organisation).where(organisation.c.guild_id == guild_id, done).values(valued_through=day))


async def values(c: AsyncConnection, guild_id: int, goal_id: int, days: Sequence[date]) -> list[tuple[date, Measured]]:
    """The values that were kept for a goal on these days, oldest first."""
    rows = await c.execute(
        select(goal_value.c.day, goal_value.c.value, goal_value.c.behind, goal_value.c.chapters, goal_value.c.oldest)
        .where(goal_value.c.guild_id == guild_id, goal_value.c.goal_id == goal_id, goal_value.c.day.in_(days))
        .order_by(goal_value.c.day)
    )
    return [(row.day, Measured(row.value, row.behind, row.chapters, row.oldest)) for row in rows]
