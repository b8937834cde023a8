"""A whole organisation goes: every row of every table that is its own, and none of another's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import chapter, metadata, organisation, pending, upkeep

AT_ONCE = 50
"""Chapters that go in one transaction, with all that is theirs: others may write in between."""


@dataclass(frozen=True, slots=True)
class Known:
    """An organisation, how many chapters it has, and since when the bot is out of its server."""

    guild_id: int
    chapters: int
    removed_at: datetime | None


async def known(c: AsyncConnection) -> list[Known]:
    """Every organisation."""
    count = select(func.count()).where(chapter.c.guild_id == organisation.c.guild_id).scalar_subquery()
    rows = await c.execute(select(organisation.c.guild_id, count, organisation.c.removed_at).order_by(organisation.c.guild_id))
    return [Known(*row) for row in rows]


async def note_removed(c: AsyncConnection, guild_ids: Iterable[int], now: datetime) -> None:
    """Notes since when the bot is out of these servers; the first such moment stays."""
    gone = organisation.c.guild_id.in_(list(guild_ids))
    await c.execute(update(organisation).where(gone, organisation.c.removed_at.is_(None)).values(removed_at=now))


async def note_there(c: AsyncConnection, guild_ids: Iterable[int]) -> None:
    """Notes that the bot is in these servers."""
    await c.execute(update(organisation).where(organisation.c.guild_id.in_(list(guild_ids))).values(removed_at=None))


async def is_removed(c: AsyncConnection, guild_id: int) -> bool:
    """Whether the bot was last seen to be taken out of this server."""
    noted = select(organisation.c.removed_at).where(organisation.c.guild_id == guild_id)
    return await c.scalar(noted) is not None


async def removed_before(c: AsyncConnection, moment: datetime) -> list[int]:
    """The servers that the bot was taken out of before this moment."""
    return list(await c.scalars(select(organisation.c.guild_id).where(organisation.c.removed_at <= moment)))


async def forget_some(c: AsyncConnection, guild_id: int) -> bool:
    """Deletes some chapters with all that is theirs; says whether there may be more."""
    few = select(chapter.c.id).where(chapter.c.guild_id == guild_id).limit(AT_ONCE)
    return (await c.execute(delete(chapter).where(chapter.c.id.in_(few)))).rowcount == AT_ONCE


async def forget_rest(c: AsyncConnection, guild_id: int) -> None:
    """Deletes the organisation and all that is left of it, and what the program noted about its own care for it."""
    await c.execute(delete(organisation).where(organisation.c.guild_id == guild_id))
    await c.execute(delete(pending).where(pending.c.guild_id == guild_id))
    for row in (await c.execute(select(upkeep.c.task, upkeep.c.detail))).all():
        if isinstance(row.detail, dict) and str(guild_id) in row.detail:
            left = {server: each for server, each in row.detail.items() if server != str(guild_id)}
            await c.execute(update(upkeep).where(upkeep.c.task == row.task).values(detail=left))


async def rows_of(c: AsyncConnection, guild_id: int) -> dict[str, int]:
    """How many rows each table has of a server."""
    tables = [table for table in metadata.sorted_tables if "guild_id" in table.c]
    return {table.name: await c.scalar(select(func.count()).where(table.c.guild_id == guild_id)) or 0 for table in tables}
