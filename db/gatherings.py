"""Gatherings of a branch, and what each chapter that was there has said to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.measures import CONFIRMED
from db.tables import branch, gathering, gathering_chapter


@dataclass(frozen=True, slots=True)
class Gathering:
    """A gathering as one chapter sees it; `confirmed` is how many chapters have confirmed it."""

    id: int
    branch: str
    day: date
    people: int | None
    delegates: int | None
    recorded_by: int | None
    state: str
    answered_by: int | None
    confirmed: int

    @property
    def counts(self) -> bool:
        """Whether enough chapters have confirmed it."""
        return self.confirmed >= CONFIRMED


_ADD = insert(gathering).returning(gathering.c.id)
_ASK = insert(gathering_chapter)


async def add(
    c: AsyncConnection,
    guild_id: int,
    branch_id: int,
    day: date,
    chapter_ids: Iterable[int],
    people: int | None,
    delegates: int | None,
    now: datetime,
    by: int | None,
) -> int:
    """Stores a gathering that these chapters are asked to confirm; returns its id."""
    row = {"guild_id": guild_id, "branch_id": branch_id, "day": day, "people": people, "delegates": delegates}
    gathering_id: int = (await c.execute(_ADD, {**row, "recorded_at": now, "recorded_by": by})).scalar_one()
    rows = [{"gathering_id": gathering_id, "chapter_id": each, "guild_id": guild_id, "state": "asked"} for each in chapter_ids]
    await c.execute(_ASK, rows)
    return gathering_id


def _confirmed() -> ScalarSelect[int]:
    """How many chapters have confirmed a gathering."""
    yes = gathering_chapter.alias("yes")
    counted = select(func.count()).where(yes.c.gathering_id == gathering.c.id, yes.c.state == "confirmed")
    return counted.correlate(gathering).scalar_subquery()


_FOUND = (
    select(
        gathering.c.id,
        branch.c.name.label("branch"),
        gathering.c.day,
        gathering.c.people,
        gathering.c.delegates,
        gathering.c.recorded_by,
        gathering_chapter.c.state,
        gathering_chapter.c.answered_by,
        _confirmed().label("confirmed"),
    )
    .join(branch, branch.c.id == gathering.c.branch_id)
    .join(gathering_chapter, gathering_chapter.c.gathering_id == gathering.c.id)
    .where(
        gathering.c.guild_id == bindparam("guild"),
        gathering.c.id == bindparam("gathering"),
        gathering_chapter.c.chapter_id == bindparam("chapter"),
    )
)
_ANSWER = update(gathering_chapter).where(
    gathering_chapter.c.guild_id == bindparam("guild"),
    gathering_chapter.c.gathering_id == bindparam("gathering"),
    gathering_chapter.c.chapter_id == bindparam("chapter"),
)
_NEWEST = (
    select(branch.c.name, func.max(gathering.c.day).label("day"))
    .join(gathering, gathering.c.branch_id == branch.c.id)
    .where(
        branch.c.guild_id == bindparam("guild"), gathering.c.day.between(bindparam("first"), bindparam("until")), _confirmed() >= CONFIRMED
    )
    .group_by(branch.c.id)
    .order_by(branch.c.name)
)


async def find(c: AsyncConnection, guild_id: int, gathering_id: int, chapter_id: int) -> Gathering | None:
    """A gathering that this chapter was asked about."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "gathering": gathering_id, "chapter": chapter_id})).one_or_none()
    return None if row is None else Gathering(**row._mapping)


async def answer(c: AsyncConnection, guild_id: int, gathering_id: int, chapter_id: int, state: str, now: datetime, by: int | None) -> None:
    """Stores what a chapter says to a gathering."""
    said = {"state": state, "answered_at": now, "answered_by": by}
    await c.execute(_ANSWER, {"guild": guild_id, "gathering": gathering_id, "chapter": chapter_id, **said})


async def newest_of_branches(c: AsyncConnection, guild_id: int, first: date, until: date) -> list[tuple[str, date]]:
    """Each branch with a gathering in these days that counts, by name, and the day of its newest."""
    rows = await c.execute(_NEWEST, {"guild": guild_id, "first": first, "until": until})
    return [(row.name, row.day) for row in rows]
