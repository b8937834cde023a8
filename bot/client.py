"""The bot itself: loads the cogs, hands every interaction on, starts and stops in order."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery import once, planner
from bot.delivery.brake import Brake
from bot.delivery.sender import Sender
from bot.locales.commands import CommandTranslator
from bot.services import forgetting
from bot.services.pictures import Pictures
from bot.services.public import Address
from bot.troubles import Troubles
from cogs import ui
from cogs.door import Door
from cogs.handled import Handled, note_arrival
from cogs.request import Handler
from db.store import Store

log = logging.getLogger(__name__)

COGS = (
    "setup",
    "setup_steps",
    "asking",
    "adopting",
    "losses",
    "chapters",
    "branches",
    "checkins",
    "reports",
    "goals",
    "scoreboard",
    "forecast",
    "policy",
    "questions",
    "facilitation",
    "duty",
    "log",
    "privacy",
    "exports",
    "imports",
    "help",
)

LONGEST_WAIT = 30.0
"""Seconds that a request waits for a limit of Discord's to pass; what would have to wait longer goes back to the outbox."""


AT_ONCE = 64
"""Interactions that are worked at side by side; the others wait in the order in which they came, so that not all of a crowd are late."""


class ChapterBot(commands.AutoShardedBot):
    """Chapterhouse on Discord: a store, the cogs, and the outbox's sender; it keeps nothing that the store does not have."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime] = discord.utils.utcnow,
        shard_count: int | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        brake = Brake(clock)
        trace = brake.trace()
        trace.on_request_end.append(once.insist)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            shard_count=shard_count,
            http_trace=trace,
            max_ratelimit_timeout=LONGEST_WAIT,
            tree_cls=Door,
        )
        self.store = store
        self.clock = clock
        self.pictures = pictures or Pictures(draws=False)
        self.handlers: dict[str, Handler] = {}
        self.observe: Callable[[Handled], None] = lambda _: None
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.sender = Sender(self, store, clock, brake, self.pictures)
        self.troubles = Troubles(store, clock)
        self.address: Address | None = None
        self.arrived = float("-inf")
        """When, on the steady clock, an interaction last came in."""
        self._round: asyncio.Task[None] | None = None
        self._woken = False

    async def setup_hook(self) -> None:
        """Adds the cogs and tells Discord the commands, if it does not know them so already."""
        await self.tree.set_translator(CommandTranslator())
        await self.add_cogs()
        self.add_listener(ui.dispatch, "on_interaction")
        await self._sync_commands()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Notes when an interaction comes in, before anything is done about it."""
        if event == "interaction":
            self.arrived = time.perf_counter()
            note_arrival(args[0])
        super().dispatch(event, *args, **kwargs)

    async def add_cogs(self) -> None:
        """Adds every cog; their modules are read once a process, however many bots there are in it."""
        for name in COGS:
            await import_module(f"cogs.{name}").setup(self)

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:
        """Adds a cog and the addresses it answers; no two cogs answer the same one."""
        await super().add_cog(cog, **options)
        if isinstance(cog, ui.ChapterCog):
            for action, handler in cog.handlers():
                if action in self.handlers:
                    raise ValueError(f"two handlers for {action}")
                self.handlers[action] = handler

    async def _sync_commands(self) -> None:
        if not await self._are_known(await self.tree.fetch_commands()):
            await self.tree.sync()
            log.info("told Discord the commands anew")

    async def _are_known(self, commands_there: Sequence[app_commands.AppCommand]) -> bool:
        there = {command.name: command.to_dict() for command in commands_there}
        wanted, translator = self.tree.get_commands(), self.tree.translator
        assert translator is not None
        if there.keys() != {command.name for command in wanted}:
            return False
        for command in wanted:
            if not _same(await command.get_translated_payload(self.tree, translator), there[command.name]):
                return False
        return True

    def wake(self) -> None:
        """Sends what has become due, without waiting for the next tick; several calls at once are one."""
        self._woken = True
        if self._round is None or self._round.done():
            self._round = asyncio.get_running_loop().create_task(self._rounds(), name="outbox-round")

    async def _rounds(self) -> None:
        while self._woken:
            self._woken = False
            with self.troubles.told():
                await self.sender.send_due(self.clock())
            with self.troubles.told():
                await self.sender.alarm.look(self.clock())

    async def on_ready(self) -> None:
        """Finds out which servers the bot was taken out of, or is in again, since it last looked."""
        await forgetting.look(self.store, lambda guild_id: self.get_guild(guild_id) is not None, self.clock())

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Notes when the bot is taken out of a server; one that has an outage is not meant."""
        await forgetting.removed(self.store, guild.id, self.clock())

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Notes that the bot is in a server again, so that nothing of it is forgotten."""
        await forgetting.there(self.store, guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Notes the same where Discord tells of a server as of one whose outage is over."""
        await forgetting.there(self.store, guild.id)

    async def plan_due(self, now: datetime) -> None:
        """Plans what is due at this moment, and begins to send it: whoever looks at the clock need not wait for Discord."""
        try:
            await planner.plan(self.store, now)
        finally:
            self.wake()

    async def run_due(self, now: datetime) -> None:
        """Plans and sends everything that is due at this moment."""
        try:
            await planner.plan(self.store, now)
        finally:
            await self.sender.send_due(now)

    async def close(self) -> None:
        """Finishes what is being sent, then leaves Discord; the store is closed by whoever opened it, after this."""
        self.sender.stop()
        if self._round is not None:
            await asyncio.wait({self._round}, timeout=8)
        await self.pictures.close()
        await super().close()


def _same(wanted: Any, there: Any) -> bool:
    """Whether Discord knows a command as we want it; it adds fields of its own and leaves out what is empty."""
    if isinstance(wanted, dict) and isinstance(there, dict):
        return all(_same(value, there.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(there, list):
        return len(wanted) == len(there) and all(map(_same, wanted, there))
    return bool(wanted == there) or (not wanted and not there)
