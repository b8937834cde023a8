"""What check-ins may count for: rows derived from them, for the chapter itself and for each partner that confirmed.

Which of them count for *comes together* is asked of the policy when they are read: so a past day is judged by the policy of its day.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, delete, insert, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.checkins import CheckIn, PartnerState, teaches
from bot.domain.functioning import Criterion
from bot.domain.policy import Policy
from db import checkins
from db.checkins import Partner, Stored
from db.tables import evidence

_ADD = insert(evidence)
_REMOVE = delete(evidence).where(evidence.c.guild_id == bindparam("guild"))
_OF_CHECKIN = _REMOVE.where(evidence.c.checkin_id == bindparam("checkin"))
_OF_CHAPTER = _REMOVE.where(evidence.c.chapter_id == bindparam("chapter"), evidence.c.checkin_id.isnot(None))


async def of_new_checkin(c: AsyncConnection, stored: Stored, partners: Iterable[Partner]) -> None:
    """Writes what a check-in counts for, for itself and the partners that have confirmed it, while nothing is written of it yet."""
    confirmed = [partner.chapter_id for partner in partners if partner.state is PartnerState.CONFIRMED]
    entries = [(chapter_id, stored.id, stored.entry) for chapter_id in (stored.chapter_id, *confirmed)]
    await _write(c, stored.guild_id, entries)


async def of_checkin(c: AsyncConnection, stored: Stored, partners: Iterable[Partner]) -> None:
    """Writes anew what one check-in counts for, from its current version and the partners that have confirmed it."""
    await c.execute(_OF_CHECKIN, {"guild": stored.guild_id, "checkin": stored.id})
    if not stored.withdrawn:
        await of_new_checkin(c, stored, partners)


async def rebuild(c: AsyncConnection, guild_id: int, chapter_id: int) -> None:
    """Writes anew what all check-ins count for one chapter; what its reports count for was fixed when they were first published."""
    await c.execute(_OF_CHAPTER, {"guild": guild_id, "chapter": chapter_id})
    entries = await checkins.counted(c, guild_id, chapter_id)
    await _write(c, guild_id, [(chapter_id, checkin_id, entry) for checkin_id, entry in entries])


async def _write(c: AsyncConnection, guild_id: int, entries: Iterable[tuple[int, int, CheckIn]]) -> None:
    rows = derived(guild_id, entries)
    if rows:
        await c.execute(_ADD, rows)


def derived(guild_id: int, entries: Iterable[tuple[int, int, CheckIn]]) -> list[dict[str, Any]]:
    """The rows that check-ins come to: each given with the chapter that it counts for and its own id."""
    return [
        {
            "guild_id": guild_id,
            "chapter_id": chapter_id,
            "criterion": criterion.value,
            "day": entry.day,
            "known_on": entry.day,
            "amount": 1,
            "kind": entry.kind.value,
            "people": entry.people,
            "checkin_id": checkin_id,
        }
        for chapter_id, checkin_id, entry in entries
        for criterion in _criteria(entry)
    ]


def _criteria(entry: CheckIn) -> list[Criterion]:
    return [Criterion.TOGETHER, *([Criterion.LEARNS] if teaches(entry) else [])]


def counting(criterion: Criterion, of: FromClause = evidence) -> list[ColumnElement[bool]]:
    """What `functioning.counts` says, in SQL, of a statement that is run with `counted_by`."""
    if criterion is not Criterion.TOGETHER:
        return []
    kinds = or_(of.c.kind.is_(None), of.c.kind.in_(bindparam("together_kinds", expanding=True)))
    return [kinds, or_(of.c.people.is_(None), of.c.people >= bindparam("together_people"))]


def counted_by(policy: Policy) -> dict[str, Any]:
    """What a policy says of which evidence counts, for statements with such conditions."""
    return {"together_kinds": policy.together_kinds, "together_people": policy.together_people}
