"""Facilitators who are away: until when, who stands in for them, and what that means for whose chapters somebody reads of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import absence, facilitator
from db.types import Id, Instant, Snowflake


@dataclass(frozen=True, slots=True)
class Absence:
    """A facilitator who is away until the day on which they are back; `accepted` is None while the stand-in has not answered."""

    id: int
    guild_id: int
    user_id: int
    until: date
    ends_at: datetime
    stand_in: int | None
    accepted: bool | None
    answered_at: datetime | None


_GUILD, _NOW = bindparam("guild", type_=Snowflake), bindparam("now", type_=Instant)
_OF_GUILD = select(absence).where(absence.c.guild_id == _GUILD)
_LASTS = (absence.c.guild_id == _GUILD, absence.c.ends_at > _NOW)
_ALL = select(absence).where(*_LASTS).order_by(absence.c.user_id, absence.c.id)
_FOUND = _OF_GUILD.where(absence.c.id == bindparam("of"))
_GUILD_OF = select(absence.c.guild_id).where(absence.c.id == bindparam("of"))
_ADD = insert(absence).returning(absence.c.id)
_CHANGE = update(absence).where(absence.c.guild_id == _GUILD, absence.c.id == bindparam("of"))
_OF_CHAPTERS = (
    select(facilitator.c.chapter_id, absence)
    .join(facilitator, and_(facilitator.c.guild_id == absence.c.guild_id, facilitator.c.user_id == absence.c.user_id))
    .where(*_LASTS, facilitator.c.chapter_id.in_(bindparam("chapters", type_=Id, expanding=True)))
    .order_by(absence.c.user_id)
)


async def in_force(c: AsyncConnection, guild_id: int, now: datetime) -> list[Absence]:
    """Who is away at this moment."""
    return [Absence(**row._mapping) for row in await c.execute(_ALL, {"guild": guild_id, "now": now})]


async def of_chapters(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int], now: datetime) -> dict[int, tuple[Absence, ...]]:
    """Who of these chapters' own facilitators is away at this moment."""
    found: dict[int, tuple[Absence, ...]] = {}
    for row in await c.execute(_OF_CHAPTERS, {"guild": guild_id, "chapters": chapter_ids, "now": now}):
        values: dict[str, Any] = {name: value for name, value in row._mapping.items() if name != "chapter_id"}
        found[row.chapter_id] = (*found.get(row.chapter_id, ()), Absence(**values))
    return found


async def find(c: AsyncConnection, guild_id: int, absence_id: int) -> Absence | None:
    """One absence of this organisation."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "of": absence_id})).one_or_none()
    return None if row is None else Absence(**row._mapping)


async def guild_of(c: AsyncConnection, absence_id: int) -> int | None:
    """The organisation that an absence belongs to: for buttons pressed in direct messages."""
    found: int | None = await c.scalar(_GUILD_OF, {"of": absence_id})
    return found


async def add(
    c: AsyncConnection,
    guild_id: int,
    user_id: int,
    until: date,
    ends_at: datetime,
    stand_in: int | None,
    accepted: bool | None = None,
    answered_at: datetime | None = None,
) -> int:
    """Stores that somebody is away from now on; returns its id."""
    row = {"guild_id": guild_id, "user_id": user_id, "until": until, "ends_at": ends_at, "stand_in": stand_in}
    new: int = (await c.execute(_ADD, {**row, "accepted": accepted, "answered_at": answered_at})).scalar_one()
    return new


async def change(c: AsyncConnection, guild_id: int, absence_id: int, **values: Any) -> None:
    """Stores the given columns of one absence."""
    await c.execute(_CHANGE, {"guild": guild_id, "of": absence_id, **values})


# Whose chapters somebody reads of: conditions for statements that bind `guild` and `now`


def _is_away(person: ColumnElement[int]) -> ColumnElement[bool]:
    other = absence.alias("other")
    return select(other.c.id).where(other.c.guild_id == _GUILD, other.c.user_id == person, other.c.ends_at > _NOW).exists()


def reads_for(reader: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a facilitator's chapters are this reader's to look at: their own, and those of whom they stand in for."""
    stood_in_for = select(absence.c.user_id).where(*_LASTS, absence.c.stand_in == reader, absence.c.accepted)
    return or_(facilitator.c.user_id == reader, facilitator.c.user_id.in_(stood_in_for))


def is_there() -> ColumnElement[bool]:
    """Whether a facilitator, or somebody who stands in for them and is not away as well, is there to look at their chapters."""
    stood_in = and_(absence.c.accepted, not_(_is_away(absence.c.stand_in)))
    uncovered = select(absence.c.id).where(
        *_LASTS, absence.c.user_id == facilitator.c.user_id, or_(absence.c.accepted.is_(None), not_(stood_in))
    )
    return not_(uncovered.correlate(facilitator).exists())
