"""The demo's address: the launcher page, SimCord's pages behind it, and who may ask."""

import errno
import html
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.demo.world import FILES, INDEX, QUESTIONS, RULES
from bot.domain.refusal import Refusal
from bot.domain.text import Text, counted, text
from bot.locales import plain

if TYPE_CHECKING:
    from bot.demo.hub import Hub, Place

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = Path(__file__).with_name("page")
CLOSING_SECONDS = 1.0

LAUNCHER_RULES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"}
FRESH = {"Cache-Control": "no-store"}
KEPT = {"Cache-Control": "private, max-age=86400"}

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "application/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}

WORDS = {
    "title": text("Chapterhouse, a demonstration"),
    "name": text("Chapterhouse"),
    "clock": text("The demo's date"),
    "day": text("+1 day"),
    "week": text("+1 week"),
    "month": text("Next month"),
    "restart": text("Restart the bot"),
    "first": text("Try this first"),
    "people": text("People and places"),
    "loading": text("One moment: the sample organisation is being founded."),
    "no_script": text("This page needs JavaScript."),
    "gone": text("The demo has ended. Start it again, then load this page anew."),
    "posts": text("Posts"),
    "empty": text("Nothing has been posted here yet."),
    "public": text("The organisation's public page"),
}


class DemoFault(Refusal):
    """The demo cannot be shown: tells whoever started it why and what to do next."""


def next_month(now: datetime) -> datetime:
    """09:01 on the first of the month after `now`, in its zone: a minute after a usual prompt."""
    return (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=9, minute=1, second=0, microsecond=0)


LEAPS: dict[str, Callable[[datetime], datetime]] = {
    "day": lambda now: now + timedelta(days=1),
    "week": lambda now: now + timedelta(weeks=1),
    "month": next_month,
}


