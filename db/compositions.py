"""Compositions: how many people of each category a chapter counted, and the organisation's sum as it was last shown."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.privacy import Count, Sum
from db.measures import newest_state
from db.statements import insert_or
from db.tables import chapter, chapter_state, composition, composition_sum

_COUNT = (composition.c.id, composition.c.chapter_id, composition.c.day, composition.c.counts)


def _count(row: Any) -> Count:
    return Count(row.id, row.chapter_id, row.day, row.counts)


async def of_chapter(c: AsyncConnection, guild_id: int, chapter_id: int, dimension: str) -> list[tuple[Count, str]]:
    """The counts of a chapter in one dimension that no correction has replaced, newest first, each with how it was counted."""
    rows = await c.execute(
        select(*_COUNT, composition.c.method)
        .where(
            composition.c.guild_id == guild_id,
            composition.c.chapter_id == chapter_id,
            composition.c.dimension == dimension,
            composition.c.replaced_at.is_(None),
        )
        .order_by(composition.c.day.desc(), composition.c.id.desc())
    )
    return [(_count(row), row.method) for row in rows]


async def add(
    c: AsyncConnection,
    guild_id: int,
    chapter_id: int,
    dimension: str,
    day: date,
    method: str,
    cells: Mapping[str, int],
    now: datetime,
    by: int | None,
) -> None:
    """Stores a count."""
    await c.execute(
        insert(composition).values(
            guild_id=guild_id,
            chapter_id=chapter_id,
            dimension=dimension,
            day=day,
            method=method,
            counts=dict(cells),
            people=sum(cells.values()),
            recorded_at=now,
            recorded_by=by,
        )
    )


async def replace(c: AsyncConnection, guild_id: int, count_id: int, now: datetime) -> None:
    """Marks a count as replaced from now on; for the time before it stays what was known."""
    await c.execute(update(composition).where(composition.c.guild_id == guild_id, composition.c.id == count_id).values(replaced_at=now))


async def first_recorded(c: AsyncConnection, guild_id: int, dimension: str) -> datetime | None:
    """When the first count in a dimension was stored."""
    rows = select(func.min(composition.c.recorded_at)).join(chapter, chapter.c.id == composition.c.chapter_id)
    found: datetime | None = await c.scalar(rows.where(chapter.c.guild_id == guild_id, composition.c.dimension == dimension))
    return found


async def known_at(
    c: AsyncConnection, guild_id: int, dimension: str, since: date, until: date, ended: datetime, after: int, limit: int
) -> list[Count]:
    """The newest count of each chapter dated in these days, as known at a moment; chapters in order of their ids, after one."""
    newest: Select[Any] = (
        select(composition.c.id)
        .where(
            composition.c.chapter_id == chapter.c.id,
            composition.c.dimension == dimension,
            composition.c.day.between(since, until),
            composition.c.recorded_at < ended,
            or_(composition.c.replaced_at.is_(None), composition.c.replaced_at >= ended),
        )
        .order_by(composition.c.day.desc(), composition.c.id.desc())
        .limit(1)
    )
    rows = await c.execute(
        select(*_COUNT)
        .select_from(chapter)
        .join(chapter_state, chapter_state.c.id == newest_state(ended))
        .join(composition, composition.c.id == newest.correlate(chapter).scalar_subquery())
        .where(chapter.c.guild_id == guild_id, chapter.c.id > after, chapter_state.c.state != State.ARCHIVED.value)
        .order_by(chapter.c.id)
        .limit(limit)
    )
    return [_count(row) for row in rows]


def _sum(row: Any) -> Sum:
    sources = {int(chapter_id): count_id for chapter_id, count_id in row.sources.items()}
    return Sum(row.month, row.counts, sources, row.oldest)


async def sum_of(c: AsyncConnection, guild_id: int, dimension: str, month: Month) -> Sum | None:
    """The sum kept for a month's end; one without sources says that none could be shown."""
    rows = select(composition_sum).where(
        composition_sum.c.guild_id == guild_id, composition_sum.c.dimension == dimension, composition_sum.c.month == month
    )
    row = (await c.execute(rows)).one_or_none()
    return None if row is None else _sum(row)


async def last_sums(c: AsyncConnection, guild_id: int, dimension: str) -> tuple[Month | None, Sum | None]:
    """The last month that a sum was kept for, and the last sum that could be shown."""
    rows = select(composition_sum).where(composition_sum.c.guild_id == guild_id, composition_sum.c.dimension == dimension)
    newest = rows.order_by(composition_sum.c.month.desc()).limit(1)
    last = (await c.execute(newest)).one_or_none()
    shown = (await c.execute(newest.where(composition_sum.c.oldest.isnot(None)))).one_or_none()
    return (None if last is None else last.month), (None if shown is None else _sum(shown))


async def keep_sum(c: AsyncConnection, guild_id: int, dimension: str, month: Month, found: Sum | None) -> None:
    """Keeps the sum for a month's end, also that there is none; what is kept already stays as it is."""
    await c.execute(
        insert_or(composition_sum)
        .values(
            guild_id=guild_id,
            dimension=dimension,
            month=month,
            counts={} if found is None else dict(found.cells),
            sources={} if found is None else dict(found.sources),
            oldest=None if found is None else found.oldest,
        )
        .on_conflict_do_nothing()
    )
