"""The program's one web server: on a thread with an event loop of its own, so that readers and slow clients hold nobody else up."""

import asyncio
import errno
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager

from aiohttp import web

from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.web import health
from bot.web.health import Watch
from bot.web.site import Site

HOST = "127.0.0.1"
IDLE_SECONDS = 15.0
MOST_CONNECTIONS = 500
LOOKS = 5.0
CLOSING_SECONDS = 1.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NoPort(Refusal):
    """The port cannot be had: tells the operator which one, and what to do."""


class _Refused(asyncio.Protocol):
    """A connection beyond those that there may be at a time: it ends before it costs anything."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


class Server:
    """Answers at one address for as long as it is open; health is asked on the event loop that it was made on."""

    def __init__(self, host: str, port: int, watch: Watch | None, site: Site | None) -> None:
        self._host, self._port = host, port
        self._watch, self._site = watch, site
        self._home = asyncio.get_running_loop()
        self._listens: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="web", daemon=True)
        self._end: Callable[[], object] = lambda: None

    async def open(self) -> int:
        """Begins to answer; gives the port, which is chosen freely for 0. Raises OSError."""
        self._thread.start()
        return await asyncio.wrap_future(self._listens)

    async def close(self) -> None:
        """Answers nobody any more."""
        self._end()
        await asyncio.to_thread(self._thread.join)

    async def _serve(self) -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        self._end = lambda: loop.call_soon_threadsafe(ended.set)
        runner = web.AppRunner(
            self._application(),
            access_log=None,
            shutdown_timeout=CLOSING_SECONDS,
            keepalive_timeout=IDLE_SECONDS,
            handler_cancellation=False,
        )
        await runner.setup()
        made = runner.server
        assert made is not None

        def connection() -> asyncio.Protocol:
            return made() if len(made.connections) < MOST_CONNECTIONS else _Refused()

        try:
            listening = await loop.create_server(connection, self._host, self._port, reuse_address=True)
        except OSError as error:
            await runner.cleanup()
            self._listens.set_exception(error)
            return
        self._listens.set_result(_port(listening.sockets[0]))
        tending = asyncio.create_task(_tend(made))
        await ended.wait()
        tending.cancel()
        listening.close()
        await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        if self._watch is not None:
            health.add_to(application.router, self._watch, self._home)
        if self._site is not None:
            self._site.add_to(application.router)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._site is None or (self._watch is not None and request.path in health.PATHS):
            return await health.guard(request, handler)
        return await self._site.guard(request, handler)


def _port(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


async def _tend(server: web.Server) -> None:
    """Ends connections whose other side has not taken what it was sent for two looks: nothing else would."""
    stuck: set[object] = set()
    while True:
        await asyncio.sleep(LOOKS)
        waiting = {each for each in server.connections if each.transport is not None and each.transport.get_write_buffer_size()}
        for each in waiting & stuck:
            if each.transport is not None:
                each.transport.abort()
        stuck = set(waiting)


@asynccontextmanager
async def opened(watch: Watch, port: int, site: Site | None = None, host: str = HOST) -> AsyncIterator[None]:
    """Answers at this port for as long as the block lasts. Raises NoPort."""
    server = Server(host, port, watch, site)
    try:
        await server.open()
    except OSError as error:
        raise NoPort(_why_not(error, host, port)) from error
    try:
        yield
    finally:
        await server.close()


def _why_not(error: OSError, host: str, port: int) -> Text:
    if error.errno == errno.EADDRINUSE:
        return text("Port {port} of this machine is in use by another program. Stop that one, or choose another: web.port.", port=str(port))
    if host != HOST and error.errno in (errno.EADDRNOTAVAIL, None):
        return text("This machine has no address {host}. Choose another: web.address.", host=host)
    return text("Port {port} of this machine cannot be opened. Choose another: web.port.", port=str(port))
