"""The care for the database in a process of its own: `python -m bot.aside` is told a task and answers, in JSON."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from bot.locales import SOURCE, plain
from bot.services import backups, beside
from bot.services.backups import NotCarried, Plan
from db import backup
from db.faults import StorageFault

NICENESS = 10

Answer: TypeAlias = Mapping[str, Any]
"""`fault` is why it failed, in a sentence; `busy` that another process is at it; what else there is depends on the task."""


def make(plan: Plan, now: datetime) -> Answer:
    """Makes a backup, and has it carried elsewhere."""
    made = backups.make(plan, now)
    return {"size": made.size, **carry(plan, now)}


def carry(plan: Plan, now: datetime) -> Answer:
    """Has the newest backup carried elsewhere."""
    try:
        for newest in backups.made(plan, now)[:1]:
            backups.carry(plan, newest.path)
    except NotCarried as fault:
        return {"uncopied": plain(fault.reason, SOURCE)}
    return {}


def look(plan: Plan, now: datetime) -> Answer:
    """Compares all that is kept with the entries, on a copy that only this process reads: the bot and its database are left in peace."""
    with backup.alone_in(plan.folder):
        backup.sweep(plan.folder, plan.database)
        copy = plan.folder / f".{plan.database.stem}-look{backup.UNFINISHED}"
        try:
            backup.copy(plan.database, copy)
            return {"servers": asyncio.run(_compare(copy, now))}
        finally:
            backup.discard(copy)


async def _compare(copy: Path, now: datetime) -> dict[int, int]:
    # These take longer to load than most backups take to be made.
    from bot.services import deep
    from db.store import Store

    store = await Store.open(f"sqlite+aiosqlite:///{copy}", writer=False)
    try:
        findings = await deep.compare(store, now)
    finally:
        await store.close()
    found = {guild_id: n for guild_id, n in findings.servers.items() if n}
    # What belongs to no server is the operator's alone.
    return found | ({0: rest} if (rest := len(findings.faults) - sum(found.values())) else {})


TASKS: Mapping[str, Callable[[Plan, datetime], Answer]] = {"make": make, "carry": carry, "look": look}


def main() -> None:
    """Does the one task that is wanted."""
    asked = beside.wanted(NICENESS)
    plan = Plan(**{**asked["plan"], "database": Path(asked["plan"]["database"]), "folder": Path(asked["plan"]["folder"])})
    try:
        answer = TASKS[asked["task"]](plan, datetime.fromisoformat(asked["now"]))
    except backup.AnotherBackup:
        answer = {"busy": True}
    except StorageFault as fault:
        answer = {"fault": plain(fault.reason, SOURCE)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
