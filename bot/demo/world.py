"""The simulated Discord and its pages: the only module that touches SimCord's private names."""
# ruff: noqa: SLF001  (SimCord is pinned exactly, and tests/web/test_hub.py fails if a name here has moved)

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import discord
import simcord.preview
import simcord.preview._messages
import simcord.preview._queries
import simcord.preview._server
import simcord.preview._snapshot
from aiohttp import web
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle, UserHandle
from simcord.env import Env
from simcord.preview import Preview, _validate_preview
from simcord.preview._pages import _Page
from simcord.preview._server import PreviewServer

T = TypeVar("T")
Viewer = MemberActor | UserHandle

SETTLE_SECONDS = 120.0
IDLE_SECONDS = 0.002
"""How often SimCord looks whether the bot has finished; its usual 0.05 would be the longest part of every answer."""
LONGEST_WORK = 3600
"""Seconds of the world's time after which work that still waits is given up."""
_ONE_LIFE = 1
_WIDTH, _HEIGHT, _LOCALE = 960, 720, "en-GB"

_FOLDER = Path(simcord.preview.__file__).parent
INDEX = _FOLDER / "static" / "index.html"
FILES = {
    route: _FOLDER / name if name == "protocol.schema.json" else _FOLDER / "static" / name
    for route, name in PreviewServer._STATIC_FILES.items()
    if route != "/"
}
"""What a page loads, by its path."""
RULES = PreviewServer._SECURITY_HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
QUESTIONS = (
    ("POST", "/api/pages", "_pages"),
    ("DELETE", "/api/pages/{context_id}", "_delete_page"),
    ("GET", "/api/state", "_state"),
    ("GET", "/api/commands", "_commands"),
    ("GET", "/api/action-result", "_action_result"),
    ("GET", "/api/assets/{asset_id}", "_asset"),
    ("POST", "/api/action", "_action"),
)
"""What a page asks: method, path, and the name that `Window.answer` knows it by."""


def new_world(bot: discord.Client, *, starts: datetime, name: str) -> Env:
    """A simulated Discord whose clock begins at `starts` and in which the bot is called `name`."""
    world = Env(bot, check_errors=False, settle_timeout=SETTLE_SECONDS)
    world._settle_internal = partial(world._settle_internal, idle=IDLE_SECONDS)  # type: ignore[method-assign]
    world.backend.clock._epoch = starts
    world.backend.bot_user.name = name
    return world


async def as_bot(world: Env, work: Awaitable[T]) -> T:
    """Does work where SimCord counts it as the bot's; what it waits for takes no real time. Raises TimeoutError if it never ends."""

    async def run() -> T:
        return await work

    with world._bot_scope():
        task = asyncio.get_running_loop().create_task(run())
    await world.settle(idle=IDLE_SECONDS)
    for _ in range(LONGEST_WORK):
        if task.done():
            return task.result()
        await world.advance_time(1)
    task.cancel()
    raise TimeoutError("the bot waits for something that does not come")


def is_forum(channel: ChannelHandle) -> bool:
    """A forum has no page of its own: each of its posts has one."""
    return channel._channel.type in (discord.ChannelType.forum.value, discord.ChannelType.media.value)


def channel_of(world: Env, guild: GuildHandle, channel_id: int) -> ChannelHandle:
    """A channel that was made while the demo ran."""
    return ChannelHandle(world, guild, world.backend.get_channel(channel_id))


def _is_known(page_of: Preview, _page: _Page, user_id: int) -> bool:
    return user_id in page_of.env.backend.users


# Discord names whoever is mentioned in direct messages too; SimCord would show the bare ids of all but the two who talk.
for _module in (simcord.preview._messages, simcord.preview._queries, simcord.preview._snapshot):
    _module._user_allowed = _is_known  # type: ignore[attr-defined]


class _Door(PreviewServer):
    """A page's request handlers without a socket of their own: the demo's server calls them."""

    async def start(self) -> None:
        simcord.preview._server.web = web  # type: ignore[attr-defined]  # its own start() would have set it
        self.port = self._requested_port

    async def close(self) -> None:
        self.port = None


class Window(Preview):
    """One person looking at one conversation, spared what Discord's own client would not show: restarts and stale revisions."""

    _PAGE_LEASE_SECONDS = timedelta(days=30).total_seconds()  # a laptop that slept must wake up to the same page

    def __init__(
        self,
        world: Env,
        channel: ChannelHandle,
        viewers: Iterable[Viewer],
        *,
        key: str,
        number: int,
        port: int,
        zone: str,
        lock: asyncio.Lock,
        acted: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        checked = _validate_preview(world, channel, viewers=viewers, width=_WIDTH, height=_HEIGHT, locale=_LOCALE, timezone=zone)[1]
        super().__init__(
            world,
            channel,
            checked,
            layout="channel",
            display="responsive",
            width=_WIDTH,
            height=_HEIGHT,
            locale=_LOCALE,
            timezone=zone,
            presentation_time=None,
            assets=None,
            port=port,
        )
        self.key = self.capability = key  # the demo's own key guards every request before it comes here
        self.number = number
        self._server = _Door(self, port)
        self._lock = lock
        self._acted = acted

    @property
    def ended(self) -> bool:
        """Whether somebody has ended the page; it cannot be used again."""
        return self._closed

    async def open(self) -> None:
        """Makes the page available; other pages of the world stay so."""
        other, self.env._preview = self.env._preview, None  # SimCord means to have one preview at a time
        await self.__aenter__()
        self.env._preview = other

    async def answer(self, question: str, request: web.Request) -> web.StreamResponse:
        """Answers one of QUESTIONS."""
        response: web.StreamResponse = await getattr(self._server, question)(request)
        return response

    def _open_page(self, viewer_id: Any = None, target_id: Any = None) -> _Page:
        idle = sorted((page for page in self._pages.values() if page is not self._python), key=lambda page: page.last_activity)
        for page in idle[: max(0, len(idle) + 1 - self._MAX_PAGES)]:
            self._close_page(page.id)
        return super()._open_page(viewer_id, target_id)

    def _page_payload(self, page: _Page) -> dict[str, Any]:
        # A page that learns of a restart empties its forms; people at Discord's own client do not even notice one.
        return {**super()._page_payload(page), "botGeneration": _ONE_LIFE}

    async def _action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self._lock:
            self.env._preview = self
            result = await super()._action(context_id, self._as_of_now(context_id, body))
        if isinstance(body, dict):
            self._acted(str(body.get("kind")), result)
        return result

    def _as_of_now(self, context_id: str | None, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The action, whatever was redrawn or restarted since: only whether its control still exists decides."""
        page = self._pages.get(context_id or "")
        if page is None or not isinstance(body, dict):
            return body
        revision = {"published_revision": page.revision} if isinstance(body.get("published_revision"), int) else {}
        return {**body, "bot_generation": self.env._generation, **revision}
