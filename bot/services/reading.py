"""Published reports, as everybody may read them."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.refusal import Refusal
from bot.domain.reports import Report
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, text
from bot.services import access
from bot.services.access import Scope
from bot.services.periods import post_of
from db import reports
from db.organisations import Organisation
from db.reports import Stored
from db.store import Connection, Store


@dataclass(frozen=True, slots=True)
class Reading:
    """A published report as everybody may read it: who published it first and when, and who changed it last, if anybody did."""

    organisation: Organisation
    chapter: Chapter
    period: Month
    report: Report
    published_by: int | None
    published_at: datetime
    edited_by: int | None
    edited_at: datetime | None
    quiet: bool
    post: tuple[int, int] | None
    may_correct: bool


async def read(store: Store, caller: Caller, chapter: str | int | None, period: Month | None) -> Reading:
    """A published report: the newest one, or that of a period."""
    async with store.read() as c:
        if isinstance(chapter, int):
            scope = await access.pressed(c, caller, chapter)
        else:
            scope = await access.named(c, caller, chapter)
        scope.require(Action.READ)
        stored = await (
            reports.newest_published(c, scope.guild_id, scope.chapter.id)
            if period is None
            else reports.find(c, scope.guild_id, scope.chapter.id, period)
        )
        if stored is None or stored.first_published_at is None:
            raise Refusal(await _nothing_to_read(c, scope, period))
        found = await reading(c, scope.organisation, scope.chapter, stored)
    return replace(found, may_correct=scope.may(Action.FILL_REPORT))


async def _nothing_to_read(c: Connection, scope: Scope, period: Month | None) -> Text:
    newest = await reports.newest_published(c, scope.guild_id, scope.chapter.id)
    if newest is None or period is None:
        return text("{chapter} has not published a report yet.", chapter=scope.chapter.name)
    return text(
        "{chapter} has no published report for {period}. Its newest is for {newest}.",
        chapter=scope.chapter.name,
        period=period,
        newest=newest.period,
    )


async def reading(c: Connection, organisation: Organisation, chapter: Chapter, stored: Stored) -> Reading:
    """The newest published version of a report that is published."""
    content = await reports.published(c, stored.guild_id, stored.id, stored.version)
    assert content is not None
    assert stored.first_published_at is not None
    edited = stored.version > 1
    return Reading(
        organisation=organisation,
        chapter=chapter,
        period=stored.period,
        report=content,
        published_by=await reports.publisher(c, stored),
        published_at=stored.first_published_at,
        edited_by=stored.published_by if edited else None,
        edited_at=stored.published_at if edited else None,
        quiet=stored.quiet,
        post=post_of(stored),
        may_correct=False,
    )
