"""Pages of the open log, newest first, found by index: a page costs what it shows, however long the log is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.changes import Kind
from db.chapters import visible_to
from db.tables import branch, change, chapter, goal, goal_revision
from db.types import Id, Instant, Snowflake


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `gone` if its chapter is archived or no longer there, so that it is not named."""

    id: int
    at: datetime
    kind: str
    made_by: int | None
    nameless: bool
    chapter: str | None
    gone: bool
    branch: str | None
    goal_id: int | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is needed to call a goal by its name."""

    metric: str
    name: str | None


_AT, _ID = bindparam("at", type_=Instant), bindparam("of", type_=Id)
_COLUMNS = (
    *(change.c[name] for name in ("id", "at", "kind", "made_by", "nameless", "chapter_id", "goal_id", "fields")),
    chapter.c.name.label("chapter"),
    chapter.c.archived_at,
    branch.c.name.label("branch"),
)
_BEFORE = (change.c.at <= _AT, or_(change.c.at < _AT, change.c.id < _ID), change.c.at >= bindparam("since", type_=Instant))
_SEEN = or_(change.c.chapter_id.is_(None), visible_to(bindparam("user", type_=Snowflake)))


def _page(*narrower: ColumnElement[bool]) -> Select[Any]:
    """Lines about a chapter that hides are there for its own people alone."""
    return (
        select(*_COLUMNS)
        .select_from(
            change.outerjoin(chapter, and_(chapter.c.id == change.c.chapter_id, chapter.c.guild_id == change.c.guild_id)).outerjoin(
                branch, and_(branch.c.id == change.c.branch_id, branch.c.guild_id == change.c.guild_id)
            )
        )
        .where(change.c.guild_id == bindparam("guild"), *_BEFORE, _SEEN, *narrower)
        .order_by(change.c.at.desc(), change.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


_OF_CHAPTER, _OF_KIND = change.c.chapter_id == bindparam("chapter", type_=Id), change.c.kind == bindparam("of_kind")
_OF_KINDS = change.c.kind.in_(bindparam("kinds", expanding=True))
_ALL, _CHAPTERS, _KINDS, _BOTH = _page(), _page(_OF_CHAPTER), _page(_OF_KIND), _page(_OF_CHAPTER, _OF_KINDS)
_GOALS = (
    select(goal.c.id, goal.c.metric, goal_revision.c.name)
    .join(goal_revision, goal_revision.c.goal_id == goal.c.id)
    .where(goal.c.guild_id == bindparam("guild"), goal.c.id.in_(bindparam("goals", expanding=True)))
    .order_by(goal_revision.c.adopted_at, goal_revision.c.id)
)


async def page(
    c: AsyncConnection,
    guild_id: int,
    user_id: int,
    before: tuple[datetime, int],
    since: datetime,
    limit: int,
    *,
    chapter_id: int | None = None,
    kinds: Sequence[Kind] = (),
) -> list[Entry]:
    """The newest lines before this moment and id that this person may see, of one chapter or of some kinds if these are given."""
    at, of = before
    asked = {"guild": guild_id, "user": user_id, "at": at, "of": of, "since": since, "most": limit, "chapter": chapter_id}
    if chapter_id is not None:
        rows = await c.execute(_BOTH, {**asked, "kinds": list(kinds)}) if kinds else await c.execute(_CHAPTERS, asked)
        return [_entry(row) for row in rows]
    if not kinds:
        return [_entry(row) for row in await c.execute(_ALL, asked)]
    # Each kind is in order by itself: sorted together they would all have to be read.
    found = [_entry(row) for kind in kinds for row in await c.execute(_KINDS, {**asked, "of_kind": kind})]
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)[:limit]


def _entry(row: Row[Any]) -> Entry:
    gone = row.chapter_id is not None and row.archived_at is not None
    return Entry(row.id, row.at, row.kind, row.made_by, row.nameless, row.chapter, gone, row.branch, row.goal_id, tuple(row.fields))


async def goals(c: AsyncConnection, guild_id: int, goal_ids: Sequence[int]) -> dict[int, Goal]:
    """What these goals are called by now."""
    if not goal_ids:
        return {}
    rows = await c.execute(_GOALS, {"guild": guild_id, "goals": list(goal_ids)})
    return {row.id: Goal(row.metric, row.name) for row in rows}
