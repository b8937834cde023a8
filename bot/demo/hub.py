"""Several people of one simulated Discord in one browser, with one clock and one lock around everything that happens."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import discord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, UserHandle
from simcord.env import Env

from bot.demo.server import Server
from bot.demo.world import Viewer, Window, as_bot, is_forum
from bot.domain.text import Moment, Style, Text, text

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.15
"""How long to wait for more changes before pages are published anew; each publication makes them redraw."""
PATIENCE = timedelta(minutes=1)
"""How much later a jump looks again when what was due could not be done."""
POSTS_SHOWN = 25
_DOES = frozenset({"click", "select", "modal_submit", "run_command"})


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the demo has instead of a scheduler: when something is due next, doing what is due, and a new bot on the same database."""

    next_due: Callable[[], Awaitable[datetime | None]]
    run_due: Callable[[datetime], Awaitable[object]]
    new_bot: Callable[[], Awaitable[discord.Client]]


@dataclass(slots=True)
class Place:
    """What one tab shows: a channel, a forum's posts or direct messages, as its viewers see it."""

    key: str
    label: Text
    channel: ChannelHandle
    viewers: tuple[Viewer, ...]
    forum: bool
    news: int = 0

    def rooms(self) -> dict[str, ChannelHandle]:
        """The conversations by their keys; of a forum its newest posts, the newest first."""
        if not self.forum:
            return {self.key: self.channel}
        posts = sorted(self.channel.threads, key=lambda post: post.id, reverse=True)
        return {f"{self.key}.{post.id}": post for post in posts[:POSTS_SHOWN]}

    def holds(self, channel_id: int) -> bool:
        """Whether the channel is this place's own or one of its posts."""
        return channel_id == self.channel.id or (self.forum and any(post.id == channel_id for post in self.channel.threads))


@dataclass(slots=True)
class Progress:
    """What is going on, and the last thing to be told; `notices` counts what was told so that a page tells it once."""

    busy: Text | None = None
    notice: Text | None = None
    notices: int = 0

    def tell(self, notice: Text) -> None:
        """Shows a sentence once on every open page."""
        self.notice = notice
        self.notices += 1


