"""Entries that wait for a person's next click; nothing here is older than a day for long."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, delete, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from db.statements import insert_or
from db.tables import pending
from db.types import Snowflake

_HERE = (pending.c.form_key == bindparam("form"), pending.c.guild_id.is_not_distinct_from(bindparam("guild", type_=Snowflake)))
_KEEP = insert_or(pending).on_conflict_do_nothing()
_FIND = select(pending.c.entry).where(*_HERE, pending.c.user_id == bindparam("user"), pending.c.created_at >= bindparam("since"))
_DROP = delete(pending).where(*_HERE)
# Written with sorted keys, so that the address comes first: nothing that somebody typed can pass for it.
_DROP_SENT_TO = delete(pending).where(
    or_(pending.c.guild_id == bindparam("guild", type_=Snowflake), pending.c.guild_id.is_(None)),
    type_coerce(pending.c.entry, String).startswith(bindparam("beginning", type_=String)),
)
_DROP_OLDER = delete(pending).where(pending.c.created_at < bindparam("than"))


async def keep(c: AsyncConnection, guild_id: int | None, form_key: str, user_id: int, entry: dict[str, Any], now: datetime) -> None:
    """Keeps an entry under its form's key; the same form again changes nothing."""
    values = {"form_key": form_key, "guild_id": guild_id, "user_id": user_id, "entry": entry, "created_at": now}
    await c.execute(_KEEP, values)


async def find(c: AsyncConnection, guild_id: int | None, form_key: str, user_id: int, since: datetime) -> dict[str, Any] | None:
    """The entry that this person left under this key, if it is not older than `since`."""
    asked = {"form": form_key, "guild": guild_id, "user": user_id, "since": since}
    found: dict[str, Any] | None = await c.scalar(_FIND, asked)
    return found


async def drop(c: AsyncConnection, guild_id: int | None, form_key: str) -> None:
    """Forgets one entry."""
    await c.execute(_DROP, {"form": form_key, "guild": guild_id})


async def drop_sent_to(c: AsyncConnection, guild_id: int, address: str) -> None:
    """Forgets what anybody typed into forms whose address begins like this, in this organisation or in direct messages."""
    await c.execute(_DROP_SENT_TO, {"guild": guild_id, "beginning": '{"address":' + json.dumps(f"{address}:")[:-1]})


async def drop_older(c: AsyncConnection, than: datetime) -> None:
    """Forgets every entry older than this."""
    await c.execute(_DROP_OLDER, {"than": than})
