"""The real bot in one process, timed from an interaction's arrival to the first answer that leaves for Discord."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice
from discord.ext import commands
from discord.state import ConnectionState
from discord.webhook.async_ import AsyncWebhookAdapter
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from simcord.env import Env

from bot.client import ChapterBot
from bot.demo.world import as_bot, new_world
from bot.serve import spare_the_collector
from bot.services import goals
from bot.services.pictures import Pictures
from db import organisations, summaries
from db.store import Store
from tests import asked
from tests.bench.history import BEGAN, NOW, fill

CONTROL_SECONDS = 0.020


def clock() -> float:
    """Real seconds: SimCord moves every other clock of the process."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


class Bare(commands.Cog):
    """What the others are measured against: a command that does nothing, and one that is 20 ms slower."""

    @app_commands.command(name="bare", description="Answers")
    async def bare(self, interaction: discord.Interaction, word: str | None = None) -> None:
        """Answers."""
        await interaction.response.send_message("ok", ephemeral=True)

    @bare.autocomplete("word")
    async def offer(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        """Offers one word."""
        return [Choice(name="ok", value="ok")]

    @app_commands.command(name="control", description="Answers 20 ms later")
    async def control(self, interaction: discord.Interaction) -> None:
        """Answers 20 ms later."""
        await asyncio.to_thread(time.sleep, CONTROL_SECONDS)
        await interaction.response.send_message("ok", ephemeral=True)


@dataclass(slots=True)
class Stopwatch:
    """When the newest interaction came in and when its first answer left."""

    came: float = 0.0
    left: float | None = None
    longest_pause: float = 0.0


@dataclass(slots=True)
class Rig:
    """A bot with so many chapters, and one admin in one channel."""

    world: Env
    bot: ChapterBot
    store: Store
    guild: GuildHandle
    place: ChannelHandle
    admin: MemberActor
    watch: Stopwatch
    ready_seconds: float

    async def time(self, act: Callable[[], Awaitable[Any]], runs: int) -> list[float]:
        """Seconds from the arrival of an act's last interaction to its first answer, run by run."""
        # SimCord keeps all that ever happened: without this the collector looks through more of it each time, which no bot on Discord does.
        spare_the_collector()
        taken = []
        for _ in range(runs):
            self.watch.left = None
            await act()
            if self.watch.left is None:
                raise RuntimeError("there was no answer")
            taken.append(self.watch.left - self.watch.came)
        return taken


@contextlib.contextmanager
def _watched(watch: Stopwatch) -> Any:
    """Notes an interaction's arrival, its first answer, and the longest time the event loop was held up."""
    here = threading.get_ident()
    arrive, answer, run = ConnectionState.parse_interaction_create, AsyncWebhookAdapter.create_interaction_response, asyncio.Handle._run

    def arrived(self: ConnectionState[Any], data: Any) -> None:
        watch.came, watch.left = clock(), None
        arrive(self, data)

    def answered(self: AsyncWebhookAdapter, *args: Any, **options: Any) -> Any:
        watch.left = watch.left or clock()
        return answer(self, *args, **options)

    def ran(self: asyncio.Handle) -> None:
        began = clock()
        run(self)
        # The public page has an event loop of its own, on another thread.
        if threading.get_ident() == here:
            watch.longest_pause = max(watch.longest_pause, clock() - began)

    ConnectionState.parse_interaction_create = arrived  # type: ignore[method-assign]
    AsyncWebhookAdapter.create_interaction_response = answered  # type: ignore[method-assign]
    asyncio.Handle._run = ran  # type: ignore[method-assign]
    try:
        yield
    finally:
        ConnectionState.parse_interaction_create = arrive  # type: ignore[method-assign]
        AsyncWebhookAdapter.create_interaction_response = answer  # type: ignore[method-assign]
        asyncio.Handle._run = run  # type: ignore[method-assign]


@asynccontextmanager
async def rig(path: Path, chapters: int) -> AsyncIterator[Rig]:
    """A bot whose one organisation has so many chapters with five years of history."""
    Env._settle_internal.__kwdefaults__["idle"] = 0.001
    watch = Stopwatch()
    store = await Store.open(f"sqlite+aiosqlite:///{path}")
    with _watched(watch):  # before the bot is made: it keeps the methods that it finds then
        began = clock()
        there = lambda: world.now()  # noqa: E731, PLW0108 - there is no world yet
        program = ChapterBot(store, clock=there, shard_count=1, pictures=Pictures())
        world = new_world(program, starts=NOW, name="Chapterhouse")
        await program.add_cog(Bare())
        await world.start()
        ready = clock() - began
        guild = world.create_guild("Bench")
        place = guild.create_text_channel("general")
        admin = guild.add_member(world.create_user("ana"), roles=[])
        await world.settle()
        await prepare(store, path, guild.id, chapters, admin.id)
        await as_bot(world, program.run_due(world.now()))
        spare_the_collector()
        yield Rig(world, program, store, guild, place, admin, watch, ready)
        await world.shutdown()
        await program.close()
    await store.close()


async def prepare(store: Store, path: Path, guild_id: int, chapters: int, admin_id: int) -> None:
    """Stores the organisation with its goals and five years of history."""
    async with store.write() as c:
        await asked.create(c, guild_id, BEGAN)
        await organisations.change(c, guild_id, {"set_up_at": BEGAN, "valued_through": NOW.date()})
        await goals.create_first_goals(c, guild_id, BEGAN.date(), BEGAN, None)
    await asyncio.to_thread(fill, path, guild_id, chapters, admin_id)
    async with store.read() as c:
        rows = await c.exec_driver_sql("SELECT id FROM chapter WHERE guild_id = ? ORDER BY id", (guild_id,))
        ids = [row[0] for row in rows]
    for start in range(0, len(ids), summaries.BATCH):
        async with store.write() as c:
            await summaries.refresh(c, guild_id, ids[start : start + summaries.BATCH], NOW)
    await store.keep_in_the_picture()