@dataclass(slots=True, kw_only=True, eq=False)
class Hub:
    """All places of the demo at one address."""

    world: Env
    hooks: Hooks
    port: int
    key: str
    zone: tzinfo = UTC
    first_steps: tuple[Text, ...] = ()
    locale: str = "en"
    what: Text = field(default_factory=lambda: text("A sample organisation, and the real bot, on this computer only."))
    file: Path | None = None
    public: str | None = None
    places: dict[str, Place] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    open_place: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _windows: dict[str, Window] = field(default_factory=dict)
    _stale: set[str] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _owed: bool = False
    _work: asyncio.Task[None] | None = None
    _keeper: asyncio.Task[None] | None = None
    _server: Server | None = None

    async def start(self) -> None:
        """Opens the address; raises DemoFault if the port is none or taken."""
        self._server = Server(self)
        self.port = await self._server.start(self.port)
        self.world.backend.subscribers.append(self._note)
        self._keeper = asyncio.create_task(self._keep_fresh())

    async def close(self) -> None:
        """Ends whatever is going on and closes the address; the world is the caller's to shut down."""
        tasks = [task for task in (self._work, self._keeper) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.close()
        if self._note in self.world.backend.subscribers:
            self.world.backend.subscribers.remove(self._note)
        for window in self._windows.values():
            await window.close()

    def add(self, key: str, label: Text, place: ChannelHandle | UserHandle, viewers: Iterable[Viewer]) -> None:
        """Adds a tab. For direct messages `place` is the person; of a forum the posts are shown."""
        channel = place.dm_channel if isinstance(place, UserHandle) else place
        people = tuple(each.user if channel.guild is None and isinstance(each, MemberActor) else each for each in viewers)
        self.places[key] = Place(key, label, channel, people, is_forum(channel))

    async def window(self, key: str) -> Window | None:
        """The page behind a key: opened when it is first asked for, and again if somebody ended it."""
        window = self._windows.get(key)
        if window is not None and not window.ended:
            return window
        place = self.places.get(key.partition(".")[0])
        channel = place.rooms().get(key) if place is not None else None
        if place is None or channel is None:
            return None
        number = self.opening(key) or 1
        window = Window(
            self.world,
            channel,
            place.viewers,
            key=key,
            number=number,
            port=self.port,
            zone=str(self.zone),
            lock=self._lock,
            acted=self._acted,
        )
        await window.open()
        self._windows[key] = window
        return window

    def opening(self, key: str) -> int:
        """Which opening of the page is shown, or would be by loading it; a browser that shows an earlier one must load it again."""
        window = self._windows.get(key)
        return 0 if window is None else window.number + window.ended

    @property
    def now(self) -> datetime:
        """The demo's present, in its zone."""
        return self.world.now().astimezone(self.zone)

    def begin(self, work: Coroutine[Any, Any, None]) -> bool:
        """Starts a jump or a restart in the background; False if one is going on, or nothing is there yet."""
        if not self.places or (self._work is not None and not self._work.done()):
            work.close()
            return False
        self.progress.busy = text("One moment.")
        self._work = asyncio.create_task(self._report(work))
        return True

    async def refresh(self) -> None:
        """Publishes anew what has changed since it was last published."""
        async with self._lock:
            await self._republish(self._stale & set(self._windows))

    async def advance_to(self, moment: datetime) -> None:
        """Lets the time pass up to `moment`, stopping wherever something is due and doing it."""
        async with self._lock:
            try:
                step = earliest = self.world.now()
                while step < moment:
                    due = await as_bot(self.world, self.hooks.next_due())
                    step = moment if due is None else min(moment, max(due, earliest))
                    self.progress.busy = text("Time passes: {moment}", moment=Moment(step, Style.DAY_AND_HOUR))
                    await self.world.advance_time(max(0, math.ceil((step - self.world.now()).total_seconds())))
                    await as_bot(self.world, self.hooks.run_due(self.world.now()))
                    earliest = self.world.now() + PATIENCE
            finally:
                await self._republish(set(self._windows))
        self.progress.tell(text("It is now {moment}.", moment=Moment(self.world.now(), Style.DAY_AND_HOUR)))

    async def restart(self) -> None:
        """Puts a new bot on the same database in the old one's place, under open pages and open forms."""
        async with self._lock:
            self.progress.busy = text("The bot restarts.")
            await self.world.settle()
            bot = await self.hooks.new_bot()
            await self.world.restart_bot(bot)
            await as_bot(self.world, self.hooks.run_due(self.world.now()))
            await self._republish(set(self._windows))
        self.progress.tell(text("The bot was restarted. Old buttons and open forms still work."))

    def _acted(self, kind: str, result: Mapping[str, Any]) -> None:
        """After somebody's action the bot soon does what is due, as with a scheduler; what it left unanswered is said."""
        if kind not in _DOES:
            return
        self._owed = True
        self._changed.set()
        if result["settlement"] in {"failed", "timeout"} or result["acknowledgement"] == "unacknowledged":
            self.progress.tell(text("The bot gave no proper answer to that. The terminal says why."))
            for error in self.world.errors[-1:]:
                log.error("The bot failed", exc_info=error)

    def _note(self, event: str, payload: Mapping[str, Any]) -> None:
        """Remembers which pages show something that has just changed, and which tab has news."""
        if not event.startswith(("MESSAGE_", "THREAD_", "CHANNEL_", "GUILD_")):
            return
        where = int(payload.get("channel_id") or 0)
        about_all = not event.startswith("MESSAGE_")
        self._stale.update(key for key, window in self._windows.items() if about_all or window.channel.id == where)
        if event == "MESSAGE_CREATE":
            author = int(payload["author"]["id"])
            for place in self.places.values():
                if place.key != self.open_place and author != place.viewers[0].id and place.holds(where):
                    place.news += 1
        self._changed.set()

    async def _keep_fresh(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(QUIET_SECONDS)
            self._changed.clear()
            try:
                async with self._lock:
                    if self._owed:
                        self._owed = False
                        await as_bot(self.world, self.hooks.run_due(self.world.now()))
                    await self._republish(self._stale & set(self._windows))
            except Exception:
                log.exception("The pages could not be refreshed")

    async def _republish(self, keys: set[str]) -> None:
        self._stale -= keys
        for key in keys:
            if not self._windows[key].ended:
                await self._windows[key].refresh()

    async def _report(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("The demo could not finish this")
            self.progress.tell(text("This did not work, and the terminal says why. The date shows how far it came."))
        finally:
            self.progress.busy = None
