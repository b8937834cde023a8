"""Compositions: how many people of each category a chapter counted, and the organisation's sum as it was last shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Text, func, insert, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.privacy import Count, Sum
from db.measures import newest_state
from db.statements import insert_or
from db.tables import chapter, chapter_state, composition, composition_sum

BATCH = 500


@dataclass(frozen=True, slots=True)
class KeptSum:
    """The organisation's composition as it is shown: people of each category, over how many chapters, and the day of the oldest count."""

    cells: Mapping[str, int]
    chapters: int
    oldest: date | None

    @property
    def people(self) -> int:
        """How many were counted."""
        return sum(self.cells.values())


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


async def known_at(c: AsyncConnection, guild_id: int, dimension: str, since: date, until: date, ended: datetime) -> list[Count]:
    """The newest count of each chapter dated in these days, as it was known at a moment; without chapters archived by then."""
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
    rows = (
        select(*_COUNT)
        .select_from(chapter)
        .join(chapter_state, chapter_state.c.id == newest_state(ended))
        .join(composition, composition.c.id == newest.correlate(chapter).scalar_subquery())
        .where(chapter.c.guild_id == guild_id, chapter_state.c.state != State.ARCHIVED.value)
    )
    # A few at a time, so that thousands of chapters do not keep the program from answering meanwhile.
    found = await c.stream(rows)
    return [_count(row) async for batch in found.partitions(BATCH) for row in batch]


async def sum_of(c: AsyncConnection, guild_id: int, dimension: str, month: Month) -> KeptSum | None:
    """The sum kept for a month's end; one over no chapters says that none could be shown."""
    sources = type_coerce(composition_sum.c.sources, Text)
    # Each source is one pair of numbers: they are counted where they are stored, because there may be thousands.
    chapters = func.length(sources) - func.length(func.replace(sources, ":", ""))
    row = (
        await c.execute(
            select(composition_sum.c.counts, chapters.label("chapters"), composition_sum.c.oldest).where(
                composition_sum.c.guild_id == guild_id, composition_sum.c.dimension == dimension, composition_sum.c.month == month
            )
        )
    ).one_or_none()
    return None if row is None else KeptSum(row.counts, row.chapters, row.oldest)


async def last_month(c: AsyncConnection, guild_id: int, dimension: str) -> Month | None:
    """The last month that a sum was kept for."""
    months = select(func.max(composition_sum.c.month)).where(
        composition_sum.c.guild_id == guild_id, composition_sum.c.dimension == dimension
    )
    found: Month | None = await c.scalar(months)
    return found


async def last_shown(c: AsyncConnection, guild_id: int, dimension: str) -> Sum | None:
    """The last sum that could be shown, with what each chapter put in."""
    rows = select(composition_sum).where(
        composition_sum.c.guild_id == guild_id, composition_sum.c.dimension == dimension, composition_sum.c.oldest.isnot(None)
    )
    row = (await c.execute(rows.order_by(composition_sum.c.month.desc()).limit(1))).one_or_none()
    if row is None:
        return None
    return Sum(row.month, row.counts, {int(chapter_id): count_id for chapter_id, count_id in row.sources.items()}, row.oldest)


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
