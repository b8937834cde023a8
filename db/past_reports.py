"""Reports of the past by the hundred: which are there already, and those that an import adds and takes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.functioning import Criterion
from bot.domain.reports import Part, Report, answered, to_plain
from db import reports as stored_reports
from db.past import in_parts
from db.statements import insert_or
from db.tables import evidence as evidence_table
from db.tables import report, report_part, report_version, standing_fact

_OF: BindParameter[Any] = bindparam("chapters", expanding=True)


@dataclass(frozen=True, slots=True)
class There:
    """A report's row as it is there already: asked for, begun, published or skipped."""

    id: int
    chapter_id: int
    period: Month
    owed: bool
    version: int
    published_on: date | None
    skipped_at: datetime | None
    begun: bool


@dataclass(frozen=True, slots=True)
class PastReport:
    """A report as it was published on a day of the past; `claimed` is what it says beyond the check-ins."""

    chapter_id: int
    period: Month
    at: datetime
    on: date
    report: Report
    may_share: bool
    claimed: Mapping[Criterion, int]
    in_time: bool


_BEGUN = select(report_part.c.report_id).where(report_part.c.report_id == report.c.id).exists()
_THERE = select(
    report.c.id,
    report.c.chapter_id,
    report.c.period,
    report.c.owed,
    report.c.version,
    report.c.first_published_on.label("published_on"),
    report.c.skipped_at,
    _BEGUN.label("begun"),
).where(report.c.guild_id == bindparam("guild"), report.c.chapter_id.in_(_OF))
_IDS = select(report.c.id, report.c.chapter_id, report.c.period).where(
    report.c.guild_id == bindparam("guild"), report.c.chapter_id.in_(_OF), report.c.period.between(bindparam("first"), bindparam("last"))
)
_ANSWERS = (
    select(report.c.id, report_version.c.answers)
    .join(report_version, (report_version.c.report_id == report.c.id) & (report_version.c.version == report.c.version))
    .where(report.c.guild_id == bindparam("guild"), report.c.id.in_(bindparam("these", expanding=True)))
)
_NEW = insert_or(report)
_PUBLISHED = ("may_share", "version", "members", "met", "first_published_at", "first_published_on", "published_at", "published_by")
_PUBLISH = _NEW.on_conflict_do_update(
    index_elements=[report.c.chapter_id, report.c.period], set_={name: _NEW.excluded[name] for name in _PUBLISHED}
)
_EMPTY = (
    update(report)
    .where(report.c.guild_id == bindparam("guild"), report.c.id.in_(bindparam("these", expanding=True)))
    .values(dict.fromkeys(_PUBLISHED[2:]) | {"version": 0, "may_share": False})
)
_DELETE_REPORTS = delete(report).where(report.c.guild_id == bindparam("guild"), report.c.id.in_(bindparam("these", expanding=True)))
_TOUCHED = select(report.c.id).where(
    report.c.guild_id == bindparam("guild"),
    report.c.id.in_(bindparam("these", expanding=True)),
    (report.c.version != 1)
    | select(report_part.c.report_id).where(report_part.c.report_id == report.c.id, report_part.c.version > 1).exists(),
)
_CHAPTER_OF = select(report.c.id, report.c.chapter_id, report.c.period, report.c.owed).where(
    report.c.guild_id == bindparam("guild"), report.c.id.in_(bindparam("these", expanding=True))
)


async def reports_of(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int]) -> list[There]:
    """The reports that these chapters have rows for."""
    return [
        There(**{**row._mapping, "begun": bool(row.begun), "owed": bool(row.owed)})
        for some in in_parts(chapter_ids)
        for row in await c.execute(_THERE, {"guild": guild_id, "chapters": some})
    ]