class Server:
    """Answers this computer's own browser and nobody else."""

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self._runner: web.AppRunner | None = None
        ours = '<link rel="stylesheet" href="/demo/place.css"><script defer src="/demo/place.js"></script></head>'
        self._frame = INDEX.read_text(encoding="utf-8").replace("</head>", ours)

    async def start(self, port: int) -> int:
        """Listens on the loopback interface and gives the port, which is chosen freely for 0; raises DemoFault."""
        if not 0 <= port <= 65535:
            raise DemoFault(text("There is no port {port}. Choose one from 1024 to 65535.", port=str(port)))
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=CLOSING_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise DemoFault(_why_not(error, port)) from error
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._only_this_browser], handler_args={"handler_cancellation": False})
        add = application.router
        add.add_get("/", self._launcher)
        add.add_get("/favicon.ico", self._favicon)
        add.add_get("/demo/state", self._state)
        add.add_post("/demo/time/{leap}", self._leap)
        add.add_post("/demo/restart", self._restart)
        for name in ("launcher.css", "launcher.js", "place.css", "place.js", "icon.svg"):
            add.add_get(f"/demo/{name}", self._file(PAGE / name, FRESH))
        add.add_get("/demo/files/{name}", self._handed_out)
        add.add_get("/place", self._place)
        for route, path in FILES.items():
            add.add_get(route, self._file(path, KEPT))
        for method, route, question in QUESTIONS:
            add.add_route(method, route, self._ask(question))
        return application

    @web.middleware
    async def _only_this_browser(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses other names for this computer (rebinding), other pages (forgery), and whoever has not been given this start's key."""
        hosts = {f"{host}:{self.hub.port}".removesuffix(":80") for host in ("127.0.0.1", "localhost")}
        if request.headers.get("Host") not in hosts:
            return web.Response(status=403, headers=HEADERS)
        origin = request.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            return web.Response(status=403, headers=HEADERS)
        given = request.cookies.get(self._cookie, "")
        if request.path != "/" and not secrets.compare_digest(given.encode(), self.hub.key.encode()):
            return web.Response(status=401, headers=HEADERS)
        response = await handler(request)
        response.headers.update(HEADERS)
        return response

    def _written(self) -> str:
        """The launcher's page in the reader's language."""
        words = {name: html.escape(plain(shown, self.hub.locale)) for name, shown in WORDS.items()}
        words["steps"] = "".join(f"<li>{html.escape(plain(step, self.hub.locale))}</li>" for step in self.hub.first_steps)
        words["what"] = html.escape(plain(self.hub.what, self.hub.locale))
        name = "" if self.hub.file is None else self.hub.file.name
        words["file"] = name and f'<p><a href="/demo/files/{name}" download>{name}</a></p>'
        link = "" if self.hub.public is None else f'<a href="{html.escape(self.hub.public)}" target="_blank">{words["public"]}</a>'
        words["public"] = link and f'<p class="public">{link}</p>'
        words["language"] = self.hub.locale
        return re.sub(r"\{\{(\w+)\}\}", lambda found: words[found[1]], (PAGE / "index.html").read_text(encoding="utf-8"))

    @property
    def _cookie(self) -> str:
        return f"chapterhouse-demo-{self.hub.port}"  # cookies know no ports: two demos must not take each other's

    async def _launcher(self, request: web.Request) -> web.Response:
        headers = {**FRESH, "Content-Security-Policy": LAUNCHER_RULES}
        response = web.Response(text=self._written(), content_type="text/html", headers=headers)
        response.set_cookie(self._cookie, self.hub.key, httponly=True, samesite="Strict", path="/")
        return response

    async def _favicon(self, request: web.Request) -> web.StreamResponse:
        return await self._file(PAGE / "icon.svg", KEPT)(request)

    async def _place(self, request: web.Request) -> web.Response:
        return web.Response(text=self._frame, content_type="text/html", headers={**FRESH, "Content-Security-Policy": RULES})

    async def _handed_out(self, request: web.Request) -> web.StreamResponse:
        """The file that a newcomer may try to import."""
        if self.hub.file is None or request.match_info["name"] != self.hub.file.name:
            raise web.HTTPNotFound
        return web.FileResponse(self.hub.file, headers={**FRESH, "Content-Type": "text/csv"})

    def _file(self, path: Path, keeping: dict[str, str]) -> Handler:
        kind = TYPES.get(path.suffix, "text/plain")

        async def handler(_: web.Request) -> web.StreamResponse:
            return web.FileResponse(path, headers={**keeping, "Content-Type": kind})

        return handler

    def _ask(self, question: str) -> Handler:
        """Passes a page's question to the window that it belongs to."""

        async def handler(request: web.Request) -> web.StreamResponse:
            window = await self.hub.window(request.headers.get("X-Simcord-Capability", ""))
            if window is None:
                raise web.HTTPUnauthorized
            return await window.answer(question, request)

        return handler

    async def _state(self, request: web.Request) -> web.Response:
        hub = self.hub
        opened = request.query.get("open", "")
        hub.open_place = opened
        if opened in hub.places:
            hub.places[opened].news = 0
        now = hub.now
        progress = hub.progress
        return web.json_response(
            {
                # Until the sample organisation is there, its clock runs through the past.
                "day": self._say(text("{day}", day=now.date())) if hub.places else "",
                "time": f"{now:%H:%M} {now.tzname()}" if hub.places else "",
                "busy": self._say(progress.busy),
                "notice": self._say(progress.notice),
                "notices": progress.notices,
                "places": [self._tab(place) for place in hub.places.values()],
            },
            headers=FRESH,
        )

    def _tab(self, place: "Place") -> dict[str, Any]:
        return {
            "key": place.key,
            "label": self._say(place.label),
            "news": self._say(counted("{n} new", "{n} new", place.news)) if place.news else "",
            "forum": place.forum,
            "rooms": [{"key": key, "name": channel.name, "opening": self.hub.opening(key)} for key, channel in place.rooms().items()],
        }

    async def _leap(self, request: web.Request) -> web.Response:
        leap = LEAPS.get(request.match_info["leap"])
        if leap is None:
            raise web.HTTPNotFound
        return self._accepted(self.hub.begin(self.hub.advance_to(leap(self.hub.now))))

    async def _restart(self, request: web.Request) -> web.Response:
        return self._accepted(self.hub.begin(self.hub.restart()))

    def _accepted(self, begun: bool) -> web.Response:
        return web.Response(status=202 if begun else 409, headers=FRESH)

    def _say(self, words: Text | None) -> str:
        return "" if words is None else plain(words, self.hub.locale, zone=self.hub.zone)


def _why_not(error: OSError, port: int) -> Text:
    if error.errno == errno.EADDRINUSE:
        return text("Port {port} is taken, perhaps by another demo. End that one, or choose another port with --port.", port=str(port))
    if error.errno == errno.EACCES:
        return text("This computer does not let you use port {port}. Choose one from 1024 to 65535 with --port.", port=str(port))
    return text("Port {port} cannot be opened: {why}. Choose another with --port.", port=str(port), why=error.strerror or str(error))
