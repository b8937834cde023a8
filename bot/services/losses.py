"""Permissions that the bot had and lost: coordinators are told once, and again only after it was given back and taken away once more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.services.organisations import Room
from db import chapters, organisations, outbox
from db.store import Connection, Store

HOME, SHUT = ":home", "shut"
"""How a channel's word goes on where it is meant as a chapter's own, and what is kept where the bot cannot write in it."""
EPOCH, TOGETHER = datetime(2000, 1, 1, tzinfo=UTC), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lost:
    """What is lacking still: in the chosen channels, and in which chapters' own channels (with their names) the bot cannot write."""

    rooms: Mapping[int, Room]
    homes: tuple[tuple[str, int], ...]


def found(rooms: Mapping[int, Room], homes: Mapping[int, bool]) -> frozenset[str]:
    """Where was looked and what is lacking there, each as one word that can be kept; `homes` says in which the bot can write."""
    chosen = {f"{channel_id}:{name}" for channel_id, room in rooms.items() for name in ("", *room.lacks)}
    own = {f"{channel_id}{HOME}:{name}" for channel_id, writes in homes.items() for name in ("", *(() if writes else (SHUT,)))}
    return frozenset(chosen | own)


async def note(store: Store, guild_id: int, found: frozenset[str], now: datetime) -> None:
    """Keeps what is lacking now; what was allowed when the bot last looked there is told to coordinators, all of a few minutes at once."""
    async with store.read() as c:
        entity = await organisations.find(c, guild_id)
    if entity is None or (entity.lacks is not None and entity.lacks.keys() == found):
        return
    async with store.write() as c:
        entity = await organisations.find(c, guild_id)
        if entity is None:
            return
        before = dict(entity.lacks or {})
        lost = {each for each in found - before.keys() if not each.endswith(":") and f"{each.rpartition(':')[0]}:" in before}
        # One category's permissions are a dozen channels', and Discord tells of each by itself.
        told_at = now - (now - EPOCH) % TOGETHER + TOGETHER
        kept = {each: str(told_at) if each in lost else before.get(each) for each in sorted(found)}
        await organisations.change(c, guild_id, {"lacks": kept})
        if lost:
            await outbox.put(c, guild_id, "lost", f"lost:{guild_id}:{told_at:%Y%m%dT%H%M}", told_at, now, told_at=str(told_at))


async def lost_still(c: Connection, guild_id: int, told_at: str) -> Lost:
    """What was to be told at this moment and is lacking still; of chapters that hide by now nothing is said."""
    entity = await organisations.find(c, guild_id)
    known = {} if entity is None or entity.lacks is None else entity.lacks
    rooms: dict[int, tuple[str, ...]] = {}
    shut = set()
    for each in (each for each, at in known.items() if at == told_at):
        place, _, name = each.rpartition(":")
        if place.endswith(HOME):
            shut.add(int(place.removesuffix(HOME)))
        else:
            rooms[int(place)] = (*rooms.get(int(place), ()), name)
    homes = tuple(each for each in await chapters.homes(c, guild_id) if each[1] in shut) if shut else ()
    return Lost({channel_id: Room(lacks=tuple(sorted(names))) for channel_id, names in sorted(rooms.items())}, homes)
