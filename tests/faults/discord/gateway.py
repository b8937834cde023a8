"""The gateway: identify, heartbeat, resume with what was missed, and all the ways in which Discord ends a connection."""

import asyncio
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.faults.discord.http import TOKEN
from tests.faults.discord.world import BOT, Json, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
HEARTBEAT_EVERY = 41250
REFUSED_TOKEN, GOING_AWAY = 4004, 1001


@dataclass(eq=False)
class Session:
    """What one IDENTIFY began: every event since, numbered, so that a RESUME hears what it missed."""

    id: str = field(default_factory=lambda: secrets.token_hex(16))
    events: list[Json] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    outgoing: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    writer: asyncio.Task[None] | None = None

    def send_from(self, seen: int) -> None:
        """Has everything sent that came after the event of this number."""
        self.outgoing = asyncio.Queue()
        for event in self.events[seen:]:
            self.outgoing.put_nowait(event)

    def pick_up(self, socket: web.WebSocketResponse) -> None:
        """Somebody listens."""
        self.socket, self.writer = socket, asyncio.create_task(_write(self, socket))

    def hang_up(self) -> None:
        """Nobody listens any more."""
        if self.writer is not None:
            self.writer.cancel()
        self.socket = None

    def tell(self, event: str, data: Json) -> None:
        """Numbers an event, and sends it if somebody listens."""
        self.events.append({"op": DISPATCH, "t": event, "s": len(self.events) + 1, "d": data})
        if self.socket is not None:
            self.outgoing.put_nowait(self.events[-1])


@dataclass
class Gateway:
    """Discord's side of the bot's one shard; `ready` is set while a session has all it needs."""

    world: World
    address: str = ""
    sessions: dict[str, Session] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    identified: int = 0
    resumed: int = 0
    down: bool = False
    interrupted: bool = False
    """Whether a session waits to be resumed: what happens meanwhile is kept for it."""

    def tell(self, event: str, data: Json) -> None:
        """An event for the bot, kept for whoever resumes."""
        for session in self.sessions.values():
            session.tell(event, data)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, until either side ends it."""
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_EVERY}})
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    session = await self._hear(socket, message.json()) or session
        finally:
            if session is not None and session.socket is socket:
                session.hang_up()
                if not any(each.socket for each in self.sessions.values()):
                    self.ready.clear()
            self.left.set()
        return socket

    async def _hear(self, socket: web.WebSocketResponse, told: Json) -> Session | None:
        """What the bot says; the session that it began or takes up again."""
        if told["op"] == HEARTBEAT:
            await socket.send_json({"op": ACK})
        if told["op"] not in (IDENTIFY, RESUME):
            return None
        if told["d"]["token"] != TOKEN:
            await socket.close(code=REFUSED_TOKEN)
            return None
        session = self._identify() if told["op"] == IDENTIFY else self._resume(told["d"])
        if session is None:
            await socket.send_json({"op": INVALID, "d": False})
            return None
        session.pick_up(socket)
        self.interrupted = False
        self.ready.set()
        return session

    def _identify(self) -> Session:
        # Whoever identifies anew never resumes what was before.
        self.sessions.clear()
        self.identified += 1
        session = Session()
        self.sessions[session.id] = session
        there = [server for server in self.world.servers.values() if server.joined]
        ready: Json = {"v": 10, "user": BOT, "session_id": session.id, "resume_gateway_url": self.address, "shard": [0, 1]}
        ready |= {"guilds": [{"id": str(server.id), "unavailable": True} for server in there]}
        session.tell("READY", ready | {"application": {"id": BOT["id"], "flags": 0}})
        for server in there:
            if not server.away:
                session.tell("GUILD_CREATE", self.world.guild(server))
        session.send_from(0)
        return session

    def _resume(self, told: Json) -> Session | None:
        session = self.sessions.get(told["session_id"])
        if session is None:
            return None
        self.resumed += 1
        session.tell("RESUMED", {})
        session.send_from(told["seq"])
        return session

    # What Discord does to a connection

    async def drop(self, *, resumable: bool = True) -> None:
        """The line goes dead; what was begun can be resumed or not."""
        there = [session.socket for session in self.sessions.values() if session.socket is not None]
        self._forget(resumable)
        for socket in there:
            await socket.close(code=GOING_AWAY)

    async def ask_to_reconnect(self) -> None:
        """Op 7: connect again, and resume."""
        self._forget(resumable=True)
        await self._say({"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """Op 9: the session is over; it may be resumed or not."""
        await self._say({"op": INVALID, "d": resumable})
        self._forget(resumable)

    def _forget(self, resumable: bool) -> None:
        self.interrupted = resumable
        self.ready.clear()
        if not resumable:
            self.sessions.clear()

    async def _say(self, told: Json) -> None:
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.send_json(told)


async def _write(session: Session, socket: web.WebSocketResponse) -> None:
    while not socket.closed:
        await socket.send_json(await session.outgoing.get())
