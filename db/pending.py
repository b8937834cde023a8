"""Entries that wait for a person's next click; nothing here is older than a day for long."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.statements import insert_or
from db.tables import pending


async def keep(c: AsyncConnection, guild_id: int | None, form_key: str, user_id: int, entry: dict[str, Any], now: datetime) -> None:
    """Keeps an entry under its form's key; the same form again changes nothing."""
    await c.execute(
        insert_or(pending)
        .values(form_key=form_key, guild_id=guild_id, user_id=user_id, entry=entry, created_at=now)
        .on_conflict_do_nothing()
    )


async def find(c: AsyncConnection, guild_id: int | None, form_key: str, user_id: int, since: datetime) -> dict[str, Any] | None:
    """The entry that this person left under this key, if it is not older than `since`."""
    found: dict[str, Any] | None = await c.scalar(
        select(pending.c.entry).where(
            pending.c.form_key == form_key,
            pending.c.guild_id.is_not_distinct_from(guild_id),
            pending.c.user_id == user_id,
            pending.c.created_at >= since,
        )
    )
    return found


async def drop(c: AsyncConnection, guild_id: int | None, form_key: str) -> None:
    """Forgets one entry."""
    await c.execute(delete(pending).where(pending.c.form_key == form_key, pending.c.guild_id.is_not_distinct_from(guild_id)))


async def drop_older(c: AsyncConnection, than: datetime) -> None:
    """Forgets every entry older than this."""
    await c.execute(delete(pending).where(pending.c.created_at < than))
