"""Compositions: how many people of each category a chapter counted, and the organisation's sum as it was last shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, case, func, insert, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.privacy import Count, Sum
from db.measures import newest_state
from db.statements import insert_or
from db.tables import chapter, chapter_state, composition, composition_sum, organisation

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


@dataclass(frozen=True, slots=True)
class AsAt:
    """What is kept for a month's end; if nothing is, the last month kept, or else when the first count was stored."""

    kept: KeptSum | None
    last: Month | None
    first_recorded: datetime | None


_COUNT = (composition.c.id, composition.c.chapter_id, composition.c.day, composition.c.counts)


def _count(row: Any) -> Count:
    return Count(row.id, row.chapter_id, row.day, row.counts)


_OF_CHAPTER = (
    select(*_COUNT, composition.c.method)
    .where(
        composition.c.guild_id == bindparam("guild"),
        composition.c.chapter_id == bindparam("chapter"),
        composition.c.dimension == bindparam("dimension"),
        composition.c.replaced_at.is_(None),
    )
    .order_by(composition.c.day.desc(), composition.c.id.desc())
)
_KNOWN_OF = (
    select(*_COUNT, composition.c.method)
    .where(
        composition.c.guild_id == bindparam("guild"),
        composition.c.chapter_id == bindparam("chapter"),
        composition.c.dimension == bindparam("dimension"),
        composition.c.day <= bindparam("until"),
        composition.c.recorded_at < bindparam("ended"),
        or_(composition.c.replaced_at.is_(None), composition.c.replaced_at >= bindparam("ended")),
    )
    .order_by(composition.c.day.desc(), composition.c.id.desc())
    .limit(1)
)
_ADD = insert(composition)
_REPLACE = (
    update(composition)
    .where(composition.c.guild_id == bindparam("guild"), composition.c.id == bindparam("count"))
    .values(replaced_at=bindparam("now"))
)


async def of_chapter(c: AsyncConnection, guild_id: int, chapter_id: int, dimension: str) -> list[tuple[Count, str]]:
    """The counts of a chapter in one dimension that no correction has replaced, newest first, each with how it was counted."""
    rows = await c.execute(_OF_CHAPTER, {"guild": guild_id, "chapter": chapter_id, "dimension": dimension})
    return [(_count(row), row.method) for row in rows]


async def known_of(
    c: AsyncConnection, guild_id: int, chapter_id: int, dimension: str, until: date, ended: datetime
) -> tuple[Count, str] | None:
    """A chapter's newest count dated by a day, as it was known at a moment, with how it was counted."""
    asked = {"guild": guild_id, "chapter": chapter_id, "dimension": dimension, "until": until, "ended": ended}
    row = (await c.execute(_KNOWN_OF, asked)).one_or_none()
    return None if row is None else (_count(row), row.method)


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
        _ADD,
        {
            "guild_id": guild_id,
            "chapter_id": chapter_id,
            "dimension": dimension,
            "day": day,
            "method": method,
            "counts": dict(cells),
            "people": sum(cells.values()),
            "recorded_at": now,
            "recorded_by": by,
        },
    )


async def replace(c: AsyncConnection, guild_id: int, count_id: int, now: datetime) -> None:
    """Marks a count as replaced from now on; for the time before it stays what was known."""
    await c.execute(_REPLACE, {"guild": guild_id, "count": count_id, "now": now})


def _known_at() -> Select[Any]:
    newest = (
        select(composition.c.id)
        .where(
            composition.c.chapter_id == chapter.c.id,
            composition.c.dimension == bindparam("dimension"),
            composition.c.day.between(bindparam("since"), bindparam("until")),
            composition.c.recorded_at < bindparam("ended"),
            or_(composition.c.replaced_at.is_(None), composition.c.replaced_at >= bindparam("ended")),
        )
        .order_by(composition.c.day.desc(), composition.c.id.desc())
        .limit(1)
    )
    return (
        select(*_COUNT)
        .select_from(chapter)
        .join(chapter_state, chapter_state.c.id == newest_state(bindparam("ended")))
        .join(composition, composition.c.id == newest.correlate(chapter).scalar_subquery())
        .where(chapter.c.guild_id == bindparam("guild"), chapter_state.c.state != State.ARCHIVED.value)
    )


