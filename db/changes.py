"""The open log: every change leaves a row that says who changed which fields of what, and nothing of what they wrote."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.changes import Kind
from db.tables import change

_ADD = insert(change)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the open log, to be written with others."""

    kind: str
    at: datetime
    made_by: int | None
    chapter_id: int | None = None
    branch_id: int | None = None
    goal_id: int | None = None
    fields: tuple[str, ...] = ()


async def log(
    c: AsyncConnection,
    guild_id: int,
    kind: str,
    now: datetime,
    by: int | None,
    *,
    chapter_id: int | None = None,
    branch_id: int | None = None,
    goal_id: int | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Writes one line of the open log in the transaction of the change itself; `kind` is one of those that have words for people."""
    line = {
        "guild_id": guild_id,
        "at": now,
        "made_by": by,
        "kind": Kind(kind),
        "chapter_id": chapter_id,
        "branch_id": branch_id,
        "goal_id": goal_id,
        "fields": sorted(fields),
    }
    await c.execute(_ADD, line)


async def log_many(
    c: AsyncConnection, guild_id: int, kind: str, now: datetime, by: int | None, fields: Mapping[int, Iterable[str]]
) -> None:
    """Writes one line for each of these chapters, with the fields that changed of it."""
    rows = [
        {"guild_id": guild_id, "at": now, "made_by": by, "kind": Kind(kind), "chapter_id": chapter_id, "fields": sorted(changed)}
        for chapter_id, changed in fields.items()
    ]
    if rows:
        await c.execute(_ADD, rows)


async def log_lines(c: AsyncConnection, guild_id: int, lines: Iterable[Line]) -> None:
    """Writes several lines in the order in which the changes were made."""
    rows = [
        {
            "guild_id": guild_id,
            "at": line.at,
            "made_by": line.made_by,
            "kind": Kind(line.kind),
            "chapter_id": line.chapter_id,
            "branch_id": line.branch_id,
            "goal_id": line.goal_id,
            "fields": sorted(line.fields),
        }
        for line in sorted(lines, key=lambda line: line.at)
    ]
    if rows:
        await c.execute(_ADD, rows)
