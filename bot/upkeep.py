"""The bot's care for its own database: each night a backup, once a week a look whether all that is kept is right."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.domain import upkeep as rules
from bot.services import backups, beside, upkeep
from bot.services.backups import Plan
from bot.services.upkeep import BACKUP, DEEP, FAILED, UNCOPIED, UNDONE
from db import upkeep as stored
from db.faults import StorageFault
from db.store import Store
from db.upkeep import Task

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(minutes=2)
"""How long after its start the bot first looks what is due: until then it has better things to do."""
LOOKS = timedelta(minutes=10)


class Upkeep:
    """Sees at each look what is due, by what is there and not by a timer; one per program."""

    def __init__(self, store: Store, plan: Plan, hour: int, wake: Callable[[], None]) -> None:
        self._store = store
        self._plan = plan
        self._hour = hour
        self._wake = wake

    async def look(self, now: datetime) -> None:
        """Does what is due: a backup if there is none of the newest night, then the weekly look."""
        try:
            await self._look(now)
        except StorageFault as fault:
            log.error("%s Backups wait until then.", str(fault))
        except Exception:
            log.exception("the care for the database could not be seen to; it is tried again")

    async def _look(self, now: datetime) -> None:
        await self._store.keep_in_the_picture()
        async with self._store.read() as c:
            tasks = await stored.all_tasks(c)
        task, deep = tasks.get(BACKUP, Task()), tasks.get(DEEP, Task())
        if task.failing_since is None or rules.may_try(now, task.tried_at):
            if self._is_due(now):
                await self._back_up("make", now)
            elif task.fault == UNCOPIED:
                await self._back_up("carry", now)
            elif task.fault == FAILED:
                # Somebody made one by hand.
                await upkeep.note_done(self._store, BACKUP, now)
        if rules.deep_look_is_due(now, deep.done_at) and (deep.fault != UNDONE or rules.may_try(now, deep.tried_at)):
            await self._look_deep(now)

    def _is_due(self, now: datetime) -> bool:
        try:
            made = [each.at for each in backups.made(self._plan, now)]
        except StorageFault:
            return True
        return rules.backup_is_due(now, self._hour, made)

    async def _back_up(self, task: str, now: datetime) -> None:
        answer = await self._aside(task, now)
        if answer.get("busy"):
            return
        if why := answer.get("fault"):
            log.error("no backup was made: %s", why)
            await upkeep.note_failed(self._store, BACKUP, FAILED, now)
            self._wake()
            return
        if "size" in answer:
            log.info("a backup was made (%d kB)", answer["size"] // 1000)
        if why := answer.get("uncopied"):
            log.error("%s", why)
            await upkeep.note_failed(self._store, BACKUP, UNCOPIED, now)
            self._wake()
            return
        await upkeep.note_done(self._store, BACKUP, now)

    async def _look_deep(self, now: datetime) -> None:
        answer = await self._aside("look", now)
        if answer.get("busy"):
            return
        if why := answer.get("fault"):
            log.error("the weekly look at all that is kept failed: %s", why)
            await upkeep.note_failed(self._store, DEEP, UNDONE, now)
        elif servers := {int(guild_id): n for guild_id, n in answer["servers"].items()}:
            log.error("the weekly look found %d differences that should not be: run check --deep, which names them", sum(servers.values()))
            await upkeep.note_differs(self._store, servers, now)
        else:
            log.info("the weekly look found that all that is kept is what was entered")
            await upkeep.note_done(self._store, DEEP, now)
        self._wake()

    async def _aside(self, task: str, now: datetime) -> Mapping[str, Any]:
        """Has a task done by a process of its own: encrypting and comparing would keep this one from answering anybody."""
        plan = {**asdict(self._plan), "database": str(self._plan.database), "folder": str(self._plan.folder)}
        async with beside.started("bot.aside", {"task": task, "now": now.isoformat(), "plan": plan}) as process:
            told = await process.answer.read()
            fault = await process.fault()
        if fault is not None:
            return {"fault": f"the process for it {fault}."}
        answer: Mapping[str, Any] = json.loads(told)
        return answer
