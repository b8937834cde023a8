"""A file that somebody sends in Discord: shown first, stored once it is confirmed, and taken back for a week."""

import asyncio
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain import rights
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from bot.services.sheets import LARGEST_FILE
from bot.services.taking import aside, storing, undoing
from bot.services.taking.aside import Answer
from bot.services.taking.bringing import AGAIN, KEPT, TRIES
from bot.services.taking.kinds import Kind
from bot.services.taking.plans import Plan, Preview
from bot.services.taking.storing import Changed, Progress
from bot.services.taking.undoing import Undone
from db import intakes
from db.intakes import Intake
from db.organisations import Organisation
from db.store import Connection, Store

WAITS = timedelta(hours=24)
NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """What a file that waits would change; `anew` if that is something else than was shown before."""

    intake_id: int
    file_name: str
    preview: Preview
    to_mend: tuple[str, bytes] | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What was stored, and the rows that were left out as a file to be mended; no preview if that had been done before."""

    preview: Preview | None
    file_name: str = ""
    to_mend: tuple[str, bytes] | None = None


def check_size(size: int) -> None:
    """Refuses a file that is too large, before it is fetched."""
    if size > LARGEST_FILE:
        raise Refusal(text("The file is larger than {most} megabytes. Divide it.", most=LARGEST_FILE // 1_000_000))


async def may_import(store: Store, caller: Caller) -> None:
    """Refuses whoever may not import."""
    async with store.read() as c:
        await _organisation(c, caller)


async def _organisation(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.IMPORT, access.roles_in(organisation, caller))
    return organisation


async def show(
    store: Store,
    caller: Caller,
    file_name: str,
    content: bytes,
    kind: Kind | None,
    sheet: str | None,
    locale: str,
    turns: asyncio.Semaphore,
    now: datetime,
) -> Shown:
    """Keeps a file until it is confirmed, a day at most, and says what it would change; one that cannot be read is not kept."""
    check_size(len(content))
    packed = await asyncio.to_thread(zlib.compress, content)
    name = file_name[-NAME_LENGTH:]
    async with store.write() as c:
        guild_id = (await _organisation(c, caller)).guild_id
        chosen = f"{kind or ''}"
        intake_id = await intakes.add(c, guild_id, chosen, now, caller.user_id, file_name=name, content=packed, sheet=sheet)
    try:
        answer = await aside.work_out(_wanted(store, guild_id, intake_id, name, chosen, sheet, caller, locale, now), turns)
    except BaseException:
        async with store.write() as c:
            await intakes.drop(c, guild_id, intake_id)
        raise
    preview = answer.preview
    async with store.write() as c:
        if preview.does_nothing:
            await intakes.drop(c, guild_id, intake_id)
        else:
            await intakes.alter(c, guild_id, intake_id, kind=preview.kind, shown=preview.shown)
    return Shown(intake_id, name, preview, answer.to_mend)


def _wanted(
    store: Store,
    guild_id: int,
    intake_id: int,
    name: str,
    kind: str,
    sheet: str | None,
    caller: Caller,
    locale: str,
    now: datetime,
    *,
    steps: bool = False,
) -> dict[str, Any]:
    return {
        "database": str(store.path),
        "guild_id": guild_id,
        "intake_id": intake_id,
        "name": name,
        "kind": kind,
        "sheet": sheet,
        "user_id": caller.user_id,
        "locale": locale,
        "now": now.isoformat(),
        "steps": steps,
    }


async def confirm(
    store: Store, caller: Caller, intake_id: int, skip_bad: bool, locale: str, turns: asyncio.Semaphore, progress: Progress, now: datetime
) -> Done | Shown:
    """Stores what was shown, once; if it would be something else by now, that is shown first."""
    for _ in range(TRIES):
        async with store.read() as c:
            guild_id = (await _organisation(c, caller)).guild_id
            there = await _there(c, guild_id, intake_id, now)
        if there.state != "waiting":
            return Done(None)
        name = there.file_name or ""
        wanted = _wanted(store, guild_id, intake_id, name, there.kind, there.sheet, caller, locale, now, steps=True)
        answer = await aside.work_out(wanted, turns)
        if answer.preview.shown != there.shown or (answer.preview.refused and not skip_bad):
            async with store.write() as c:
                await intakes.alter(c, guild_id, intake_id, shown=answer.preview.shown)
            return Shown(intake_id, name, answer.preview, anew=True)
        try:
            return await _store(store, caller, there, answer, progress, now)
        except Changed:
            continue
    raise Refusal(AGAIN)


async def _there(c: Connection, guild_id: int, intake_id: int, now: datetime) -> Intake:
    found = await intakes.find(c, guild_id, intake_id)
    if found is None or (found.state == "waiting" and found.at < now - WAITS):
        raise Refusal(text("This file waited for a day and was then forgotten, or it was put aside. Send it again with /import file."))
    return found


async def _store(store: Store, caller: Caller, there: Intake, answer: Answer, progress: Progress, now: datetime) -> Done:
    plan = Plan(answer.preview, answer.columns, tuple(answer.added), tuple(answer.changed))
    async with store.write() as c:
        # Somebody may have lost the right to, or pressed twice, meanwhile.
        guild_id = (await _organisation(c, caller)).guild_id
        if (await _there(c, guild_id, there.id, now)).state != "waiting":
            return Done(None)
        await storing.store(c, guild_id, plan, there.id, now, caller.user_id, progress)
    return Done(answer.preview, there.file_name or "", answer.to_mend)


async def put_aside(store: Store, caller: Caller, intake_id: int) -> None:
    """Forgets a file that waits."""
    async with store.write() as c:
        guild_id = (await _organisation(c, caller)).guild_id
        found = await intakes.find(c, guild_id, intake_id)
        if found is not None and found.state == "waiting":
            await intakes.drop(c, guild_id, intake_id)


async def undo(store: Store, caller: Caller, now: datetime) -> Undone:
    """Takes the newest import back, whole or not at all."""
    async with store.write() as c:
        organisation = await _organisation(c, caller)
        newest = await intakes.newest(c, organisation.guild_id, now - KEPT)
        if newest is None:
            raise Refusal(text("There is no import of the last 7 days that could be taken back."))
        return await undoing.take_back(c, organisation, newest, now, caller.user_id)


def name_to_mend(file_name: str, ending: str) -> str:
    """What the file of rows to be mended is called."""
    stem = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in Path(file_name).stem)[:40].strip("-") or "file"
    return f"{stem}-to-mend.{ending}"