async def published_answers(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What the newest version of each of these reports says, part by part."""
    found: dict[int, dict[str, Any]] = {}
    for some in in_parts(ids):
        found |= {row.id: row.answers for row in await c.execute(_ANSWERS, {"guild": guild_id, "these": some})}
    return found


async def add_reports(c: AsyncConnection, guild_id: int, new: Sequence[PastReport], now: datetime, by: int | None) -> list[int]:
    """Stores reports as first published on their day, with what they count for; ids in their order. Who published them is not known."""
    rows = [
        {
            "guild_id": guild_id,
            "chapter_id": each.chapter_id,
            "period": each.period,
            "may_share": each.may_share,
            "version": 1,
            "members": each.report.people.members,
            "met": each.report.people.met,
            "first_published_at": each.at,
            "first_published_on": each.on,
            "published_at": each.at,
            "published_by": None,
        }
        for each in new
    ]
    await c.execute(_PUBLISH, rows)
    periods = {each.period for each in new}
    known: dict[tuple[int, Month], int] = {}
    for some in in_parts(sorted({each.chapter_id for each in new})):
        found = await c.execute(_IDS, {"guild": guild_id, "chapters": some, "first": min(periods), "last": max(periods)})
        known |= {(row.chapter_id, row.period): row.id for row in found}
    ids = [known[each.chapter_id, each.period] for each in new]
    stored = list(zip(ids, new, strict=True))
    parts = [
        {
            "report_id": report_id,
            "part": part.value,
            "guild_id": guild_id,
            "answers": to_plain(each.report.part(part)),
            "version": 1,
            "saved_at": now,
            "saved_by": by,
        }
        for report_id, each in stored
        for part in Part
        if answered(each.report.part(part))
    ]
    if parts:
        await c.execute(insert(report_part), parts)
    versions = [
        {
            "report_id": report_id,
            "version": 1,
            "guild_id": guild_id,
            "answers": stored_reports.public_answers(each.report),
            "published_at": each.at,
            "published_by": None,
        }
        for report_id, each in stored
    ]
    await c.execute(insert(report_version), versions)
    counts = [
        row
        for report_id, each in stored
        for row in stored_reports.evidence_of(
            guild_id, each.chapter_id, report_id, each.period, each.on, each.claimed, in_time=each.in_time
        )
    ]
    if counts:
        await c.execute(insert(evidence_table), counts)
    return ids


async def touched_reports(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> set[int]:
    """Those of these imported reports that somebody has corrected, or begun to."""
    return {each for some in in_parts(ids) for each in await c.scalars(_TOUCHED, {"guild": guild_id, "these": some})}


async def reports_by_id(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> dict[int, tuple[int, Month, bool]]:
    """Chapter, period and whether it is asked for, of each of these reports."""
    found: dict[int, tuple[int, Month, bool]] = {}
    for some in in_parts(ids):
        rows = await c.execute(_CHAPTER_OF, {"guild": guild_id, "these": some})
        found |= {row.id: (row.chapter_id, row.period, bool(row.owed)) for row in rows}
    return found


async def take_back_reports(c: AsyncConnection, guild_id: int, gone: Iterable[int], emptied: Iterable[int]) -> None:
    """Takes reports away; of those that are asked for, only what was published."""
    for some in in_parts(gone):
        await c.execute(_DELETE_REPORTS, {"guild": guild_id, "these": some})
    for some in in_parts(emptied):
        asked = {"guild": guild_id, "these": some}
        for table in (report_part, report_version, evidence_table):
            await c.execute(
                delete(table).where(table.c.guild_id == bindparam("guild"), table.c.report_id.in_(bindparam("these", expanding=True))),
                asked,
            )
        await c.execute(_EMPTY, asked)


_NEWEST_FACT = select(func.coalesce(func.max(standing_fact.c.id), 0)).where(standing_fact.c.guild_id == bindparam("guild"))
_FACTS_SINCE = select(standing_fact.c.id).where(standing_fact.c.guild_id == bindparam("guild"), standing_fact.c.id > bindparam("after"))
_DELETE_FACTS = delete(standing_fact).where(
    standing_fact.c.guild_id == bindparam("guild"), standing_fact.c.id.in_(bindparam("these", expanding=True))
)


async def add_facts(
    c: AsyncConnection, guild_id: int, key: str, said: Sequence[tuple[int, str, date]], now: datetime, by: int | None
) -> list[int]:
    """Stores what chapters said of themselves on days of the past; ids."""
    if not said:
        return []
    asked = {"guild": guild_id, "after": await c.scalar(_NEWEST_FACT, {"guild": guild_id})}
    rows = [
        {
            "guild_id": guild_id,
            "key": key,
            "chapter_id": chapter_id,
            "value": value,
            "confirmed_on": day,
            "recorded_at": now,
            "recorded_by": by,
        }
        for chapter_id, value, day in said
    ]
    await c.execute(insert(standing_fact), rows)
    return list(await c.scalars(_FACTS_SINCE, asked))


async def delete_facts(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> None:
    """Takes facts away as if nobody had said them."""
    for some in in_parts(ids):
        await c.execute(_DELETE_FACTS, {"guild": guild_id, "these": some})
