"""The open log: every change leaves a row that says who changed which fields of what, and nothing of what they wrote."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import change


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
    """Writes one line of the open log in the transaction of the change itself; `kind` is a verb phrase such as `chapter.add`."""
    await c.execute(
        insert(change).values(
            guild_id=guild_id,
            at=now,
            made_by=by,
            kind=kind,
            chapter_id=chapter_id,
            branch_id=branch_id,
            goal_id=goal_id,
            fields=sorted(fields),
        )
    )


async def log_many(
    c: AsyncConnection, guild_id: int, kind: str, now: datetime, by: int | None, fields: Mapping[int, Iterable[str]]
) -> None:
    """Writes one line for each of these chapters, with the fields that changed of it."""
    rows = [
        {"guild_id": guild_id, "at": now, "made_by": by, "kind": kind, "chapter_id": chapter_id, "fields": sorted(changed)}
        for chapter_id, changed in fields.items()
    ]
    if rows:
        await c.execute(insert(change), rows)
