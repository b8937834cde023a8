"""Health and figures for whoever runs the program, on this machine alone: reading only, and nothing about anybody.

They are asked for on the web server's thread, and answered on the bot's event loop: whether that still turns is a part of the answer.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.domain.text import Text, text
from bot.locales import SOURCE, plain
from bot.pulse import Pulse
from bot.web.metrics import CONTENT_TYPE, Metrics
from db.faults import StorageFault
from db.store import Store

HERE = frozenset({"127.0.0.1", "localhost"})
PATHS = ("/healthz", "/metrics")
PROXIED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
"""Headers by which a proxy shows that somebody from elsewhere asks."""
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


def add_to(router: web.UrlDispatcher, watch: Watch, home: asyncio.AbstractEventLoop) -> None:
    """Adds both routes; what they tell is found out on the event loop `home`."""

    def told(find: Callable[[web.Request], Coroutine[Any, Any, web.Response]]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(find(request), home))

        return answer

    for path, find in zip(PATHS, (watch.healthz, watch.metrics), strict=True):
        router.add_get(path, told(find))


async def guard(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Turns away whoever came by another name, as a page elsewhere can give its own name this machine's address, or through a proxy."""
    name = (request.headers.get("Host") or "").rpartition(":")[0] or request.headers.get("Host")
    if name not in HERE or request.remote not in HERE or any(header in request.headers for header in PROXIED):
        response: web.StreamResponse = web.Response(status=421, text="This is not for you.\n")
    elif request.method not in {"GET", "HEAD"}:
        response = web.Response(status=405, headers={"Allow": "GET, HEAD"}, text="This can only be read.\n")
    else:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = error
    response.headers.update(HEADERS)
    return response
