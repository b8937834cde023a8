"""A chapter's reports as everybody may look through them."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.chapters import Chapter
from bot.domain.rights import Action, Caller
from bot.services import access
from db import report_pages, summaries
from db.report_pages import Listed
from db.store import Store

PAGE = 10


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of a chapter's reports, from 0 on, newest first; `asked_for` says whether one is asked for at the moment."""

    chapter: Chapter
    entries: tuple[Listed, ...]
    page: int
    pages: int
    total: int
    asked_for: bool
    may_fill: bool


async def listed(store: Store, caller: Caller, chapter: str | int | None, page: int, now: datetime) -> ReportPage:
    """A page of what a chapter published, skipped and missed; a page past the end is the last one."""
    async with store.read() as c:
        scope = await (access.pressed(c, caller, chapter) if isinstance(chapter, int) else access.named(c, caller, chapter))
        scope.require(Action.READ)
        guild_id, chapter_id = scope.guild_id, scope.chapter.id
        policy = scope.organisation.policy
        (history,) = await summaries.read(c, guild_id, [chapter_id], policy)
        owed = history.facts(now).owed
        newest = max((month for month in (owed.newest_owed, owed.newest_answered) if month is not None), default=None)
        total = await report_pages.count(c, guild_id, chapter_id, newest)
        pages = max(-(-total // PAGE), 1)
        page = min(page, pages - 1)
        entries = await report_pages.page(c, guild_id, chapter_id, newest, skip=page * PAGE, limit=PAGE)
    may_fill = scope.may(Action.FILL_REPORT)
    return ReportPage(scope.chapter, tuple(entries), page, pages, total, owed.asked_for is not None, may_fill)
