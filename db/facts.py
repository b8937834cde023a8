"""Standing facts of chapters and branches: dated rows, of which the newest counts."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import standing_fact

_ADD = insert(standing_fact)
_NEWEST = (
    select(standing_fact.c.value, standing_fact.c.confirmed_on)
    .where(standing_fact.c.guild_id == bindparam("guild"), standing_fact.c.key == bindparam("key"))
    .order_by(standing_fact.c.confirmed_on.desc(), standing_fact.c.id.desc())
    .limit(1)
)
_OF_CHAPTER = _NEWEST.where(standing_fact.c.chapter_id == bindparam("subject"))
_OF_BRANCH = _NEWEST.where(standing_fact.c.branch_id == bindparam("subject"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A standing fact and the day on which it was last confirmed."""

    value: str
    confirmed_on: date


async def confirm(
    c: AsyncConnection,
    guild_id: int,
    key: str,
    value: str,
    day: date,
    now: datetime,
    by: int | None,
    *,
    chapter_id: int | None = None,
    branch_id: int | None = None,
) -> None:
    """Stores a fact of a chapter or of a branch, as confirmed on a day; earlier ones stay for the days that they held."""
    fact = {
        "guild_id": guild_id,
        "chapter_id": chapter_id,
        "branch_id": branch_id,
        "key": key,
        "value": value,
        "confirmed_on": day,
        "recorded_at": now,
        "recorded_by": by,
    }
    await c.execute(_ADD, fact)


async def newest(
    c: AsyncConnection, guild_id: int, key: str, *, chapter_id: int | None = None, branch_id: int | None = None
) -> Fact | None:
    """A fact of a chapter or of a branch as it was confirmed last."""
    rows, subject = (_OF_CHAPTER, chapter_id) if branch_id is None else (_OF_BRANCH, branch_id)
    row = (await c.execute(rows, {"guild": guild_id, "key": key, "subject": subject})).one_or_none()
    return None if row is None else Fact(row.value, row.confirmed_on)
