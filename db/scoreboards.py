"""Where each organisation's scoreboard stands, what it shows, and when its figures are next looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.statements import insert_or
from db.tables import scoreboard


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """One message that is brought up to date; without `message_id` it is still to be posted, without `next_at` it could not be."""

    guild_id: int
    channel_id: int
    message_id: int | None
    pinned: bool | None
    figures: str | None
    next_at: datetime | None


_FOUND = select(scoreboard).where(scoreboard.c.guild_id == bindparam("guild"))
_DUE = select(scoreboard.c.guild_id).where(scoreboard.c.next_at <= bindparam("now")).order_by(scoreboard.c.next_at)
_NEW = insert_or(scoreboard)
_PUT = _NEW.on_conflict_do_update(
    index_elements=[scoreboard.c.guild_id],
    set_={name: _NEW.excluded[name] for name in ("channel_id", "message_id", "pinned", "figures", "next_at")},
)
_CHANGE = update(scoreboard).where(scoreboard.c.guild_id == bindparam("guild"))
_DROP = delete(scoreboard).where(scoreboard.c.guild_id == bindparam("guild"))


async def find(c: AsyncConnection, guild_id: int) -> Scoreboard | None:
    """The organisation's scoreboard, if it has one."""
    row = (await c.execute(_FOUND, {"guild": guild_id})).one_or_none()
    return None if row is None else Scoreboard(**row._mapping)


async def due(c: AsyncConnection, now: datetime) -> list[int]:
    """The servers whose figures are to be looked at, the longest waiting first."""
    return list(await c.scalars(_DUE, {"now": now}))


async def put(c: AsyncConnection, board: Scoreboard) -> None:
    """Stores where a scoreboard stands, in place of where it stood."""
    await c.execute(
        _PUT,
        {
            "guild_id": board.guild_id,
            "channel_id": board.channel_id,
            "message_id": board.message_id,
            "pinned": board.pinned,
            "figures": board.figures,
            "next_at": board.next_at,
        },
    )


async def change(c: AsyncConnection, guild_id: int, **values: Any) -> None:
    """Stores the given columns."""
    await c.execute(_CHANGE, {"guild": guild_id, **values})


async def drop(c: AsyncConnection, guild_id: int) -> None:
    """Forgets a scoreboard."""
    await c.execute(_DROP, {"guild": guild_id})
