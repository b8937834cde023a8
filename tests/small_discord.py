"""A Discord of one bot, on loopback: enough of its API and gateway for the program to log in, look round, send and leave."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import WSMsgType, web

TOKEN = ".".join(("M" * 24, "n" * 6, "s" * 38))
BOT = {"id": "118765432109876543", "username": "chapterhouse", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": BOT["id"],
    "name": "Chapterhouse",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "0" * 64,
    "owner": BOT,
}
MESSAGE = {
    "author": BOT,
    "content": "",
    "timestamp": "2026-11-01T12:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "components": [],
    "pinned": False,
    "type": 0,
}
ROOT = Path(__file__).parents[1]
PROGRAM = """
import sys
import discord.http
discord.http.Route.BASE = sys.argv.pop(1)
from bot.cli import main
main()
"""


@dataclass
class SmallDiscord:
    """Whom it lets in, what it knows by path, what it was sent; `silent` it never answers, and what is sent waits for `takes`."""

    address: str
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    knows: dict[str, object] = field(default_factory=dict)
    sent: list[object] = field(default_factory=list)
    sending: asyncio.Event = field(default_factory=asyncio.Event)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    refuses_all: bool = False
    silent: bool = False
    servers: list[dict[str, object]] = field(default_factory=list)
    connections: list[web.WebSocketResponse] = field(default_factory=list)

    async def tell(self, event: str, data: dict[str, object]) -> None:
        """Tells every bot that is connected that something has happened."""
        for each in self.connections:
            await each.send_json({"op": 0, "t": event, "s": 2, "d": data})

    async def hang_up(self) -> None:
        """Ends every connection; where the bot would resume it, nobody answers."""
        for each in self.connections:
            await each.close(code=4000)

    async def program(self, folder: Path, *arguments: str, token: str = TOKEN, **variables: str) -> asyncio.subprocess.Process:
        """Starts the command line in this folder, with this Discord in the place of the real one."""
        return await start(self.address, folder, *arguments, CHAPTERHOUSE_TOKEN=token, **variables)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Discord's answer to any request of the API."""
        self.called.set()
        if self.silent:
            await asyncio.Event().wait()
        if self.refuses_all:
            return _json({"message": "Missing Access", "code": 50001}, status=403)
        if request.path.endswith("/callback"):  # whoever knows the interaction's token may answer
            self.sent.append(await request.json())
            return _json({"interaction": {"id": request.path.split("/")[2], "type": 3}})
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            return _json({"message": "401: Unauthorized", "code": 0}, status=401)
        match request.path:
            case "/users/@me":
                return _json(BOT)
            case "/oauth2/applications/@me":
                return _json(APPLICATION)
            case "/gateway/bot":
                limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
                return _json({"url": f"{self.address.replace('http', 'ws')}/gateway", "shards": 1, "session_start_limit": limit})
            case path if path.endswith("/commands"):
                wanted = [] if request.method == "GET" else await request.json()
                return _json([{**each, "id": str(n), "application_id": BOT["id"], "version": "1"} for n, each in enumerate(wanted, 1)])
            case path if path.endswith("/messages"):
                self.sending.set()
                await self.takes.wait()
                self.sent.append(await request.json())
                return _json({**MESSAGE, "id": str(1000 + len(self.sent)), "channel_id": path.split("/")[2]})
            case _:
                return _json(self.knows.get(request.path, []))

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        """The connection on which the bot hears what happens: here, nothing."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}})
        async for message in socket:
            if message.type is WSMsgType.TEXT and message.json()["op"] == 2:
                known = [{"id": each["id"], "unavailable": True} for each in self.servers]
                ready = {
                    "v": 10,
                    "user": BOT,
                    "guilds": known,
                    "session_id": "s",
                    "resume_gateway_url": "ws://127.0.0.1:1",
                    "shard": [0, 1],
                }
                await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": {**ready, "application": {"id": BOT["id"], "flags": 0}}})
                self.connections.append(socket)
                for each in self.servers:
                    await self.tell("GUILD_CREATE", each)
                self.connected.set()
        self.left.set()
        return socket


def _json(data: object, status: int = 200) -> web.Response:
    # With a charset beside it discord.py would take the answer for plain text.
    return web.Response(body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json"})


@asynccontextmanager
async def small_discord() -> AsyncIterator[SmallDiscord]:
    """Opens it at a free port of this machine."""
    application = web.Application()
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    discord = SmallDiscord("")
    application.router.add_get("/gateway", discord.gateway)
    application.router.add_route("*", "/{path:.*}", discord.answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    discord.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield discord
    finally:
        await runner.cleanup()


async def start(address: str, folder: Path, *arguments: str, **variables: str) -> asyncio.subprocess.Process:
    """Starts the command line in this folder with these variables alone, and Discord's API at this address."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        address,
        *arguments,
        cwd=folder,
        env={"PATH": "", "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **variables},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
