"""What is stuck in the outbox: shown to those it concerns, and told to facilitators once."""

from datetime import datetime

from bot.domain import errands, stuck
from bot.domain.stuck import Stuck
from db import chapters, facilitation, organisations, outbox, people
from db.organisations import Organisation
from db.outbox import Errand
from db.store import Connection

CHANNEL = 0
"""Stands for the facilitators' channel among those who are told."""


async def of(c: Connection, guild_id: int, reader: int, now: datetime) -> tuple[Stuck, ...]:
    """What is stuck, but for what concerns chapters that this person may not see."""
    found = await outbox.stuck(c, guild_id, now - stuck.KNOWN_FOR, now - stuck.WAITS, stuck.TRIES)
    return await _named(c, guild_id, found, reader)


async def _named(c: Connection, guild_id: int, found: list[outbox.Undelivered], reader: int | None) -> tuple[Stuck, ...]:
    ids = sorted({each.chapter_id for each in found if each.chapter_id is not None})
    names = await facilitation.names(c, guild_id, ids, reader) if ids else {}
    return tuple(
        Stuck(each.kind, names.get(each.chapter_id or 0), each.reason or "", each.since, each.waits)
        for each in found
        if each.chapter_id is None or each.chapter_id in names
    )


async def owe_word(c: Connection, errand: Errand, reason: str, now: datetime) -> None:
    """Has those be told whom a message that reached nobody concerns: once, the next time there could be a digest."""
    organisation = await organisations.find(c, errand.guild_id)
    if organisation is None or not stuck.is_told(errand.kind, reason):
        return
    policy = await organisations.policy_in_force(c, errand.guild_id)
    due = errands.next_word(now, policy, organisation.zone)
    for reader in await _readers(c, errand):
        key = f"undelivered:{due:%Y-%m-%d}:{reader}"
        await outbox.put(c, errand.guild_id, "undelivered", key, due, now, user_id=reader)


async def _readers(c: Connection, errand: Errand) -> list[int]:
    """The facilitators' channel; of a hidden chapter, which is named to no others, its own facilitators."""
    chapter = None if errand.chapter_id is None else await chapters.find(c, errand.guild_id, errand.chapter_id)
    if chapter is None or not chapter.hidden:
        return [CHANNEL]
    _, facilitators = await people.of(c, errand.guild_id, chapter.id)
    return list(facilitators)


async def to_tell(c: Connection, organisation: Organisation, reader: int, now: datetime) -> tuple[Stuck, ...]:
    """What was refused and nobody was told of yet: for the channel what all may know of, for a facilitator their hidden chapters'."""
    found = await _untold(c, organisation.guild_id, reader, now)
    return await _named(c, organisation.guild_id, found, reader or None)


async def _untold(c: Connection, guild_id: int, reader: int, now: datetime) -> list[outbox.Undelivered]:
    found = [each for each in await outbox.untold(c, guild_id, now - stuck.KNOWN_FOR) if stuck.is_told(each.kind, each.reason or "")]
    ids = sorted({each.chapter_id for each in found if each.chapter_id is not None})
    open_to_all = set(await facilitation.names(c, guild_id, ids, None)) if ids else set()
    return [each for each in found if (each.chapter_id is None or each.chapter_id in open_to_all) is (reader == CHANNEL)]


async def told(c: Connection, errand: Errand, now: datetime) -> None:
    """Notes that these readers know."""
    reader = errand.payload["user_id"]
    seen = await _untold(c, errand.guild_id, reader, now)
    if reader != CHANNEL:
        names = await facilitation.names(c, errand.guild_id, sorted({each.chapter_id or 0 for each in seen}), reader)
        seen = [each for each in seen if each.chapter_id in names]
    await outbox.note_told(c, errand.guild_id, [each.id for each in seen if each.since <= now], now)