_KNOWN_AT = _known_at()


async def known_at(c: AsyncConnection, guild_id: int, dimension: str, since: date, until: date, ended: datetime) -> list[Count]:
    """The newest count of each chapter dated in these days, as it was known at a moment; without chapters archived by then."""
    # A few at a time, so that thousands of chapters do not keep the program from answering meanwhile.
    found = await c.stream(_KNOWN_AT, {"guild": guild_id, "dimension": dimension, "since": since, "until": until, "ended": ended})
    return [_count(row) async for batch in found.partitions(BATCH) for row in batch]


_OURS = and_(composition_sum.c.guild_id == bindparam("guild"), composition_sum.c.dimension == bindparam("dimension"))
_LAST_MONTH = select(func.max(composition_sum.c.month)).where(_OURS)
_LAST_SHOWN = select(composition_sum).where(_OURS, composition_sum.c.oldest.isnot(None)).order_by(composition_sum.c.month.desc()).limit(1)
_KEEP = insert_or(composition_sum).on_conflict_do_nothing()


def _as_at() -> Select[Any]:
    kept, last = composition_sum.alias("kept"), _LAST_MONTH.scalar_subquery()
    sources = type_coerce(kept.c.sources, Text)
    # Each source is one pair of numbers: they are counted where they are stored, because there may be thousands.
    chapters = func.length(sources) - func.length(func.replace(sources, ":", ""))
    recorded = (
        select(func.min(composition.c.recorded_at))
        .join(chapter, chapter.c.id == composition.c.chapter_id)
        .where(chapter.c.guild_id == bindparam("guild"), composition.c.dimension == bindparam("dimension"))
        .scalar_subquery()
    )
    this = and_(kept.c.guild_id == organisation.c.guild_id, kept.c.dimension == bindparam("dimension"), kept.c.month == bindparam("month"))
    return (
        select(kept.c.counts, chapters.label("chapters"), kept.c.oldest)
        .add_columns(last.label("last"), case((last.is_(None), recorded)).label("first_recorded"))
        .select_from(organisation.outerjoin(kept, this))
        .where(organisation.c.guild_id == bindparam("guild"))
    )


_AS_AT = _as_at()


async def as_at(c: AsyncConnection, guild_id: int, dimension: str, month: Month) -> AsAt:
    """The sum kept for a month's end, or else where keeping stands; a sum over no chapters says that none could be shown."""
    row = (await c.execute(_AS_AT, {"guild": guild_id, "dimension": dimension, "month": month})).one()
    kept = None if row.counts is None else KeptSum(row.counts, row.chapters, row.oldest)
    return AsAt(kept, row.last, row.first_recorded)


async def last_month(c: AsyncConnection, guild_id: int, dimension: str) -> Month | None:
    """The last month that a sum was kept for."""
    found: Month | None = await c.scalar(_LAST_MONTH, {"guild": guild_id, "dimension": dimension})
    return found


async def last_shown(c: AsyncConnection, guild_id: int, dimension: str) -> Sum | None:
    """The last sum that could be shown, with what each chapter put in."""
    row = (await c.execute(_LAST_SHOWN, {"guild": guild_id, "dimension": dimension})).one_or_none()
    if row is None:
        return None
    return Sum(row.month, row.counts, {int(chapter_id): count_id for chapter_id, count_id in row.sources.items()}, row.oldest)


async def keep_sum(c: AsyncConnection, guild_id: int, dimension: str, month: Month, found: Sum | None) -> None:
    """Keeps the sum for a month's end, also that there is none; what is kept already stays as it is."""
    row: dict[str, Any] = {"counts": {}, "sources": {}, "oldest": None}
    if found is not None:
        row = {"counts": dict(found.cells), "sources": dict(found.sources), "oldest": found.oldest}
    await c.execute(_KEEP, {"guild_id": guild_id, "dimension": dimension, "month": month, **row})
