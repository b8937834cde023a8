"""Chapters by what is typed of their names, which are compared as they are folded; archived ones are never named."""

from collections.abc import Iterable

from sqlalchemy import Integer, String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.chapters import visible_to
from db.tables import chapter
from db.types import Snowflake

NOBODY = 0
"""No person's id: who asks with it is shown no hidden chapter."""
_BEYOND = "\U0010ffff"

# These are asked at every letter that somebody types, so they are put together once.
_HERE = chapter.c.guild_id == bindparam("guild")
_SEEN = (chapter.c.archived_at.is_(None), visible_to(bindparam("user", type_=Snowflake)))
_BEGINNING = (
    select(chapter.c.name)
    .where(_HERE, chapter.c.folded >= bindparam("wanted", type_=String), chapter.c.folded < bindparam("beyond", type_=String), *_SEEN)
    .order_by(chapter.c.folded)
    .limit(bindparam("most", type_=Integer))
)
_EVERY = select(func.aggregate_strings(chapter.c.folded, "\n")).where(_HERE)
_CALLED = select(chapter.c.folded, chapter.c.name).where(_HERE, chapter.c.folded.in_(bindparam("names", expanding=True)), *_SEEN)


async def beginning(c: AsyncConnection, guild_id: int, user_id: int, wanted: str, limit: int) -> list[str]:
    """The names of chapters that this person may see that begin so, in their order."""
    asked = {"guild": guild_id, "user": user_id, "wanted": wanted, "beyond": wanted + _BEYOND, "most": limit}
    return list(await c.scalars(_BEGINNING, asked))


async def every(c: AsyncConnection, guild_id: int) -> list[str]:
    """All folded names, in no order, those of hidden and archived chapters too: to be compared with, never to be shown."""
    # One long text costs a fraction of so many rows.
    names: str | None = await c.scalar(_EVERY, {"guild": guild_id})
    return names.split("\n") if names else []


async def called(c: AsyncConnection, guild_id: int, user_id: int, folded: Iterable[str]) -> dict[str, str]:
    """Of these folded names, those whose chapters this person may see, with the names as they are written."""
    rows = await c.execute(_CALLED, {"guild": guild_id, "user": user_id, "names": list(folded)})
    return {row.folded: row.name for row in rows}
