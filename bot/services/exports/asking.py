"""An export that somebody asks for in Discord: who may, what of it is theirs to see, and the process beside that makes the file."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain import rights
from bot.domain.exports import OF_CHAPTERS, Format, What
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller, Role
from bot.domain.text import text
from bot.services import access, beside
from bot.services.exports.archive import Written
from db import changes, exports
from db.store import Store

AT_ONCE = 4
"""Files that are made side by side for all servers; one for each."""
LONGEST = 12 * 60
"""Seconds; Discord lets an answer be late by fifteen minutes at most."""

Told = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is taken out for whom; `own` chapters are those of which they are an admin, if they may have no others."""

    guild_id: int
    user_id: int
    what: What
    written: Format
    own: tuple[int, ...] | None
    now: datetime


class Busy:
    """Which servers have a file made at the moment, so that nobody keeps others from being answered."""

    def __init__(self) -> None:
        self._servers: set[int] = set()

    @contextmanager
    def at_work(self, guild_id: int) -> Iterator[None]:
        """Inside, a file is made for this server; refuses a second one, and too many for all servers together."""
        if guild_id in self._servers or len(self._servers) >= AT_ONCE:
            raise Refusal(text("Another export is being made at the moment. Try again in a few minutes."))
        self._servers.add(guild_id)
        try:
            yield
        finally:
            self._servers.discard(guild_id)


async def order(store: Store, caller: Caller, what: What, written: Format, now: datetime) -> Order:
    """What somebody gets who asks for this; refuses whoever may not take it out."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        held = access.roles_in(organisation, caller)
        own = await exports.known(c, organisation.guild_id, caller.user_id, own=True)
    rights.require(Action.EXPORT if what in OF_CHAPTERS else Action.EXPORT_ALL, held | ({Role.ADMIN} if own else frozenset()))
    every = rights.may(Action.EXPORT_ALL, held)
    return Order(organisation.guild_id, caller.user_id, what, written, None if every else tuple(each.id for each in own), now)


async def note(store: Store, order: Order) -> None:
    """Says on the open log that something was taken out, and nothing of what it was."""
    kind = f"export.{order.what}"
    async with store.write() as c:
        if order.own is None:
            await changes.log(c, order.guild_id, kind, order.now, order.user_id)
        else:
            await changes.log_many(c, order.guild_id, kind, order.now, order.user_id, dict.fromkeys(order.own, ("own_chapter",)))


async def make(store: Store, order: Order, file: Path, most: int, told: Told) -> Written:
    """Has the file made by a process of its own; `told` hears how far it is. Refuses what cannot be sent, or takes too long."""
    wanted = {
        "database": str(store.path),
        "guild_id": order.guild_id,
        "user_id": order.user_id,
        "own": order.own is not None,
        "what": order.what,
        "format": order.written,
        "file": str(file),
        "most": most,
        "now": order.now.isoformat(),
    }
    try:
        async with asyncio.timeout(LONGEST):
            answer = await _aside(wanted, told)
    except TimeoutError:
        raise Refusal(
            text("This takes longer than Discord waits. Whoever runs the bot can make the file with {command}.", command=_command(order))
        ) from None
    if answer.get("too_large"):
        raise Refusal(
            text(
                "The file is larger than the {size} MB that can be sent here. Whoever runs the bot can make it with {command}.",
                size=most // 1_000_000,
                command=_command(order),
            )
        )
    return Written(answer["rows"], answer["size"])


def _command(order: Order) -> str:
    written = "" if order.what is What.ARCHIVE else f" --format {order.written}"
    return f"python -m bot export {order.what} --guild {order.guild_id}{written}"


async def _aside(wanted: dict[str, Any], told: Told) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    async with beside.started("bot.services.exports", wanted) as process:
        async for line in process.answer:
            answer = json.loads(line)
            if "total" in answer:
                await told(answer["done"], answer["total"])
        if fault := await process.fault():
            raise RuntimeError(f"the process for an export {fault}")
    return answer
