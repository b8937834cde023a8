"""Reports that may be quoted to other chapters."""

from dataclasses import dataclass

from sqlalchemy import Integer, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.reports import Part
from db.tables import admin, chapter, report, report_version


@dataclass(frozen=True, slots=True)
class Shared:
    """What a published report says that may be quoted to other chapters."""

    chapter_id: int
    chapter: str
    period: Month
    changing: str | None
    hard: str | None
    help: str | None


_SHARED = (
    select(report.c.chapter_id, chapter.c.name, report.c.period, report_version.c.answers)
    .join(chapter, chapter.c.id == report.c.chapter_id)
    .join(report_version, (report_version.c.report_id == report.c.id) & (report_version.c.version == report.c.version))
    .where(
        report.c.guild_id == bindparam("guild"),
        report.c.may_share,
        report.c.period >= bindparam("since"),
        report.c.chapter_id != bindparam("but"),
        chapter.c.visibility != Visibility.HIDDEN.value,
        chapter.c.archived_at.is_(None),
        exists().where(admin.c.chapter_id == report.c.chapter_id),
    )
    .order_by(report.c.period.desc(), report.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


async def quotable(c: AsyncConnection, guild_id: int, but: int, since: Month, limit: int) -> list[Shared]:
    """The newest published reports since a month that other chapters let be quoted: of chapters that all may see, and that have admins."""
    rows = await c.execute(_SHARED, {"guild": guild_id, "but": but, "since": since, "most": limit})
    words = ((row, row.answers.get(Part.WORDS.value, {})) for row in rows)
    return [Shared(row.chapter_id, row.name, row.period, said.get("changing"), said.get("hard"), said.get("help")) for row, said in words]
