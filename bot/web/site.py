"""The public pages over HTTP: kept ready, thrown away when a figure changes, and made anew from a few questions to the database.

Everything here runs on the web server's own thread; the database is asked on the bot's event loop.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import CancelledError as Cancelled
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web

from bot.domain.calendar import Month
from bot.domain.refusal import Refusal
from bot.locales import SOURCE, pick
from bot.services import public
from bot.services.recent import FRESH
from bot.web import pages, programs
from bot.web.callers import Limiter, client, language
from bot.web.kept import Kept, Shelf
from bot.web.reader import STATIC, Reader
from db.faults import StorageFault
from db.public import Seal
from db.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

GIVES_WAY = 0.03
"""Seconds for which readers wait when an interaction has come in: by then nearly every one is answered."""
AT_ONCE = 2
PATIENCE = 15.0
MOST_WAITING = 200

_ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "chapterhouse",
    "X-Content-Type-Options": "nosniff",
}
_RULES = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
_FRAMED_NOWHERE = {**_ALWAYS, "Content-Security-Policy": _RULES + "'none'", "X-Frame-Options": "DENY"}
_OWN = {**_FRAMED_NOWHERE, "Cross-Origin-Resource-Policy": "same-origin"}
_SHARED = {**_FRAMED_NOWHERE, "Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
_FRAMED = {**_ALWAYS, "Content-Security-Policy": _RULES + "*", "Cross-Origin-Resource-Policy": "cross-origin"}
# Kept by browsers and proxies, but asked about each time: what is not open any more is gone at once.
_ASKED_ABOUT = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Accept-Encoding"}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_NOT_KEPT = {"Cache-Control": "no-store", "Vary": "Accept-Language"}

HTML, JSON, ATOM, SVG = (
    "text/html; charset=utf-8",
    "application/json; charset=utf-8",
    "application/atom+xml; charset=utf-8",
    "image/svg+xml; charset=utf-8",
)

Tongue = tuple[str, bool]
"""The language that a reader wants, "" for the organisation's, and whether they chose it on the page."""
Key = tuple[str, str, tuple[Any, ...], Tongue]

