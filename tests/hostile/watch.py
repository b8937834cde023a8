"""What is looked for in everything that the bot says, and how long it holds the event loop up while it thinks."""

import asyncio
import contextlib
import gc
import inspect
import json
import logging
import re
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import simcord.http.router
from simcord.types import HttpLogEntry

import cogs.request
import cogs.ui
from bot.domain.refusal import Refusal
from cogs.layout import Form
from tests.hostile.markdown import live_mentions
from tests.hostile.world import Organisation

STALL_SECONDS = 0.050
PLAYS = "as_discord"
"""The name of the coroutine that plays Discord and the people: its steps are not the bot's."""
EPHEMERAL = 64
MESSAGE, DEFERRED, SUGGESTIONS, MODAL = 4, 5, 8, 9
_TEXT, _BUTTON, _SELECTS, _INPUT = 10, 2, (3, 5, 6, 7, 8), 4


class Watch(logging.Handler):
    """Counts what was refused, keeps what was logged at ERROR, which forms were opened, and every step that took too long."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []
        self.refusals = 0
        self.stalls: list[tuple[str, float]] = []
        self.longest = 0.0
        self.forms: dict[str, list[Form]] = {}
        self.doing = ""
        self._not_ours = 0.0
        self._collecting = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a line of the log."""
        self.errors.append(self.format(record))

    def saw(self, form: Form) -> None:
        """Keeps each face of a form once."""
        faces = self.forms.setdefault(form.to.split(":")[0], [])
        if all([each.name for each in face.fields] != [each.name for each in form.fields] for face in faces):
            faces.append(form)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Looks at the whole process; processor time is counted, because others use the machine as well."""
        explain, opened, run, serve = cogs.ui.explain, cogs.request.Request.open, asyncio.Handle._run, simcord.http.router.dispatch

        async def explained(request: cogs.request.Request, error: BaseException) -> None:
            self.refusals += isinstance(error, Refusal)
            await explain(request, error)

        async def noted(request: cogs.request.Request, form: Form) -> None:
            self.saw(form)
            await opened(request, form)

        def ran(handle: asyncio.Handle) -> None:
            if not _ours(handle):
                run(handle)
                return
            self._not_ours, began = 0.0, time.thread_time()
            run(handle)
            taken = time.thread_time() - began - self._not_ours
            self.longest = max(self.longest, taken)
            if taken > STALL_SECONDS:
                self.stalls.append((f"{_named(handle)}: {self.doing}", taken))

        def served(*args: Any, **options: Any) -> Any:
            began = time.thread_time()
            try:
                return serve(*args, **options)
            finally:
                self._not_ours += time.thread_time() - began

        cogs.ui.explain, cogs.request.Request.open = explained, noted  # type: ignore[method-assign]
        asyncio.Handle._run, simcord.http.router.dispatch = ran, served  # type: ignore[method-assign]
        gc.callbacks.append(self._collected)
        logging.getLogger().addHandler(self)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(self)
            gc.callbacks.remove(self._collected)
            cogs.ui.explain, cogs.request.Request.open = explain, opened  # type: ignore[method-assign]
            asyncio.Handle._run, simcord.http.router.dispatch = run, serve  # type: ignore[method-assign]

    def _collected(self, phase: str, _: Any) -> None:
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._not_ours += time.thread_time() - self._collecting


def _named(handle: asyncio.Handle) -> str:
    task = getattr(handle._callback, "__self__", None)
    return task.get_name() if isinstance(task, asyncio.Task) else str(getattr(handle._callback, "__qualname__", handle._callback))


def _ours(handle: asyncio.Handle) -> bool:
    """Whether a step belongs to a task of the bot, not to the one that plays Discord and the people."""
    task = getattr(handle._callback, "__self__", None)
    return not (isinstance(task, asyncio.Task) and str(getattr(task.get_coro(), "__qualname__", "")).endswith(PLAYS))


Inspector = Callable[[HttpLogEntry], Iterator[str]]


def inspector(
    org: Organisation | None, neighbour: Organisation, typed: Collection[str], handlers: dict[str, cogs.request.Handler], *, public: bool
) -> Inspector:
    """What is wrong with a request that the bot makes: for an interaction of `org` nothing of the neighbour may be in it.

    `typed` are Discord's numbers that were typed in there: those may come back. `public` is whether the answer may be seen by all.
    """

    def inspect_request(sent: HttpLogEntry) -> Iterator[str]:
        body = sent.json if isinstance(sent.json, dict) else {}
        data = body.get("data") if sent.path.endswith("/callback") else body
        data = data if isinstance(data, dict) else {}
        raw = json.dumps(body, ensure_ascii=False)
        if any("\ud800" <= letter <= "\udfff" for letter in raw):
            yield "half a letter (lone surrogate)"
        if org is not None:
            yield from _leaks(raw, typed, neighbour, handlers)
        if body.get("type") in (MESSAGE, DEFERRED) and not public and not (data.get("flags") or 0) & EPHEMERAL:
            yield "not ephemeral"
        yield from _looks(data, body.get("type"), answer=sent.path.startswith(("/interactions", "/webhooks")))

    return inspect_request


def _looks(data: dict[str, Any], kind: int | None, *, answer: bool) -> Iterator[str]:
    """What is wrong with a message, a form or a list of suggestions, whoever sees it."""
    if "components" in data or "content" in data:
        yield from _too_much(data)
        yield from (f"mention {each}" for text in _texts(data) for each in live_mentions(text))
        if kind != MODAL:
            yield from _notifies(data, answer=answer)
    for key, most in (("name", 100), ("title", 45)):
        if len(str(data.get(key) or "")) > most:
            yield f"{key} is longer than {most}"
    if kind == SUGGESTIONS:
        offered = data.get("choices") or []
        if len(offered) > 25 or any(not 1 <= len(each[key]) <= 100 for each in offered for key in ("name", "value")):
            yield "suggestions beyond Discord's limits"


def _leaks(raw: str, typed: Collection[str], neighbour: Organisation, handlers: dict[str, cogs.request.Handler]) -> Iterator[str]:
    word = neighbour.word.casefold()
    if word in raw.casefold():
        yield f"leak of {neighbour.word}"
    for number in re.findall(r"\d{17,20}", raw):
        if int(number) in neighbour.snowflakes and number not in typed:
            yield f"leak of the neighbour's number {number}"
    for custom_id in re.findall(r'"custom_id": "([^"]*)"', raw):
        action, *parts = custom_id.partition("~")[0].split(":")
        names = list(inspect.signature(handlers[action].run).parameters)[1:] if action in handlers else []
        for name, part in zip(names, parts, strict=False):
            if name in ("chapter_id", "other_id") and part in map(str, neighbour.ids["chapter_id"]):
                yield f"leak of the neighbour's chapter in {custom_id}"


def _notifies(data: dict[str, Any], *, answer: bool) -> Iterator[str]:
    allowed = data.get("allowed_mentions")
    if not isinstance(allowed, dict) or allowed.get("parse"):
        yield f"allowed_mentions is {allowed}"
    elif answer and (allowed.get("users") or allowed.get("roles")):
        yield f"an answer notifies: {allowed}"


def parts(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every component, in reading order."""
    for each in data.get("components") or ():
        yield each
        yield from parts(each)
        for key in ("component", "accessory"):
            if isinstance(each.get(key), dict):
                yield each[key]


