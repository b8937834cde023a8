"""Chapters and branches that are taken away again as if they had never been added: only while nothing hangs on them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, exists, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from db.past import in_parts
from db.tables import branch, change, chapter, checkin, checkin_partner, composition, gathering, gathering_chapter, report, standing_fact

_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_LINES = select(change.c.id, change.c.chapter_id).where(
    change.c.guild_id == bindparam("guild"), change.c.chapter_id.in_(_THESE), change.c.id > bindparam("after")
)
_WITH_ENTRIES = union(
    select(checkin.c.chapter_id).where(checkin.c.guild_id == bindparam("guild"), checkin.c.chapter_id.in_(_THESE)),
    select(checkin_partner.c.chapter_id).where(checkin_partner.c.guild_id == bindparam("guild"), checkin_partner.c.chapter_id.in_(_THESE)),
    select(composition.c.chapter_id).where(composition.c.guild_id == bindparam("guild"), composition.c.chapter_id.in_(_THESE)),
    select(gathering_chapter.c.chapter_id).where(
        gathering_chapter.c.guild_id == bindparam("guild"), gathering_chapter.c.chapter_id.in_(_THESE)
    ),
    select(report.c.chapter_id).where(
        report.c.guild_id == bindparam("guild"), report.c.chapter_id.in_(_THESE), report.c.first_published_at.isnot(None)
    ),
)
_DELETE_CHAPTERS = delete(chapter).where(chapter.c.guild_id == bindparam("guild"), chapter.c.id.in_(_THESE))
_USED = (
    exists().where(chapter.c.branch_id == branch.c.id)
    | exists().where(gathering.c.branch_id == branch.c.id)
    | exists().where(standing_fact.c.branch_id == branch.c.id)
    | exists().where(change.c.guild_id == branch.c.guild_id, change.c.branch_id == branch.c.id, change.c.id > bindparam("after"))
)
_FREE = select(branch.c.id).where(branch.c.guild_id == bindparam("guild"), branch.c.id.in_(_THESE), ~_USED)
_DELETE_BRANCHES = delete(branch).where(branch.c.guild_id == bindparam("guild"), branch.c.id.in_(_THESE))


async def lines_since(c: AsyncConnection, guild_id: int, ids: Iterable[int], after: int) -> list[tuple[int, int]]:
    """The lines of the open log on these chapters after this one, each with its chapter."""
    found: list[tuple[int, int]] = []
    for some in in_parts(ids):
        found += [(row.id, row.chapter_id) for row in await c.execute(_LINES, {"guild": guild_id, "these": some, "after": after})]
    return found


async def with_entries(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> set[int]:
    """Those of these chapters that somebody recorded something of."""
    asked: Any = _WITH_ENTRIES
    return {each for some in in_parts(ids) for each in await c.scalars(asked, {"guild": guild_id, "these": some})}


async def delete_chapters(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> None:
    """Takes chapters away with all that hangs on them; their lines of the open log stay."""
    for some in in_parts(ids):
        await c.execute(_DELETE_CHAPTERS, {"guild": guild_id, "these": some})


async def delete_unused_branches(c: AsyncConnection, guild_id: int, ids: Iterable[int], after: int) -> None:
    """Takes those of these branches away that nothing belongs to, and that nobody changed since this line of the open log."""
    for some in in_parts(ids):
        free = list(await c.scalars(_FREE, {"guild": guild_id, "these": some, "after": after}))
        if free:
            await c.execute(_DELETE_BRANCHES, {"guild": guild_id, "these": free})
