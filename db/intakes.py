"""Files that came in: what waits to be confirmed, what was taken in, and what it added and changed, for as long as it can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.chapters import visible_to
from db.tables import change, chapter, intake, intake_row
from db.types import Snowflake


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that came in, and how far it is."""

    id: int
    guild_id: int
    made_by: int | None
    at: datetime
    state: str
    kind: str
    file_name: str | None
    sheet: str | None
    shown: str | None
    log_from: int | None
    log_to: int | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A row that an import added (`before` is None) or changed."""

    what: str
    row_id: int
    version: int | None = None
    before: Mapping[str, Any] | None = None


_COLUMNS = tuple(intake.c[name] for name in Intake.__dataclass_fields__)
_HERE = intake.c.guild_id == bindparam("guild")
_ADD = insert(intake).returning(intake.c.id)
_FOUND = select(*_COLUMNS).where(_HERE, intake.c.id == bindparam("of"))
_CONTENT = select(intake.c.content).where(_HERE, intake.c.id == bindparam("of"))
_CHANGE = update(intake).where(_HERE, intake.c.id == bindparam("of"))
_DROP = delete(intake).where(_HERE, intake.c.id == bindparam("of"))
_NEWEST = select(*_COLUMNS).where(_HERE, intake.c.state == "done", intake.c.at >= bindparam("since")).order_by(intake.c.id.desc()).limit(1)
_UNDONE = select(intake.c.log_from, intake.c.log_to, intake.c.undone_from, intake.c.undone_to).where(_HERE, intake.c.state == "undone")
_DROP_OLDER = delete(intake).where(
    or_(
        intake.c.at < bindparam("than"),
        (intake.c.at < bindparam("waiting_than", type_=intake.c.at.type)) & (intake.c.state == "waiting"),
    )
)
_ADD_TRACES = insert(intake_row)
_TRACES = (
    select(intake_row.c.what, intake_row.c.row_id, intake_row.c.version, intake_row.c.before)
    .where(intake_row.c.guild_id == bindparam("guild"), intake_row.c.intake_id == bindparam("of"))
    .order_by(intake_row.c.id)
)
_MARK = select(func.coalesce(func.max(change.c.id), 0)).where(change.c.guild_id == bindparam("guild"))
_UNSEEN = select(chapter.c.id).where(chapter.c.guild_id == bindparam("guild"), ~visible_to(bindparam("user", type_=Snowflake)))


async def mark(c: AsyncConnection, guild_id: int) -> int:
    """The newest line of the open log here: what people changed since has a greater number."""
    found: int = (await c.execute(_MARK, {"guild": guild_id})).scalar_one()
    return found


async def unseen_by(c: AsyncConnection, guild_id: int, user_id: int) -> frozenset[int]:
    """The chapters that hide from this person."""
    return frozenset(await c.scalars(_UNSEEN, {"guild": guild_id, "user": user_id}))


async def add(c: AsyncConnection, guild_id: int, kind: str, now: datetime, by: int | None, **values: Any) -> int:
    """Stores a file that came in; returns its id."""
    made = await c.execute(_ADD, {"guild_id": guild_id, "kind": kind, "at": now, "made_by": by, **values})
    new: int = made.scalar_one()
    return new


async def find(c: AsyncConnection, guild_id: int, intake_id: int) -> Intake | None:
    """A file that came in here, unless it was forgotten."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "of": intake_id})).one_or_none()
    return None if row is None else Intake(**row._mapping)


async def content(c: AsyncConnection, guild_id: int, intake_id: int) -> bytes | None:
    """The packed file, while it waits."""
    found: bytes | None = await c.scalar(_CONTENT, {"guild": guild_id, "of": intake_id})
    return found


async def alter(c: AsyncConnection, guild_id: int, intake_id: int, **values: Any) -> None:
    """Stores the given columns of a file that came in."""
    await c.execute(_CHANGE, {"guild": guild_id, "of": intake_id, **values})


async def drop(c: AsyncConnection, guild_id: int, intake_id: int) -> None:
    """Forgets a file that came in."""
    await c.execute(_DROP, {"guild": guild_id, "of": intake_id})


async def newest(c: AsyncConnection, guild_id: int, since: datetime) -> Intake | None:
    """The newest import here, not older than `since`, that was not taken back."""
    row = (await c.execute(_NEWEST, {"guild": guild_id, "since": since})).one_or_none()
    return None if row is None else Intake(**row._mapping)


async def undone_lines(c: AsyncConnection, guild_id: int) -> list[tuple[int, int]]:
    """The lines of the open log (after the first, up to the last) that imports wrote which were taken back, and their taking back."""
    rows = (await c.execute(_UNDONE, {"guild": guild_id})).all()
    return [(row.log_from, row.log_to) for row in rows] + [(row.undone_from, row.undone_to) for row in rows]


async def drop_older(c: AsyncConnection, than: datetime, waiting_than: datetime) -> None:
    """Forgets every import older than the one moment, and every file that waited since before the other."""
    await c.execute(_DROP_OLDER, {"than": than, "waiting_than": waiting_than})


async def trace(c: AsyncConnection, guild_id: int, intake_id: int, traces: Sequence[Trace]) -> None:
    """Notes what an import added and changed."""
    rows = [
        {
            "guild_id": guild_id,
            "intake_id": intake_id,
            "what": each.what,
            "row_id": each.row_id,
            "version": each.version,
            "before": each.before,
        }
        for each in traces
    ]
    if rows:
        await c.execute(_ADD_TRACES, rows)


async def traces(c: AsyncConnection, guild_id: int, intake_id: int) -> list[Trace]:
    """What an import added and changed, in that order."""
    return [Trace(**row._mapping) for row in await c.execute(_TRACES, {"guild": guild_id, "of": intake_id})]
