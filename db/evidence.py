"""What check-ins count for: rows derived from them, for the chapter itself and for each partner that confirmed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.checkins import CheckIn, PartnerState, brings_together, teaches
from bot.domain.functioning import Criterion
from bot.domain.policy import Policy
from db import checkins
from db.checkins import Partner, Stored
from db.tables import evidence

_ADD = insert(evidence)
_REMOVE = delete(evidence).where(evidence.c.guild_id == bindparam("guild"))
_OF_CHECKIN = _REMOVE.where(evidence.c.checkin_id == bindparam("checkin"))
_OF_CHAPTER = _REMOVE.where(evidence.c.chapter_id == bindparam("chapter"), evidence.c.checkin_id.isnot(None))


async def of_new_checkin(c: AsyncConnection, stored: Stored, partners: Iterable[Partner], policy: Policy) -> None:
    """Writes what a check-in counts for, for itself and the partners that have confirmed it, while nothing is written of it yet."""
    confirmed = [partner.chapter_id for partner in partners if partner.state is PartnerState.CONFIRMED]
    entries = [(chapter_id, stored.id, stored.entry) for chapter_id in (stored.chapter_id, *confirmed)]
    await _write(c, stored.guild_id, entries, policy)


async def of_checkin(c: AsyncConnection, stored: Stored, partners: Iterable[Partner], policy: Policy) -> None:
    """Writes anew what one check-in counts for, from its current version and the partners that have confirmed it."""
    await c.execute(_OF_CHECKIN, {"guild": stored.guild_id, "checkin": stored.id})
    if not stored.withdrawn:
        await of_new_checkin(c, stored, partners, policy)


async def rebuild(c: AsyncConnection, guild_id: int, chapter_id: int, policy: Policy) -> None:
    """Writes anew what all check-ins count for one chapter; what its reports count for was fixed when they were first published."""
    await c.execute(_OF_CHAPTER, {"guild": guild_id, "chapter": chapter_id})
    entries = await checkins.counted(c, guild_id, chapter_id)
    await _write(c, guild_id, [(chapter_id, checkin_id, entry) for checkin_id, entry in entries], policy)


async def _write(c: AsyncConnection, guild_id: int, entries: Iterable[tuple[int, int, CheckIn]], policy: Policy) -> None:
    rows = derived(guild_id, entries, policy)
    if rows:
        await c.execute(_ADD, rows)


def derived(guild_id: int, entries: Iterable[tuple[int, int, CheckIn]], policy: Policy) -> list[dict[str, Any]]:
    """The rows that check-ins come to: each given with the chapter that it counts for and its own id."""
    return [
        {
            "guild_id": guild_id,
            "chapter_id": chapter_id,
            "criterion": criterion.value,
            "day": entry.day,
            "known_on": entry.day,
            "amount": 1,
            "checkin_id": checkin_id,
        }
        for chapter_id, checkin_id, entry in entries
        for criterion in _criteria(entry, policy)
    ]


def _criteria(entry: CheckIn, policy: Policy) -> list[Criterion]:
    together = [Criterion.TOGETHER] if brings_together(entry, policy) else []
    return together + ([Criterion.LEARNS] if teaches(entry) else [])
