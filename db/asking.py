"""Which chapters are asked for reports: those that coordinators have agreed to, one by one in a pilot, or all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chapters import Visibility
from db.tables import admin, chapter, organisation, summary
from db.types import Snowflake


def all_are_asked(guild: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the coordinators of this server have agreed that all chapters are asked."""
    return select(organisation.c.asks_since).where(organisation.c.guild_id == guild).scalar_subquery().isnot(None)


_GUILD = bindparam("guild", type_=Snowflake)
_ASKED = or_(chapter.c.asks_since.isnot(None), all_are_asked(_GUILD))
_IS_ASKED = select(chapter.c.id).where(chapter.c.guild_id == _GUILD, chapter.c.id == bindparam("chapter"), _ASKED)
_ANYBODY = select(chapter.c.id).where(chapter.c.guild_id == _GUILD, chapter.c.archived_at.is_(None), _ASKED).limit(1)


async def is_asked(c: AsyncConnection, guild_id: int, chapter_id: int) -> bool:
    """Whether this chapter is asked for its reports."""
    return await c.scalar(_IS_ASKED, {"guild": guild_id, "chapter": chapter_id}) is not None


async def anybody(c: AsyncConnection, guild_id: int) -> bool:
    """Whether any chapter of this organisation is asked for its reports."""
    return await c.scalar(_ANYBODY, {"guild": guild_id}) is not None


async def ask_all(c: AsyncConnection, guild_id: int, since: datetime | None) -> None:
    """All chapters are asked from this moment on, those to come too; None: only those of the pilot."""
    await c.execute(update(organisation).where(organisation.c.guild_id == guild_id).values(asks_since=since))


async def ask_only(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int], since: datetime) -> None:
    """These chapters are the pilot, and hidden ones that were in it; those that were in it already stay asked since they came in."""
    here = update(chapter).where(chapter.c.guild_id == guild_id)
    others = (chapter.c.id.not_in(chapter_ids), chapter.c.visibility != Visibility.HIDDEN.value, chapter.c.asks_since.isnot(None))
    await c.execute(here.where(*others).values(asks_since=None))
    await c.execute(here.where(chapter.c.id.in_(chapter_ids), chapter.c.asks_since.is_(None)).values(asks_since=since))


async def ask_nobody(c: AsyncConnection, guild_id: int) -> None:
    """No chapter is asked any more."""
    await ask_all(c, guild_id, None)
    await c.execute(update(chapter).where(chapter.c.guild_id == guild_id, chapter.c.asks_since.isnot(None)).values(asks_since=None))


async def look_again(c: AsyncConnection, guild_id: int, now: datetime) -> None:
    """Has the planner look at every chapter of this organisation; whoever is not asked is late no more from this moment on."""
    here = update(summary).where(summary.c.guild_id == guild_id)
    await c.execute(here.values(next_at=now))
    not_asked = select(chapter.c.id).where(chapter.c.guild_id == guild_id, chapter.c.asks_since.is_(None), ~all_are_asked(_GUILD))
    await c.execute(here.where(summary.c.chapter_id.in_(not_asked)).values(overdue_at=None, silent_at=None), {"guild": guild_id})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chapter that may be asked, as coordinators choose it: where its prompts go, and who is on duty, None without admins."""

    id: int
    name: str
    channel_id: int | None
    on_duty: int | None
    admins: int
    asked: bool


_SEEN = (chapter.c.guild_id == _GUILD, chapter.c.archived_at.is_(None), chapter.c.visibility != Visibility.HIDDEN.value)
_FIRST_ADMIN = select(admin.c.user_id).where(admin.c.chapter_id == chapter.c.id).order_by(admin.c.position).limit(1)
_ON_DUTY = select(admin.c.user_id).where(admin.c.chapter_id == chapter.c.id, admin.c.user_id == chapter.c.duty_user_id)
_ADMINS = select(func.count()).select_from(admin).where(admin.c.chapter_id == chapter.c.id)
_CANDIDATES = (
    select(
        chapter.c.id,
        chapter.c.name,
        chapter.c.channel_id,
        func.coalesce(_ON_DUTY.correlate(chapter).scalar_subquery(), _FIRST_ADMIN.correlate(chapter).scalar_subquery()).label("on_duty"),
        _ADMINS.correlate(chapter).scalar_subquery().label("admins"),
        _ASKED.label("asked"),
    )
    .where(*_SEEN)
    .order_by(chapter.c.folded)
)
_PAGE = _CANDIDATES.limit(bindparam("most", type_=Integer)).offset(bindparam("skip", type_=Integer))
_THESE = _CANDIDATES.where(chapter.c.id.in_(bindparam("chapters", expanding=True)))
_COUNT = select(func.count()).select_from(chapter).where(*_SEEN)
_PILOT = select(chapter.c.id).where(*_SEEN, chapter.c.asks_since.isnot(None)).order_by(chapter.c.folded)
_ALL = select(chapter.c.id).where(chapter.c.guild_id == _GUILD, chapter.c.archived_at.is_(None))


async def page(c: AsyncConnection, guild_id: int, skip: int, most: int) -> list[Candidate]:
    """Some of the chapters that can be shown to coordinators, by name."""
    return _found(await c.execute(_PAGE, {"guild": guild_id, "most": most, "skip": skip}))


async def these(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> list[Candidate]:
    """These of them, by name."""
    return _found(await c.execute(_THESE, {"guild": guild_id, "chapters": list(chapter_ids)}))


def _found(rows: Iterable[Row[Any]]) -> list[Candidate]:
    return [Candidate(**{**row._mapping, "asked": bool(row.asked)}) for row in rows]


async def count(c: AsyncConnection, guild_id: int) -> int:
    """How many chapters can be shown to coordinators."""
    return await c.scalar(_COUNT, {"guild": guild_id}) or 0


async def pilot(c: AsyncConnection, guild_id: int) -> list[int]:
    """The chapters of the pilot that can be shown to coordinators, by name."""
    return list(await c.scalars(_PILOT, {"guild": guild_id}))


async def everywhere(c: AsyncConnection, guild_id: int) -> list[int]:
    """Every chapter that is not archived, hidden ones too."""
    return list(await c.scalars(_ALL, {"guild": guild_id}))
