"""Pages of a chapter's reports: what was published, what was skipped, and what was asked for in vain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from db.tables import report, report_part
from db.types import Id, MonthIndex


@dataclass(frozen=True, slots=True)
class Listed:
    """One period: when its report was first published, or else whether it was skipped; if neither, it is missed."""

    period: Month
    published_at: datetime | None
    skipped: bool
    post: tuple[int, int] | None


# Put together once. What is asked for or begun is missed once a later period is owed or answered.
_BEGUN = exists().where(report_part.c.report_id == report.c.id)
_MISSED = (report.c.period < bindparam("newest", type_=MonthIndex)) & (report.c.owed | _BEGUN)
_OVER = (
    report.c.guild_id == bindparam("guild"),
    report.c.chapter_id == bindparam("chapter", type_=Id),
    or_(report.c.first_published_at.isnot(None), report.c.skipped_at.isnot(None), _MISSED),
)
_COUNT = select(func.count()).select_from(report).where(*_OVER)
_PAGE = (
    select(*(report.c[name] for name in ("period", "first_published_at", "skipped_at", "post_channel_id", "post_message_id")))
    .where(*_OVER)
    .order_by(report.c.period.desc())
    .offset(bindparam("skip", type_=Integer))
    .limit(bindparam("most", type_=Integer))
)


async def count(c: AsyncConnection, guild_id: int, chapter_id: int, newest: Month | None) -> int:
    """How many there are; `newest` is the newest period that is owed or answered."""
    found: int = (await c.execute(_COUNT, {"guild": guild_id, "chapter": chapter_id, "newest": newest})).scalar_one()
    return found


async def page(c: AsyncConnection, guild_id: int, chapter_id: int, newest: Month | None, *, skip: int, limit: int) -> Sequence[Listed]:
    """Some of them, newest first."""
    asked = {"guild": guild_id, "chapter": chapter_id, "newest": newest, "skip": skip, "most": limit}
    return [
        Listed(row.period, row.first_published_at, row.skipped_at is not None, _post(row.post_channel_id, row.post_message_id))
        for row in await c.execute(_PAGE, asked)
    ]


def _post(channel_id: int | None, message_id: int | None) -> tuple[int, int] | None:
    return None if channel_id is None or message_id is None else (channel_id, message_id)