def _texts(data: dict[str, Any]) -> Iterator[str]:
    yield from (each["content"] for each in parts(data) if each.get("type") == _TEXT)
    if isinstance(data.get("content"), str):
        yield data["content"]


def _too_much(data: dict[str, Any]) -> Iterator[str]:
    found = list(parts(data))
    if len(found) > 40:
        yield f"{len(found)} components"
    if sum(len(text) for text in _texts(data)) > 4000:
        yield "more than 4,000 characters"
    ids = [each["custom_id"] for each in found if "custom_id" in each]
    if len(set(ids)) < len(ids):
        yield f"the same custom_id twice: {ids}"
    for each in found:
        for key, most in _limits(each).items():
            if each.get(key) is not None and not 1 <= len(each[key]) <= most:
                yield f"{key} of {len(each[key])} in a component of type {each['type']}"
        for option in each.get("options") or ():
            if any(option.get(key) is not None and not 1 <= len(option[key]) <= 100 for key in ("label", "value", "description")):
                yield f"an option beyond 100 characters: {option}"


def _limits(part: dict[str, Any]) -> dict[str, int]:
    kind = part.get("type")
    if kind == _BUTTON:
        return {"label": 80, "custom_id": 100}
    if kind in _SELECTS:
        return {"placeholder": 150, "options": 25, "custom_id": 100}
    if kind == _INPUT:
        return {"value": 4000, "placeholder": 100, "custom_id": 100}
    return {"label": 45, "description": 100} if kind == 18 else {}
