"""The real bot and the sample organisation, shown until somebody presses Ctrl-C."""

import asyncio
import secrets
import signal
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
import typer
from discord.utils import utcnow  # noqa: TID251 - the program's one clock: the demo begins today
from simcord.env import Env

from bot.client import ChapterBot
from bot.delivery import planner
from bot.demo import empty as bare
from bot.demo import sample
from bot.demo.hub import Hooks, Hub
from bot.demo.server import DemoFault
from bot.demo.towns import HOME
from bot.demo.world import as_bot, new_world
from bot.domain.text import Text, text
from bot.locales import SOURCE, plain
from bot.services.pictures import Pictures
from bot.services.public import Address
from bot.web.server import Server as WebServer
from bot.web.site import Site, Terms
from db.store import Store

NAME = "Chapterhouse"
FIRST_STEPS = (
    text("Ana in #london: fill in the report card and press Publish. If no question about last month is open, press Next month first."),
    text("Mo in #general: type /progress and see where the whole organisation stands."),
    text("Press Next month: the bot asks every chapter again. Then press +1 week: on Monday Fay reads who may need a call."),
    text("Restart the bot while a form is open, then send the form: no word is lost."),
    text("Only you act here. As time passes the other chapters stay silent, so fewer and fewer of them are functioning."),
)


EMPTY = text("An empty server, and the real bot, on this computer only.")


class _Life:
    """The bot's present life on one database; a restart ends it and begins the next."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store: Store
        self.bot: ChapterBot
        self.world: Env
        self.site: Site | None = None
        self.address: Address | None = None
        self.pictures = Pictures(lets_go=False)

    async def begin(self) -> ChapterBot:
        """Opens the database and gives a bot that knows nothing but what is in there."""
        self.store = await Store.open(self.url)
        clock = lambda: self.world.now()  # noqa: E731, PLW0108 - there is no world yet
        if self.site is not None:
            self.site.move_to(self.store)
        self.bot = ChapterBot(self.store, clock=clock, shard_count=1, pictures=self.pictures)
        self.bot.address = self.address
        await self.pictures.warm_up()
        return self.bot

    async def answer(self, undo: AsyncExitStack) -> None:
        """Serves the public pages on a port of their own, as long as the demo is shown."""
        self.site = Site(self.store, lambda: self.world.now(), Terms(""), asyncio.get_running_loop())  # noqa: PLW0108
        server = WebServer("127.0.0.1", 0, None, self.site)
        port = await server.open()
        undo.push_async_callback(server.close)
        self.bot.address = self.address = Address(f"http://127.0.0.1:{port}", everywhere=False)
        self.site.known_as(self.address.url)

    async def end(self) -> None:
        await self.store.close()

    async def again(self) -> discord.Client:
        await self.end()
        return await self.begin()

    async def next_due(self) -> datetime | None:
        return await planner.next_due(self.store, self.world.now())

    async def run_due(self, now: datetime) -> None:
        await self.bot.run_due(now)


async def show(port: int, keep: Path | None, *, empty: bool = False) -> None:
    """Shows the demo on 127.0.0.1 until it is told to stop; `keep` names a new file for its database. Raises DemoFault."""
    if keep is not None and await asyncio.to_thread(keep.exists):
        raise DemoFault(text("{file} is there already, and each demo begins anew. Name a file that does not exist.", file=str(keep)))
    _stop_when_asked()
    async with AsyncExitStack() as undo:
        folder = undo.enter_context(TemporaryDirectory(prefix="chapterhouse-demo-", ignore_cleanup_errors=True))
        with suppress(asyncio.CancelledError):
            await _found(port, keep or Path(folder) / "demo.db", undo, empty=empty)


async def _found(port: int, database: Path, undo: AsyncExitStack, *, empty: bool) -> None:
    shown = bare if empty else sample
    steps = bare.FIRST_STEPS if empty else FIRST_STEPS
    life, now = _Life(f"sqlite+aiosqlite:///{database}"), utcnow().replace(microsecond=0)
    life.world = new_world(await life.begin(), starts=shown.begins(now), name=NAME)
    undo.push_async_callback(life.end)
    hooks = Hooks(next_due=life.next_due, run_due=life.run_due, new_bot=life.again)
    key = secrets.token_urlsafe(32)
    hub = Hub(world=life.world, hooks=hooks, port=port, key=key, zone=HOME, first_steps=steps, locale=SOURCE)
    if empty:
        hub.what, hub.file = EMPTY, bare.FILE
    await hub.start()
    undo.push_async_callback(hub.close)
    await life.world.start()
    undo.push_async_callback(life.world.shutdown)
    server = await shown.build(life.world, life.bot, now)
    await life.answer(undo)
    if isinstance(server, sample.Server) and life.address is not None:
        hub.public = f"{life.address.url}/o/{await sample.open_page(life.store, server.seat.guild_id, now)}"
    await as_bot(life.world, life.run_due(life.world.now()))
    for tab in server.tabs:
        hub.add(*tab)
    if isinstance(server, bare.Empty):
        server.follow(life.world, hub.add)
    _say(text("The demo is open at {address}", address=f"http://127.0.0.1:{hub.port}/"))
    for step in steps:
        _say(text("  {step}", step=step))
    _say(text("Ctrl-C ends it."))
    await asyncio.Event().wait()


def _stop_when_asked() -> None:
    task = asyncio.current_task()
    assert task is not None
    for asked in (signal.SIGTERM, signal.SIGINT):
        # Windows has no such handlers: there Ctrl-C cancels the whole run.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(asked, task.cancel)


def _say(sentence: Text) -> None:
    typer.echo(plain(sentence, SOURCE))
