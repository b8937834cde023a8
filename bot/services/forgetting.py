"""Servers that the bot was taken out of: kept 30 days for a mistake, then forgotten with all that is theirs."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from db import forgetting as stored
from db.store import Store

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)


async def removed(store: Store, guild_id: int, now: datetime) -> None:
    """Notes that the bot was taken out of a server."""
    async with store.write() as c:
        await stored.note_removed(c, [guild_id], now)


async def there(store: Store, guild_id: int) -> None:
    """Notes that the bot is in a server again."""
    async with store.read() as c:
        away = await stored.is_removed(c, guild_id)
    if away:
        async with store.write() as c:
            await stored.note_there(c, [guild_id])


async def look(store: Store, is_in: Callable[[int], bool], now: datetime) -> None:
    """Compares what is stored with the servers that the bot is in: what happened while it was stopped, nobody told it."""
    async with store.read() as c:
        known = await stored.known(c)
    gone = [each.guild_id for each in known if each.removed_at is None and not is_in(each.guild_id)]
    back = [each.guild_id for each in known if each.removed_at is not None and is_in(each.guild_id)]
    if gone or back:
        async with store.write() as c:
            await stored.note_removed(c, gone, now)
            await stored.note_there(c, back)


async def forget_removed(store: Store, now: datetime) -> None:
    """Forgets every server that the bot was taken out of 30 days ago."""
    async with store.read() as c:
        due = await stored.removed_before(c, now - KEPT)
    for guild_id in due:
        await forget(store, guild_id)
        log.info("a server that the bot was taken out of 30 days ago is forgotten")


async def find(store: Store, guild_id: int) -> stored.Known | None:
    """What is stored of a server, None if nothing is."""
    async with store.read() as c:
        return next((each for each in await stored.known(c) if each.guild_id == guild_id), None)


async def forget(store: Store, guild_id: int) -> None:
    """Deletes every row of a server; what an interruption leaves is deleted the next time."""
    more = True
    while more:
        async with store.write() as c:
            more = await stored.forget_some(c, guild_id)
    async with store.write() as c:
        await stored.forget_rest(c, guild_id)
    await store.empty_log()
