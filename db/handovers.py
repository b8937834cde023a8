"""Chapters that one facilitator offered to another person, and what was written to go with it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import handover
from db.types import Instant, Snowflake

_GUILD = bindparam("guild", type_=Snowflake)


@dataclass(frozen=True, slots=True)
class Handover:
    """A chapter that one facilitator offered to another person; `accepted` is None while it waits."""

    id: int
    guild_id: int
    chapter_id: int
    from_user: int
    to_user: int
    note: str | None
    offered_at: datetime
    accepted: bool | None
    answered_at: datetime | None


_OFFER = insert(handover).returning(handover.c.id)
_GUILD_OF = select(handover.c.guild_id).where(handover.c.id == bindparam("offer"))
_OFFERS = select(handover).where(handover.c.guild_id == _GUILD)
_FOUND = _OFFERS.where(handover.c.id == bindparam("offer"))
_OPEN = (
    _OFFERS.where(handover.c.chapter_id == bindparam("chapter"), handover.c.from_user == bindparam("by"))
    .where(handover.c.answered_at.is_(None))
    .order_by(handover.c.id)
)
_ANSWER = update(handover).where(handover.c.guild_id == _GUILD, handover.c.id == bindparam("offer"))
_FORGET_NOTES = (
    update(handover).where(handover.c.note.isnot(None), handover.c.offered_at <= bindparam("before", type_=Instant)).values(note=None)
)


async def offer(c: AsyncConnection, guild_id: int, chapter_id: int, from_user: int, to_user: int, note: str | None, now: datetime) -> int:
    """Stores an offer; returns its id."""
    people = {"from_user": from_user, "to_user": to_user}
    made = await c.execute(_OFFER, {"guild_id": guild_id, "chapter_id": chapter_id, **people, "note": note, "offered_at": now})
    new: int = made.scalar_one()
    return new


async def guild_of(c: AsyncConnection, handover_id: int) -> int | None:
    """The organisation that an offer belongs to: for buttons pressed in direct messages."""
    found: int | None = await c.scalar(_GUILD_OF, {"offer": handover_id})
    return found


async def find(c: AsyncConnection, guild_id: int, handover_id: int) -> Handover | None:
    """One offer of this organisation."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "offer": handover_id})).one_or_none()
    return None if row is None else Handover(**row._mapping)


async def open_by(c: AsyncConnection, guild_id: int, chapter_id: int, from_user: int) -> list[Handover]:
    """The offers of this chapter by this person that wait for an answer."""
    rows = await c.execute(_OPEN, {"guild": guild_id, "chapter": chapter_id, "by": from_user})
    return [Handover(**row._mapping) for row in rows]


async def answer(c: AsyncConnection, guild_id: int, handover_id: int, accepted: bool | None, now: datetime) -> None:
    """Closes an offer: accepted, declined, or (None) withdrawn by the one who made it; its note stays with one that is accepted."""
    values = {"accepted": accepted, "answered_at": now} | ({} if accepted else {"note": None})
    await c.execute(_ANSWER, {"guild": guild_id, "offer": handover_id, **values})


async def forget_notes(c: AsyncConnection, before: datetime) -> None:
    """Deletes the notes that were written until then."""
    await c.execute(_FORGET_NOTES, {"before": before})
