"""How much there is: what waits in the outbox, how large the files are, when the newest backup was made."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import bindparam, func, select

from db import backup
from db.faults import StorageFault
from db.outbox import OPEN
from db.store import Store
from db.tables import outbox
from db.types import Instant

_OWED = func.coalesce(outbox.c.first_claimed_at, outbox.c.due_at)
"""Since when something is owed: what was tried in vain is put off, and was due before that."""
_DUE = bindparam("now", type_=Instant) >= _OWED
_WAITING = select(func.count().label("waiting"), func.count().filter(_DUE).label("due"), func.min(_OWED).label("oldest")).where(OPEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much is in the outbox and not sent yet, how much of that should have been by now, and since when the oldest should have."""

    waiting: int
    due: int
    oldest: datetime | None


async def waiting(store: Store, now: datetime) -> Waiting:
    """What is in the outbox of all organisations together."""
    async with store.read() as c:
        row = (await c.execute(_WAITING, {"now": now})).one()
    return Waiting(row.waiting, row.due, row.oldest if row.due else None)


def sizes(path: Path) -> dict[str, int]:
    """The bytes of the database file and of the one beside it that holds the newest changes; 0 where there is none."""
    files = {"database": path, "wal": path.with_name(f"{path.name}-wal")}
    return {name: file.stat().st_size if file.exists() else 0 for name, file in files.items()}


def newest_backup(folder: Path, database: Path) -> datetime | None:
    """When the newest backup in this folder was made, by its name; None if there is none to be seen."""
    with suppress(StorageFault):
        return next((each.at for each in backup.all_in(folder, database)), None)
    return None
