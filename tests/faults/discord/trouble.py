"""What can go wrong with one request: which one, at which point of its life, and what happens then."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from aiohttp import web

Act = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


class Point(Enum):
    """A point in the life of a request."""

    ARRIVED = auto()
    """Nothing has been done yet: what the trouble answers is all that happens."""
    CARRIED_OUT = auto()
    """All is done as asked; the answer is not on its way yet."""
    ANSWERED = auto()
    """The answer is on its way."""


@dataclass
class Trouble:
    """Happens to the requests of this method and path (a pattern), from the `first` one on, so many `times` (None: always)."""

    method: str
    path: str
    act: Act
    point: Point = Point.ARRIVED
    first: int = 1
    times: int | None = 1
    seen: int = 0

    def meets(self, request: web.Request) -> bool:
        """Whether it happens to this request; each request is counted once."""
        if request.method != self.method or not re.fullmatch(self.path, request.path):
            return False
        self.seen += 1
        return self.seen >= self.first and (self.times is None or self.seen < self.first + self.times)


def answer(data: object, status: int = 200, **headers: str) -> web.Response:
    """An answer as Discord gives it."""
    # With a charset beside it discord.py would take the answer for plain text.
    return web.Response(body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json"} | headers)


def error(status: int, code: int = 0, words: str = "") -> Act:
    """Discord says no, or has trouble of its own."""

    async def act(_: web.Request) -> web.StreamResponse:
        return answer({"message": words or f"{status}: an error", "code": code}, status)

    return act


def too_many(retry_after: float, *, everywhere: bool = False) -> Act:
    """429: too many requests, on this route or everywhere."""

    async def act(_: web.Request) -> web.StreamResponse:
        told = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
        scope = {"X-RateLimit-Scope": "global" if everywhere else "user"} | ({"X-RateLimit-Global": "true"} if everywhere else {})
        return answer(told, 429, Via="1.1 google", **{"Retry-After": str(retry_after)}, **scope)

    return act


def slow(seconds: float) -> Act:
    """What is asked takes so long, and is done then."""

    async def act(_: web.Request) -> None:
        await asyncio.sleep(seconds)

    return act


async def cut(request: web.Request) -> web.StreamResponse:
    """The answer stops in its middle."""
    half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await half.prepare(request)
    await half.write(b'{"id": "1')
    _hang_up(request)
    return half


async def lost(request: web.Request) -> web.StreamResponse:
    """No answer at all: the line is dead."""
    _hang_up(request)
    return web.Response()


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def calls(act: Callable[[], None]) -> Act:
    """Something else happens at that point, and the request goes its way."""

    async def also(_: web.Request) -> None:
        act()

    return also
