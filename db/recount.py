"""What is kept beside the entries, and what the entries come to now: for the check that both agree. Nothing here changes anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.checkins import PartnerState
from bot.domain.goals import Measured
from db import checkins, evidence
from db import tables as t


@dataclass(frozen=True, slots=True)
class Known:
    """A chapter as the check names it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Counts:
    """One piece of evidence that comes from a check-in; of two equal ones both count."""

    chapter_id: int
    criterion: str
    day: date
    known_on: date
    amount: int
    kind: str | None
    people: int | None
    checkin_id: int


_VERSION = select(func.sqlite_version())


async def version(c: AsyncConnection) -> tuple[int, ...]:
    """The version of SQLite that reads this file."""
    found = str(await c.scalar(_VERSION))
    return tuple(int(part) for part in found.split("."))


async def pages_are_sound(c: AsyncConnection) -> bool:
    """Whether every page of the file can be read and agrees with the others; indexes are not compared with their tables."""
    found = await c.exec_driver_sql("PRAGMA quick_check(1)")
    return bool(found.scalar() == "ok")


async def dangling(c: AsyncConnection) -> list[str]:
    """Tables with rows that belong to a row that is not there, each once."""
    found = await c.exec_driver_sql("PRAGMA foreign_key_check")
    return sorted({row[0] for row in found})


_HERE = t.chapter.c.guild_id == bindparam("guild")
_COUNT = select(func.count()).select_from(t.chapter).where(_HERE)
_NEXT = (
    select(t.chapter.c.id, t.chapter.c.name)
    .where(_HERE, t.chapter.c.id > bindparam("after"))
    .order_by(t.chapter.c.id)
    .limit(bindparam("most", type_=Integer))
)


async def how_many(c: AsyncConnection, guild_id: int) -> int:
    """How many chapters there are, archived ones too."""
    return int(await c.scalar(_COUNT, {"guild": guild_id}) or 0)


async def some(c: AsyncConnection, guild_id: int, after: int, limit: int) -> list[Known]:
    """The next chapters by id, archived ones too."""
    return [Known(row.id, row.name) for row in await c.execute(_NEXT, {"guild": guild_id, "after": after, "most": limit})]


_SUMMARIES = select(t.summary).where(
    t.summary.c.guild_id == bindparam("guild"), t.summary.c.chapter_id.in_(bindparam("chapters", expanding=True))
)


async def kept_summaries(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The stored summaries of these chapters, every column by its name."""
    rows = await c.execute(_SUMMARIES, {"guild": guild_id, "chapters": chapter_ids})
    return {row.chapter_id: dict(row._mapping) for row in rows}


_COLUMNS = (
    t.evidence.c.chapter_id,
    t.evidence.c.criterion,
    t.evidence.c.day,
    t.evidence.c.known_on,
    t.evidence.c.amount,
    t.evidence.c.kind,
    t.evidence.c.people,
    t.evidence.c.checkin_id,
)
_EVIDENCE = select(*_COLUMNS).where(
    t.evidence.c.guild_id == bindparam("guild"),
    t.evidence.c.chapter_id.in_(bindparam("chapters", expanding=True)),
    t.evidence.c.checkin_id.isnot(None),
)
_CHECKINS = select(t.checkin).where(t.checkin.c.guild_id == bindparam("guild"), t.checkin.c.withdrawn_at.is_(None))
_OWN = _CHECKINS.add_columns(t.checkin.c.chapter_id.label("counts_for")).where(
    t.checkin.c.chapter_id.in_(bindparam("chapters", expanding=True))
)
_SHARED = (
    _CHECKINS.add_columns(t.checkin_partner.c.chapter_id.label("counts_for"))
    .join(t.checkin_partner, t.checkin_partner.c.checkin_id == t.checkin.c.id)
    .where(
        t.checkin_partner.c.chapter_id.in_(bindparam("chapters", expanding=True)),
        t.checkin_partner.c.state == PartnerState.CONFIRMED.value,
    )
)


async def kept_evidence(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> Counter[Counts]:
    """The stored evidence of these chapters that comes from check-ins."""
    rows = await c.execute(_EVIDENCE, {"guild": guild_id, "chapters": chapter_ids})
    return Counter(Counts(**row._mapping) for row in rows)


async def due_evidence(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> Counter[Counts]:
    """What the check-ins of these chapters, and those that they confirmed, count for."""
    asked = {"guild": guild_id, "chapters": chapter_ids}
    entries = [(row.counts_for, row.id, checkins.to_entry(row)) for rows in (_OWN, _SHARED) for row in await c.execute(rows, asked)]
    names = [column.name for column in _COLUMNS]
    return Counter(Counts(**{name: row[name] for name in names}) for row in evidence.derived(guild_id, entries))


_FIRST_DAY = select(func.min(t.goal_value.c.day)).where(t.goal_value.c.guild_id == bindparam("guild"))
_VALUES = select(t.goal_value).where(t.goal_value.c.guild_id == bindparam("guild"), t.goal_value.c.day == bindparam("on"))


async def first_kept(c: AsyncConnection, guild_id: int) -> date | None:
    """The first day for which a value was kept."""
    found: date | None = await c.scalar(_FIRST_DAY, {"guild": guild_id})
    return found


async def kept_values(c: AsyncConnection, guild_id: int, day: date) -> dict[int, Measured]:
    """The values kept for a day, by the goal's id."""
    rows = await c.execute(_VALUES, {"guild": guild_id, "on": day})
    return {row.goal_id: Measured(row.value, row.behind, row.chapters, row.oldest) for row in rows}


_NAMES = (
    select(t.goal.c.id, t.goal.c.metric, t.goal_revision.c.name)
    .join(t.goal_revision, t.goal_revision.c.goal_id == t.goal.c.id)
    .where(t.goal.c.guild_id == bindparam("guild"))
    .order_by(t.goal_revision.c.id)
)


async def goals(c: AsyncConnection, guild_id: int) -> dict[int, tuple[str, str | None]]:
    """Metric and newest name of every goal that was ever adopted, by its id."""
    return {row.id: (row.metric, row.name) for row in await c.execute(_NAMES, {"guild": guild_id})}
