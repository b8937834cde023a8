"""What somebody typed into a form that could not be taken, kept for a day so that the form can be opened again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.domain.text import text
from db import pending
from db.store import Store

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """A form's address and what was typed into it."""

    address: str
    typed: Mapping[str, str | list[str] | None]


async def keep(
    store: Store, caller: Caller, form_key: str, address: str, typed: Mapping[str, str | list[str] | None], now: datetime
) -> None:
    """Keeps what was typed."""
    async with store.write() as c:
        await pending.keep(c, caller.guild_id, form_key, caller.user_id, {"address": address, "typed": dict(typed)}, now)


async def kept(store: Store, caller: Caller, form_key: str, now: datetime) -> Kept:
    """What this person typed; refuses anybody else, and after a day."""
    async with store.read() as c:
        entry = await pending.find(c, caller.guild_id, form_key, caller.user_id, now - KEPT_FOR)
    if entry is None or "address" not in entry:
        raise Refusal(text("This is no longer kept: what you typed is deleted after a day. Please begin again."))
    return Kept(entry["address"], entry["typed"])
