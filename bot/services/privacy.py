"""What is stored about a person here: shown to them alone, and taken out when they want."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain import rights
from bot.domain.rights import Action, Caller
from bot.services import access, leaving
from db import outbox, persons, summaries
from db.store import Store


@dataclass(frozen=True, slots=True)
class Stored:
    """How many rows of each table name somebody, and all of them as a file; None if there is nothing."""

    user_id: int
    counts: Mapping[str, int]
    file: bytes | None


@dataclass(frozen=True, slots=True)
class Erased:
    """Somebody took themselves out: how many chapters they were admin or facilitator of until then."""

    chapters: int


async def show(store: Store, caller: Caller, now: datetime) -> Stored:
    """Every row of this server that names the asker, whatever it is."""
    rows: dict[str, list[dict[str, Any]]] = {}
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.SEE_OWN, access.roles_in(organisation, caller))
        async for table, some in persons.rows_of(c, organisation.guild_id, caller.user_id):
            rows.setdefault(table, []).extend(some)
    counts = {table: len(found) for table, found in rows.items()}
    file = await asyncio.to_thread(_file, caller.user_id, organisation.guild_id, rows, now) if rows else None
    return Stored(caller.user_id, counts, file)


def _file(user_id: int, guild_id: int, rows: Mapping[str, list[dict[str, Any]]], now: datetime) -> bytes:
    """Row by row, so that others are answered in between."""
    tables = ",\n".join(
        f"{json.dumps(table)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in found) + "\n]"
        for table, found in rows.items()
    )
    about = {"server": str(guild_id), "person": str(user_id), "at": now.isoformat()}
    return f'{{"about": {json.dumps(about)},\n"tables": {{\n{tables}\n}}}}\n'.encode()


async def may_erase(store: Store, caller: Caller) -> tuple[int, int]:
    """How many chapters the asker is admin of, and how many they look after: what ends with erasing."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.ERASE_OWN, access.roles_in(organisation, caller))
        administers, looks_after = await persons.chapters_of(c, organisation.guild_id, caller.user_id)
    return len(administers), len(looks_after)


async def erase(store: Store, caller: Caller, now: datetime) -> Erased:
    """Takes the asker out of everything that is stored here; posts that name them are brought up to date. Twice changes nothing more."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.ERASE_OWN, access.roles_in(organisation, caller))
        guild_id = organisation.guild_id
        posts = await persons.published(c, guild_id, caller.user_id)
        left = await leaving.leave(c, guild_id, caller.user_id, now, erased=True)
        await persons.erase(c, guild_id, caller.user_id)
        for report_id, chapter_id, period in posts:
            key = f"report:{report_id}:erase:{int(now.timestamp() * 1000)}"
            await outbox.put(c, guild_id, "report", key, now, now, chapter_id=chapter_id, period=period, edits=True)
        await summaries.refresh(c, guild_id, sorted(left), now)
    await store.empty_log()
    return Erased(len(left))
