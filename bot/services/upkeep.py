"""How the care for the database stands: recorded where it was done, told to coordinators once, and at any time to who asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import upkeep
from bot.domain.text import Moment, Style, Text, counted, text
from bot.services import backups
from bot.services.backups import Plan
from db import organisations, outbox
from db import upkeep as stored
from db.backup import Copy
from db.store import Connection, Store
from db.upkeep import Task

BACKUP, DEEP = "backup", "deep"
MAKE, DEEP_CHECK = "python -m bot backup", "python -m bot check --deep"
FAILED, UNCOPIED, DIFFERS, UNDONE = "failed", "uncopied", "differs", "undone"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What does not go well, since when; `n` differences, where it is these."""

    fault: str
    since: datetime
    n: int = 0


async def note_done(store: Store, task: str, now: datetime) -> None:
    """Records that a task went well."""
    async with store.write() as c:
        await stored.succeeded(c, task, now)


async def note_failed(store: Store, task: str, fault: str, now: datetime) -> None:
    """Records that a task failed, and owes coordinators the news of it, until it has gone well once."""
    async with store.write() as c:
        since = await stored.failed(c, task, fault, now)
        for organisation in await organisations.all_of_them(c):
            await _owe(c, organisation.guild_id, task, fault, since, now)


async def note_differs(store: Store, servers: dict[int, int], now: datetime) -> None:
    """Records what the deep look found in each server, and owes the news to the coordinators there."""
    async with store.write() as c:
        detail = {str(guild_id): n for guild_id, n in servers.items()}
        since = await stored.failed(c, DEEP, DIFFERS, now, detail, done=True)
        for organisation in await organisations.all_of_them(c):
            if servers.get(organisation.guild_id):
                await _owe(c, organisation.guild_id, DEEP, DIFFERS, since, now)


async def _owe(c: Connection, guild_id: int, task: str, fault: str, since: datetime, now: datetime) -> None:
    key = f"upkeep:{task}:{fault}:{since:%Y%m%dT%H%M%S}"
    await outbox.put(c, guild_id, "upkeep", key, now, now, task=task)


async def troubles(c: Connection, guild_id: int) -> tuple[Trouble, ...]:
    """What coordinators of this server should know of."""
    tasks = await stored.all_tasks(c)
    found = (_trouble(tasks[name], guild_id) for name in (BACKUP, DEEP) if name in tasks)
    return tuple(each for each in found if each is not None)


async def trouble_of(c: Connection, guild_id: int, task: str) -> Trouble | None:
    """What coordinators of this server should know of one task, None if it goes well by now."""
    return _trouble(await stored.find(c, task), guild_id)


def _trouble(task: Task, guild_id: int) -> Trouble | None:
    if task.failing_since is None or task.fault is None:
        return None
    if task.fault != DIFFERS:
        return Trouble(task.fault, task.failing_since)
    n = int((task.detail or {}).get(str(guild_id), 0))
    return Trouble(task.fault, task.failing_since, n) if n else None


# For the operator


async def report(store: Store, plan: Plan | None, hour: int, now: datetime) -> tuple[list[Text], list[Text]]:
    """How backups and deep looks stand, in sentences: what is well, and what the operator has to see to. No plan: they are turned off."""
    async with store.read() as c:
        tasks = await stored.all_tasks(c)
    if plan is None:
        return [text("Backups are turned off ({key}).", key="backup.enabled")], list(_deep_faults(tasks.get(DEEP, Task())))
    made = backups.made(plan, now)
    lines = [_newest(plan, made)] if made else []
    if not made and BACKUP not in tasks:
        lines = [text("There is no backup yet: the bot makes one soon after its start, then every night at {hour}:00 UTC.", hour=hour)]
        return lines, list(_deep_faults(tasks.get(DEEP, Task())))
    faults = [*_backup_faults(plan, tasks.get(BACKUP, Task()), made[0].at if made else None, now), *_deep_faults(tasks.get(DEEP, Task()))]
    return lines, faults


def _newest(plan: Plan, made: Sequence[Copy]) -> Text:
    return counted(
        "The newest backup is of {moment} ({n} in {folder}).",
        "The newest backup is of {moment} ({n} in {folder}).",
        len(made),
        moment=Moment(made[0].at, Style.DAY_AND_HOUR),
        folder=str(plan.folder),
    )


def _backup_faults(plan: Plan, task: Task, newest: datetime | None, now: datetime) -> Iterator[Text]:
    if task.fault == FAILED and task.failing_since is not None:
        yield text(
            "The nightly backup fails since {moment}. Run {command}: it says why.",
            moment=_at(task.failing_since),
            command=MAKE,
        )
    elif newest is None or upkeep.is_stale(now, newest):
        yield text(
            "There is no backup of the last two days in {folder}. Run {command}, and see whether the bot runs.",
            folder=str(plan.folder),
            command=MAKE,
        )
    if task.fault == UNCOPIED and task.failing_since is not None:
        yield text(
            "Backups are made, but not copied elsewhere, since {moment}. Mend {key}.", moment=_at(task.failing_since), key="backup.command"
        )


def _deep_faults(task: Task) -> Iterator[Text]:
    if task.failing_since is None:
        return
    if task.fault == DIFFERS:
        n = sum((task.detail or {}).values())
        yield counted(
            "The weekly look at all that is kept found {n} difference, first on {moment}. Run {command}: it names it.",
            "The weekly look at all that is kept found {n} differences, first on {moment}. Run {command}: it names them.",
            n,
            moment=_at(task.failing_since),
            command=DEEP_CHECK,
        )
    else:
        yield text(
            "The weekly look at all that is kept fails since {moment}. Run {command}: it says why.",
            moment=_at(task.failing_since),
            command=DEEP_CHECK,
        )


def _at(moment: datetime) -> Moment:
    return Moment(moment, Style.DAY_AND_HOUR)
