"""Branches as they are looked up and changed: how many chapters each has, and how its gatherings stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chapters import Visibility
from db.chapters import visible_to
from db.measures import CONFIRMED
from db.tables import branch, chapter, gathering, gathering_chapter
from db.types import Snowflake


@dataclass(frozen=True, slots=True)
class Counted:
    """How many chapters a branch has that are not archived: all of them, and those that somebody may see."""

    whole: int
    seen: int


@dataclass(frozen=True, slots=True)
class Held:
    """A gathering of a branch: whether it counts, and of its chapters that somebody may see how many were asked and have confirmed it."""

    branch_id: int
    day: date
    counts: bool
    confirmed: int
    asked: int


_SEEN = visible_to(bindparam("user", type_=Snowflake))
_OF: BindParameter[int] = bindparam("branches", expanding=True)
_CHANGE = update(branch).where(branch.c.guild_id == bindparam("guild"), branch.c.id == bindparam("of"))
_COUNTED = (
    select(chapter.c.branch_id, func.count().label("whole"), func.count(case((_SEEN, 1))).label("seen"))
    .where(chapter.c.guild_id == bindparam("guild"), chapter.c.branch_id.in_(_OF), chapter.c.archived_at.is_(None))
    .group_by(chapter.c.branch_id)
)
_LARGEST = (
    select(branch.c.name)
    .outerjoin(
        chapter, and_(chapter.c.branch_id == branch.c.id, chapter.c.archived_at.is_(None), chapter.c.visibility != Visibility.HIDDEN.value)
    )
    .where(branch.c.guild_id == bindparam("guild"))
    .group_by(branch.c.id)
    .order_by(func.count(chapter.c.id).desc(), branch.c.name)
    .limit(bindparam("most", type_=Integer))
)
_NAMES = (
    select(chapter.c.name)
    .where(
        chapter.c.guild_id == bindparam("guild"),
        chapter.c.branch_id.in_(_OF),
        chapter.c.archived_at.is_(None),
        chapter.c.visibility != Visibility.HIDDEN.value,
    )
    .order_by(chapter.c.folded)
)


def _held() -> Select[Any]:
    yes = gathering_chapter.c.state == "confirmed"
    return (
        select(
            gathering.c.branch_id,
            gathering.c.day,
            (func.count(case((yes, 1))) >= CONFIRMED).label("counts"),
            func.count(case((yes & _SEEN, 1))).label("confirmed"),
            func.count(case((_SEEN, 1))).label("asked"),
        )
        .join(gathering_chapter, gathering_chapter.c.gathering_id == gathering.c.id)
        .join(chapter, chapter.c.id == gathering_chapter.c.chapter_id)
        .where(gathering.c.guild_id == bindparam("guild"), gathering.c.branch_id.in_(_OF), gathering.c.withdrawn_at.is_(None))
        .group_by(gathering.c.id)
        .order_by(gathering.c.day.desc())
    )


_HELD = _held()


async def change(c: AsyncConnection, guild_id: int, branch_id: int, values: Mapping[str, Any]) -> None:
    """Stores the given columns of one branch."""
    if values:
        await c.execute(_CHANGE, {"guild": guild_id, "of": branch_id, **values})


async def counted(c: AsyncConnection, guild_id: int, user_id: int, branch_ids: Sequence[int]) -> dict[int, Counted]:
    """How many chapters each of these branches has, but for those that have none."""
    rows = await c.execute(_COUNTED, {"guild": guild_id, "user": user_id, "branches": branch_ids})
    return {row.branch_id: Counted(row.whole, row.seen) for row in rows}


async def held(c: AsyncConnection, guild_id: int, user_id: int, branch_ids: Sequence[int]) -> list[Held]:
    """Every gathering of these branches, newest first."""
    rows = await c.execute(_HELD, {"guild": guild_id, "user": user_id, "branches": branch_ids})
    return [Held(row.branch_id, row.day, bool(row.counts), row.confirmed, row.asked) for row in rows]


async def chapter_names(c: AsyncConnection, guild_id: int, branch_ids: Sequence[int]) -> list[str]:
    """The names of these branches' chapters that may be named to all, by name."""
    return list(await c.scalars(_NAMES, {"guild": guild_id, "branches": branch_ids}))


async def largest(c: AsyncConnection, guild_id: int, most: int) -> list[str]:
    """The names of the branches with the most chapters, hidden ones left out, the largest first."""
    return list(await c.scalars(_LARGEST, {"guild": guild_id, "most": most}))
