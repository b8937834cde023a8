"""What would hold people up if the bot did it itself, in a process of its own: `python -m bot.aside` reads a task and answers, in JSON.

It lives as long as its standard input is open and no longer: however the bot ends, nothing is left running.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from bot.locales import SOURCE, plain
from bot.services import backups
from bot.services.backups import NotCarried, Plan
from db import backup
from db.faults import StorageFault

NICENESS = 10
GRACE = 5.0
"""Seconds in which what was begun is put in order when the bot has ended."""

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


def _end_with_the_bot() -> None:
    """Ends what is done here when nobody waits for it any more: in order, and if that takes too long, at once."""
    # Not through sys.stdin: its lock would be held when the program ends by itself.
    while os.read(0, 1024):
        pass
    signal.raise_signal(signal.SIGINT)
    time.sleep(GRACE)
    os._exit(1)


def main() -> None:
    """Does the one task that stands in the first line of standard input."""
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)
    asked = json.loads(sys.stdin.buffer.readline())
    # Whoever was started in the background may have been told to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_the_bot, daemon=True).start()
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
