"""Health and figures for whoever runs the program, on this machine alone: reading only, and nothing about anybody."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.locales import SOURCE, plain
from bot.pulse import Pulse
from bot.web.metrics import CONTENT_TYPE, Metrics
from db.faults import StorageFault
from db.store import Store

HOST = "127.0.0.1"
HERE = frozenset({HOST, "localhost"})
DATABASE_PATIENCE = 2.0

# What a browser is told that got here by mistake: take nothing from this, show it nowhere, keep it not.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "chapterhouse",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class NoPort(Refusal):
    """The port cannot be had: tells the operator which one, and what to do."""


class Watch:
    """Answers whether all is well, and with which figures."""

    def __init__(self, store: Store, pulse: Pulse, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._pulse = pulse
        self._metrics = metrics
        self._clock = clock
        self._asked: asyncio.Task[None] | None = None

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 while all is well, or 503 and in words what is not."""
        faults = [*self._pulse.faults()]
        if fault := await self._database():
            faults.append(fault)
        told = {"well": not faults, "faults": [plain(fault, SOURCE) for fault in faults]}
        return web.json_response(told, status=503 if faults else 200, dumps=lambda data: json.dumps(data) + "\n")

    async def metrics(self, _request: web.Request) -> web.Response:
        """All figures."""
        page = await self._metrics.page(self._store, self._clock(), connected=self._pulse.connected(), quiet=self._pulse.quiet)
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})

    async def _database(self) -> Text | None:
        # One question at a time, and never broken off: many askers are no load, and a connection is not lost to them.
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._store.can_be_written())
        done, _ = await asyncio.wait({self._asked}, timeout=DATABASE_PATIENCE)
        if not done:
            return text("The database has not let anybody write for {seconds} seconds.", seconds=int(DATABASE_PATIENCE))
        error = self._asked.exception()
        if error is None:
            return None
        return error.reason if isinstance(error, StorageFault) else text("The database cannot be written; the log says more.")


@web.middleware
async def _for_this_machine(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Turns away whoever came by another name: a page elsewhere can give its own name this machine's address."""
    name = (request.headers.get("Host") or "").rpartition(":")[0] or request.headers.get("Host")
    if name not in HERE:
        return web.Response(status=421, text="This is not for you.\n")
    if request.method not in {"GET", "HEAD"}:
        return web.Response(status=405, headers={"Allow": "GET, HEAD"}, text="This can only be read.\n")
    return await handler(request)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


@asynccontextmanager
async def opened(watch: Watch, port: int) -> AsyncIterator[None]:
    """Answers at this port of this machine for as long as the block lasts. Raises NoPort."""
    application = web.Application(middlewares=[_for_this_machine])
    application.router.add_get("/healthz", watch.healthz)
    application.router.add_get("/metrics", watch.metrics)
    application.on_response_prepare.append(_add_headers)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0, keepalive_timeout=15.0)
    await runner.setup()
    try:
        await _listen(runner, port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        raise NoPort((_taken if error.errno == errno.EADDRINUSE else _not_opened)(port)) from error


def _taken(port: int) -> Text:
    return text("Port {port} of this machine is in use by another program. Stop that one, or choose another: web.port.", port=str(port))


def _not_opened(port: int) -> Text:
    return text("Port {port} of this machine cannot be opened. Choose another: web.port.", port=str(port))
