"""A file brought in by whoever runs the program: worked out, stored whole or not at all, and ready to be taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.services.taking import storing, undoing
from bot.services.taking.kinds import Kind
from bot.services.taking.plans import Plan, plan
from bot.services.taking.storing import Changed, Progress
from bot.services.taking.table import Chosen
from bot.services.taking.undoing import Undone
from db import intakes, organisations
from db.store import Store

TRIES = 5
KEPT = timedelta(days=7)
"""For so long an import can be taken back."""

AGAIN = text("Others are changing things here at this very moment, so nothing was stored. Try it again in a minute.")


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file came to, and whether it was stored."""

    plan: Plan
    stored: bool


async def bring_in(
    store: Store,
    guild_id: int,
    path: Path,
    kind: Kind | None,
    now: datetime,
    *,
    chosen: Chosen | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Progress = storing.nothing,
) -> Brought:
    """Stores what a file adds and changes; with a bad row nothing, unless bad rows are to be left out."""
    for _ in range(TRIES):
        made = await plan(store, guild_id, path, kind, chosen or Chosen(), None, now)
        if dry_run or made.preview.does_nothing or (made.preview.bad and not skip_bad):
            return Brought(made, stored=False)
        try:
            async with store.write() as c:
                await storing.store(c, guild_id, made, None, now, None, progress)
        except Changed:
            continue
        return Brought(made, stored=True)
    raise Refusal(AGAIN)


async def take_back(store: Store, guild_id: int, now: datetime, by: int | None = None) -> Undone:
    """Takes the newest import of a server back, whole or not at all."""
    async with store.write() as c:
        organisation = await organisations.find(c, guild_id)
        newest = None if organisation is None else await intakes.newest(c, guild_id, now - KEPT)
        if organisation is None or newest is None:
            raise Refusal(text("There is no import of the last 7 days that could be taken back."))
        return await undoing.take_back(c, organisation, newest, now, by)
