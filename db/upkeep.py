"""How the care for the database went: when something was last tried, last done, and since when it fails."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db import tables as t
from db.statements import insert_or
from db.types import EPOCH


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is done again and again; `failing_since` and `fault` only while its last try failed."""

    tried_at: datetime | None = None
    done_at: datetime | None = None
    failing_since: datetime | None = None
    fault: str | None = None
    detail: Any = None


@dataclass(frozen=True, slots=True)
class Restored:
    """That this database was a backup: `since` is its newest moment, `at` when it took the place of the one that was lost."""

    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds, as whoever restores it recognises it."""

    servers: int
    chapters: int
    newest: datetime | None


_COLUMNS = tuple(column for column in t.upkeep.c if column.name != "task")


async def all_tasks(c: AsyncConnection) -> dict[str, Task]:
    """Every task that was ever tried, by name."""
    rows = await c.execute(select(t.upkeep.c.task, *_COLUMNS))
    return {row.task: Task(**{column.name: row._mapping[column.name] for column in _COLUMNS}) for row in rows}


async def find(c: AsyncConnection, task: str) -> Task:
    """How this task stands; all is open while it was never tried."""
    return (await all_tasks(c)).get(task, Task())


async def succeeded(c: AsyncConnection, task: str, now: datetime, detail: Any = None) -> None:
    """Records that a task is done."""
    await _put(c, task, {"tried_at": now, "done_at": now, "failing_since": None, "fault": None, "detail": detail})


async def failed(c: AsyncConnection, task: str, fault: str, now: datetime, detail: Any = None, *, done: bool = False) -> datetime:
    """Records that a task failed (or was `done`, and found what should not be), and returns since when it does so in this way."""
    before = await find(c, task)
    since = before.failing_since if before.failing_since is not None and before.fault == fault else now
    values = {"tried_at": now, "failing_since": since, "fault": fault, "detail": detail}
    await _put(c, task, values | ({"done_at": now} if done else {}))
    return since


async def _put(c: AsyncConnection, task: str, values: dict[str, Any]) -> None:
    statement = insert_or(t.upkeep).values(task=task, **values)
    await c.execute(statement.on_conflict_do_update(index_elements=[t.upkeep.c.task], set_=values))


async def note_restored(c: AsyncConnection, since: datetime, now: datetime) -> None:
    """Records that this database was a backup until now; of several times the oldest moment stays, for what was not looked for yet."""
    earlier = await restored(c)
    since = since if earlier is None else min(since, earlier.since)
    await _put(c, "restore", {"tried_at": now, "done_at": now, "detail": (since - EPOCH).total_seconds()})


async def restored(c: AsyncConnection) -> Restored | None:
    """Whether this database was a backup, and of when."""
    found = await find(c, "restore")
    if found.done_at is None:
        return None
    return Restored(datetime.fromtimestamp(found.detail, EPOCH.tzinfo), found.done_at)


async def held(c: AsyncConnection) -> Held:
    """How many servers and chapters there are, and when something was last entered."""
    servers = await c.scalar(select(func.count()).select_from(t.organisation))
    chapters = await c.scalar(select(func.count()).select_from(t.chapter))
    return Held(servers or 0, chapters or 0, await c.scalar(select(func.max(t.change.c.at))))


async def newest_moment(c: AsyncConnection) -> datetime:
    """The last moment at which this database is known to have been written by the bot; 1970 if that is not known."""
    moments = [await c.scalar(select(func.max(column))) for column in (t.change.c.at, t.outbox.c.created_at, t.outbox.c.sent_at)]
    return max((moment for moment in moments if moment is not None), default=EPOCH)
