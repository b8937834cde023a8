"""What is looked at when a goal's deadline has passed: deadlines of the past, and what chapters let others quote."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.reports import Part
from db.tables import chapter, goal_revision, report, report_version
from db.types import Day

_SHARED: Select[Any] = (
    select(chapter.c.name, report.c.period, report_version.c.answers)
    .join(chapter, chapter.c.id == report.c.chapter_id)
    .join(report_version, (report_version.c.report_id == report.c.id) & (report_version.c.version == report.c.version))
    .where(
        report.c.guild_id == bindparam("guild"),
        report.c.may_share,
        chapter.c.visibility != Visibility.HIDDEN.value,
        chapter.c.archived_at.is_(None),
    )
    .order_by(report.c.period.desc(), report.c.first_published_at.desc())
    .limit(bindparam("most", type_=Integer))
)
_DEADLINES = (
    select(goal_revision.c.goal_id, goal_revision.c.deadline)
    .where(goal_revision.c.guild_id == bindparam("guild"), goal_revision.c.deadline < bindparam("day", type_=Day))
    .distinct()
)


async def shared(c: AsyncConnection, guild_id: int, limit: int) -> list[tuple[str, Month, str]]:
    """What is hard, of the newest reports that may be quoted of chapters that may be named: chapter, month and words."""
    rows = await c.execute(_SHARED, {"guild": guild_id, "most": limit})
    told = [(row.name, row.period, row.answers.get(Part.WORDS.value, {}).get("hard")) for row in rows]
    return [(name, period, words) for name, period, words in told if words]


async def deadlines_before(c: AsyncConnection, guild_id: int, day: date) -> Sequence[tuple[int, date]]:
    """Every deadline that a goal had and that lies before this day."""
    return [(row.goal_id, row.deadline) for row in await c.execute(_DEADLINES, {"guild": guild_id, "day": day})]