Load = Callable[[Store, Seal, tuple[Any, ...], datetime], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """One kind of page: how its values are had, how they are written, and as what they are sent."""

    load: Load
    write: Callable[[Any, Reader], str]
    kind: str = HTML
    headers: Mapping[str, str] = field(default_factory=lambda: _OWN)


VIEWS: Mapping[str, View] = {
    "": View(lambda store, seal, _, now: public.front(store, seal, now), pages.front),
    "chapters": View(lambda store, seal, args, now: public.chapter_page(store, seal, args[0], now), pages.chapters),
    "reports": View(lambda store, seal, _, now: public.newest_reports(store, seal, now), pages.reports),
    "chapter": View(lambda store, seal, args, now: public.reports_of(store, seal, args[0], now), pages.reports),
    "report": View(lambda store, seal, args, now: public.report(store, seal, args[0], args[1], now), pages.report),
    "embed": View(lambda store, seal, _, now: public.progress(store, seal, now), pages.embed, headers=_FRAMED),
    "json": View(lambda store, seal, _, now: public.progress(store, seal, now), programs.data, JSON, _SHARED),
    "badge": View(lambda store, seal, _, now: public.progress(store, seal, now), pages.badge, SVG, _SHARED),
    "atom": View(lambda store, seal, _, now: public.newest_reports(store, seal, now), programs.feed, ATOM, _SHARED),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which address the pages are reached, through how many proxies of ours, and how often one reader may ask in a minute."""

    url: str
    proxies: int = 0
    per_minute: int = 0


class Site:
    """The public pages of all organisations that have one."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        terms: Terms,
        home: asyncio.AbstractEventLoop,
        arrived: Callable[[], float] = lambda: float("-inf"),
    ) -> None:
        self._store = store
        self._clock = clock
        self._terms = terms
        self._home = home
        self._arrived = arrived
        self._limiter = Limiter(terms.per_minute)
        self._shelf = Shelf()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._making: dict[Any, asyncio.Task[Kept]] = {}
        self._files = {name: _file(kind, body) for name, (kind, body) in STATIC.items()}

    def known_as(self, url: str) -> None:
        """Is reached under this address: for whoever learns it only by opening a port."""
        self._terms = replace(self._terms, url=url)

    def move_to(self, store: Store) -> None:
        """Reads from another database from now on, and forgets all pages."""
        self._store, self._shelf = store, Shelf()

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Adds the routes of the public pages."""
        router.add_get("/static/{name}", self._static)
        for path, name in (("", ""), ("/chapters", "chapters"), ("/reports", "reports"), ("/embed", "embed")):
            router.add_get("/o/{slug}" + path, self._page(name))
            router.add_get("/o/{slug}" + path + "/", _without_slash)
        for path, name in (("/progress.json", "json"), ("/badge.svg", "badge"), ("/reports.atom", "atom")):
            router.add_get("/o/{slug}" + path, self._page(name))
        router.add_get("/o/{slug}/reports/{chapter}", self._page("chapter"))
        router.add_get("/o/{slug}/reports/{chapter}/{month}", self._page("report"))
        router.add_get("/o/{slug}/{elsewhere:.+}", self._nothing)

    def _page(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                args = _asked(name, request)
            except (ValueError, Refusal):
                return await self._nothing(request)
            slug = request.match_info["slug"]
            key = (name, slug, args, self._language(request))
            kept = self._shelf.get(key)
            if kept is None or kept.changes != self._store.changes or time.perf_counter() - kept.made > FRESH.total_seconds():
                kept = await self._made(key)
            return _sent(request, kept)

        return answer

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        """That there is nothing at an address below an organisation's, with the way back to its page if it has one."""
        slug = request.match_info["slug"]
        async with asyncio.timeout(PATIENCE), self._turns:
            seal = await self._at_home(public.seal(self._store, slug))
        return _sent(request, self._told(404, self._language(request), slug if seal is not None else ""))

    def _language(self, request: web.Request) -> Tongue:
        return language(request.query.get("lang"), request.headers.get("Accept-Language", ""))

    async def _made(self, key: Key) -> Kept:
        """The page as it is now: made once, however many ask for it at the same time."""
        making = self._making.get(key)
        if making is None:
            if len(self._making) >= MOST_WAITING:
                raise TimeoutError
            making = self._making[key] = asyncio.create_task(self._make(key))
            making.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(making)

    async def _make(self, key: Key) -> Kept:
        name, slug, args, tongue = key
        view = VIEWS[name]
        async with asyncio.timeout(PATIENCE), self._turns:
            changes, made = self._store.changes, time.perf_counter()
            seal = await self._at_home(public.seal(self._store, slug))
            if seal is None:
                self._shelf.drop(key)
                return self._told(404, tongue)
            before = self._shelf.get(key)
            if before is not None and before.seal == seal and made - before.made <= FRESH.total_seconds():
                before.changes = changes
                return before
            value = await self._at_home(view.load(self._store, seal, args, self._clock()))
            if value is None:
                self._shelf.drop(key)
                return self._told(404, tongue, slug)
            reader = Reader(tongue[0] or pick(seal.language), self._terms.url, slug, chosen=tongue[1])
            body = view.write(value, reader).encode("utf-8", "replace")
            kept = Kept(200, body, {**view.headers, **_ASKED_ABOUT, "Content-Type": view.kind}, seal, changes, made)
            self._shelf.put(key, kept)
            return kept

    async def _at_home(self, question: Coroutine[Any, Any, T]) -> T:
        """Asks on the bot's event loop: its database connections belong there."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(question, self._home))

    async def _static(self, request: web.Request) -> web.StreamResponse:
        kept = self._files.get(request.match_info["name"])
        return self.message(request, 404) if kept is None else _sent(request, kept)

    def wait(self, request: web.Request) -> float:
        """Seconds that this reader has to wait before they are answered again."""
        who = client(request.remote, request.headers.getall("X-Forwarded-For", []), self._terms.proxies)
        return self._limiter.wait(who, time.perf_counter())

    def message(self, request: web.Request, status: int, **headers: str) -> web.Response:
        """A short page that says why there is no other."""
        return _sent(request, self._told(status, self._language(request)), **headers)

    def _told(self, status: int, tongue: Tongue, slug: str = "") -> Kept:
        """The page that says so; with the address of an organisation that has a page it leads there."""
        locale, chosen = tongue[0] or SOURCE, tongue[1]
        key = (status, locale, chosen, slug)
        kept = self._shelf.get(key)
        if kept is None:
            body = pages.message(_MESSAGES[status], Reader(locale, self._terms.url, slug, chosen=chosen)).encode()
            kept = Kept(status, body, {**_OWN, **_NOT_KEPT, "Content-Type": HTML}, None, 0, 0.0)
            self._shelf.put(key, kept)
        return kept

    @web.middleware
    async def guard(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        """Turns away what is no reading and who asks too often, and answers whatever goes wrong with a short page."""
        wait = self.wait(request)
        if wait > 0:
            return self.message(request, 429, **{"Retry-After": str(int(wait) + 1)})
        if request.method not in {"GET", "HEAD"}:
            return self.message(request, 405, Allow="GET, HEAD")
        # Python runs one thread at a time: whoever asked the bot something just now goes first.
        since = time.perf_counter() - self._arrived()
        if since < GIVES_WAY:
            await asyncio.sleep(GIVES_WAY - since)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return self.message(request, error.status if error.status in _MESSAGES else 404)
        except (TimeoutError, Cancelled, StorageFault):
            log.warning("a public page could not be made in time")
            return self.message(request, 503, **{"Retry-After": "30"})
        except Exception:
            log.exception("a public page could not be made")
            return self.message(request, 500)


_MESSAGES = {404: "not_there", 405: "only_read", 429: "too_many", 500: "trouble", 503: "trouble"}


def _asked(name: str, request: web.Request) -> tuple[Any, ...]:
    """What of a page is asked for; raises ValueError for what there cannot be."""
    given = request.match_info
    match name:
        case "chapters":
            page = request.query.get("page", "1")
            if not (page.isascii() and page.isdigit() and len(page) <= 6):
                raise ValueError(page)
            return (int(page) - 1,)
        case "chapter":
            return (given["chapter"][:200],)
        case "report":
            return (given["chapter"][:200], Month.parse(given["month"]))
        case _:
            return ()


def _file(kind: str, body: bytes) -> Kept:
    return Kept(200, body, {**_SHARED, **_FOR_GOOD, "Content-Type": kind}, None, 0, 0.0)


async def _without_slash(request: web.Request) -> web.StreamResponse:
    """Sends whoever typed a slash too many to the page itself, relative to where they are: there may be a path of ours before it."""
    query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
    return web.Response(status=308, headers={**_ALWAYS, "Location": f"../{request.rel_url.raw_parts[-2]}{query}"})


def _sent(request: web.Request, kept: Kept, **headers: str) -> web.Response:
    asked = request.headers
    if kept.status == 200 and kept.etag in asked.get("If-None-Match", ""):
        return web.Response(status=304, headers={**kept.headers, "ETag": kept.etag})
    if kept.packed is not None and "gzip" in asked.get("Accept-Encoding", ""):
        return web.Response(
            status=kept.status, body=kept.packed, headers={**kept.headers, "ETag": kept.etag, "Content-Encoding": "gzip", **headers}
        )
    return web.Response(status=kept.status, body=kept.body, headers={**kept.headers, "ETag": kept.etag, **headers})
