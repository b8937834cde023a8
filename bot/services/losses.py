"""Permissions that the bot had and lost: coordinators are told once, and again only after it was given back and taken away once more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.services.organisations import Room
from db import organisations, outbox
from db.store import Connection, Store


def lacking(rooms: Mapping[int, Room]) -> frozenset[str]:
    """What is lacking where, each as one word that can be kept."""
    return frozenset(f"{channel_id}:{name}" for channel_id, room in rooms.items() for name in room.lacks)


async def note(store: Store, guild_id: int, found: frozenset[str], now: datetime) -> bool:
    """Keeps what is lacking now, and owes coordinators a word of what was allowed at the last look; the first look tells nobody."""
    async with store.read() as c:
        entity = await organisations.find(c, guild_id)
    if entity is None or (entity.lacks is not None and set(entity.lacks) == found):
        return False
    async with store.write() as c:
        entity = await organisations.find(c, guild_id)
        if entity is None:
            return False
        lost = sorted(found - set(entity.lacks)) if entity.lacks is not None else []
        await organisations.change(c, guild_id, {"lacks": sorted(found)})
        if lost:
            key = f"lost:{guild_id}:{now:%Y%m%dT%H%M%S%f}"
            await outbox.put(c, guild_id, "lost", key, now, now, lacks=lost)
    return bool(lost)


async def lost_still(c: Connection, guild_id: int, lost: Iterable[str]) -> dict[int, Room]:
    """What of this is lacking still, by channel."""
    entity = await organisations.find(c, guild_id)
    known = set() if entity is None else set(entity.lacks or ())
    found: dict[int, tuple[str, ...]] = {}
    for each in lost:
        channel_id, _, name = each.partition(":")
        if each in known:
            found[int(channel_id)] = (*found.get(int(channel_id), ()), name)
    return {channel_id: Room(lacks=names) for channel_id, names in found.items()}
