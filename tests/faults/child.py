"""The real bot in a process of its own: `chapterhouse run` against the small Discord, by the rig's clock, until it ends or is killed.

Each life is a process that was forked from one which has imported the program and done nothing else: a start costs a fifth of a second
instead of two. What the program does from `main()` on is all its own.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.faults.clock import Clock
from tests.faults.discord.http import TOKEN

_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(["tests.faults.child", "tests.faults.preload"])
READY_AFTER = 0.2
"""Seconds without a further server after which discord.py takes itself for ready, instead of two: there are one or two servers here."""

LOOKS_UP_AFTER = 0.1
"""Seconds after which the scheduler looks at the clock again at the latest."""


@dataclass
class Child:
    """One bot on one folder: started, killed, and started again; each life may `prepare` itself before the program begins."""

    folder: Path
    discord: str
    gateway: str
    clock_file: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    process: BaseProcess | None = None
    lives: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def log(self) -> Path:
        """What all its lives printed."""
        return self.folder / "output.log"

    @property
    def database(self) -> Path:
        """Its database."""
        return self.folder / "chapterhouse.db"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and not self.ended.is_set()

    def start(self, *arguments: str) -> None:
        """Begins a life: `chapterhouse run`, or another command."""
        # Where a month passes in seconds, a backup for each night would be all that is done.
        usual = {"CHAPTERHOUSE_TOKEN": TOKEN, "CHAPTERHOUSE_BACKUP_ENABLED": "false", "NO_COLOR": "1"}
        variables = {**usual, **self.variables}
        place = (str(self.folder), str(self.log), self.discord, self.gateway, str(self.clock_file))
        self.ended = asyncio.Event()
        self.lives += 1
        self.process = _SPAWN.Process(target=_live, args=(place, variables, arguments or ("run",), self.prepare), daemon=True)
        self.process.start()
        asyncio.get_running_loop().add_reader(self.process.sentinel, self._note_end, self.process, self.ended)

    def _note_end(self, process: BaseProcess, ended: asyncio.Event) -> None:
        asyncio.get_running_loop().remove_reader(process.sentinel)
        process.join()
        ended.set()

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None and self.alive:
            self.process.kill()

    async def stop(self, within: float = 15) -> int | None:
        """SIGTERM, and what it ended with."""
        if self.process is not None and self.alive:
            self.process.terminate()
        return await self.end(within)

    async def end(self, within: float = 15) -> int | None:
        """Waits for its end; what it ended with."""
        async with asyncio.timeout(within):
            await self.ended.wait()
        return self.process.exitcode if self.process else None


def _live(
    place: tuple[str, str, str, str, str], variables: Mapping[str, str], arguments: tuple[str, ...], prepare: Callable[[], None] | None
) -> None:
    folder, log, address, gateway, clock_file = place
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for each in (1, 2):
        os.dup2(output, each)
    _point_at(address, gateway)
    _go_by(Clock(Path(clock_file)))
    if prepare is not None:
        prepare()
    sys.argv = ["chapterhouse", *arguments]
    from bot.cli import main

    main()


def _point_at(address: str, gateway: str) -> None:
    import discord.gateway
    import discord.http
    import discord.state
    import yarl

    discord.http.Route.BASE = address
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    patient = discord.state.ConnectionState.__init__

    def sooner(self: object, **options: object) -> None:
        patient(self, **options, guild_ready_timeout=READY_AFTER)  # type: ignore[arg-type]

    discord.state.ConnectionState.__init__ = sooner  # type: ignore[method-assign,assignment]


def _go_by(clock: Clock) -> None:
    """The whole process reads this clock: the program's own, discord.py's and the scheduler's."""
    import datetime as dt

    import apscheduler.executors.base
    import apscheduler.schedulers.base
    import discord.utils
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    import bot.terminal

    class Moved(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return clock.now().astimezone(tz)

    waits = AsyncIOScheduler._start_timer

    def looks_up(self: AsyncIOScheduler, seconds: float | None) -> None:
        # A clock that was put forward is noticed at once, not up to a tick later.
        waits(self, seconds and min(seconds, LOOKS_UP_AFTER))

    AsyncIOScheduler._start_timer = looks_up
    bot.terminal.now = clock.now
    discord.utils.utcnow = clock.now  # noqa: TID251 - this is the clock
    apscheduler.schedulers.base.datetime = Moved
    apscheduler.executors.base.datetime = Moved
