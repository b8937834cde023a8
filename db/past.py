"""Entries of the past by the hundred: what is there already, and what an import adds, changes and takes back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.checkins import CheckIn, PartnerState
from db import checkins, evidence
from db.checkins import Past, Stored
from db.tables import (
    checkin,
    checkin_partner,
    checkin_version,
)
from db.tables import evidence as evidence_table

AT_ONCE = 400


def in_parts(ids: Iterable[int]) -> Iterable[list[int]]:
    """The same in pieces that one query takes."""
    every = list(ids)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


_OF: BindParameter[Any] = bindparam("chapters", expanding=True)
_THEN = checkin.c.day.between(bindparam("first"), bindparam("last"))
_AMONG = select(checkin).where(checkin.c.guild_id == bindparam("guild"), checkin.c.chapter_id.in_(_OF), _THEN).order_by(checkin.c.id)
_JOINT = (
    select(checkin_partner.c.chapter_id.label("partner"), checkin)
    .join(checkin, checkin.c.id == checkin_partner.c.checkin_id)
    .where(
        checkin.c.guild_id == bindparam("guild"),
        checkin_partner.c.chapter_id.in_(_OF),
        checkin_partner.c.state == PartnerState.CONFIRMED.value,
        checkin.c.withdrawn_at.is_(None),
        _THEN,
    )
)
_FIRST_DAYS = (
    select(checkin.c.chapter_id, func.min(checkin.c.day).label("day"))
    .where(checkin.c.guild_id == bindparam("guild"), checkin.c.chapter_id.in_(_OF), checkin.c.withdrawn_at.is_(None))
    .group_by(checkin.c.chapter_id)
)


async def checkins_of(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int], first: date, last: date) -> list[Stored]:
    """The check-ins that these chapters recorded of these days, withdrawn ones too, oldest entry first."""
    found = []
    for some in in_parts(chapter_ids):
        rows = await c.execute(_AMONG, {"guild": guild_id, "chapters": some, "first": first, "last": last})
        found += [checkins.to_stored(row) for row in rows]
    return found


async def joint_of(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int], first: date, last: date) -> list[tuple[int, CheckIn]]:
    """The check-ins of others that count for these chapters, each with its chapter."""
    found = []
    for some in in_parts(chapter_ids):
        rows = await c.execute(_JOINT, {"guild": guild_id, "chapters": some, "first": first, "last": last})
        found += [(row.partner, checkins.to_entry(row)) for row in rows]
    return found


async def first_days(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int]) -> dict[int, date]:
    """The day of the earliest check-in of each of these chapters that has one."""
    found: dict[int, date] = {}
    for some in in_parts(chapter_ids):
        found |= {row.chapter_id: row.day for row in await c.execute(_FIRST_DAYS, {"guild": guild_id, "chapters": some})}
    return found


async def add_checkins(c: AsyncConnection, guild_id: int, entries: Sequence[Past]) -> list[int]:
    """Stores check-ins of the past with what they count for; ids in their order."""
    ids = await checkins.add_many(c, guild_id, entries)
    counts = [(each.chapter_id, ids[each.form_key], each.entry) for each in entries]
    rows = evidence.derived(guild_id, counts)
    if rows:
        await c.execute(insert(evidence_table), rows)
    return [ids[each.form_key] for each in entries]


_SET = (
    update(checkin)
    .where(checkin.c.guild_id == bindparam("guild"), checkin.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("kind", "day", "people", "format", "education", "note", "version")})
)
_PARTNERS_OF = select(checkin_partner.c.checkin_id, checkin_partner.c.chapter_id).where(
    checkin_partner.c.guild_id == bindparam("guild"), checkin_partner.c.checkin_id.in_(bindparam("these", expanding=True))
)
_CONFIRMED_OF = _PARTNERS_OF.where(checkin_partner.c.state == PartnerState.CONFIRMED.value)
_ANSWERED = (
    select(checkin_partner.c.checkin_id)
    .where(checkin_partner.c.guild_id == bindparam("guild"), checkin_partner.c.checkin_id.in_(bindparam("these", expanding=True)))
    .where(checkin_partner.c.answered_at.isnot(None))
)
_BY_ID = select(checkin).where(checkin.c.guild_id == bindparam("guild"), checkin.c.id.in_(bindparam("these", expanding=True)))
_LATER_VERSIONS = delete(checkin_version).where(
    checkin_version.c.guild_id == bindparam("guild"),
    checkin_version.c.checkin_id == bindparam("of"),
    checkin_version.c.version > bindparam("number"),
)
_EVIDENCE_OF = delete(evidence_table).where(
    evidence_table.c.guild_id == bindparam("guild"), evidence_table.c.checkin_id.in_(bindparam("these", expanding=True))
)
_DELETE_CHECKINS = delete(checkin).where(checkin.c.guild_id == bindparam("guild"), checkin.c.id.in_(bindparam("these", expanding=True)))


async def checkins_by_id(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> list[Stored]:
    """These check-ins."""
    return [checkins.to_stored(row) for some in in_parts(ids) for row in await c.execute(_BY_ID, {"guild": guild_id, "these": some})]


async def answered_by_partners(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> set[int]:
    """Those of these check-ins to which a partner chapter has said something."""
    return {each for some in in_parts(ids) for each in await c.scalars(_ANSWERED, {"guild": guild_id, "these": some})}


async def set_checkins(
    c: AsyncConnection, guild_id: int, entries: Sequence[tuple[Stored, CheckIn, int]], now: datetime, by: int | None
) -> set[int]:
    """Gives check-ins other values, each with its version from then on: a higher one is kept beside the earlier ones, a lower one drops
    those above it. Returns the chapters that it makes a difference to."""
    ids = [stored.id for stored, _, _ in entries]
    named, confirmed = await _pairs(c, _PARTNERS_OF, guild_id, ids), await _pairs(c, _CONFIRMED_OF, guild_id, ids)
    set_ = [
        {"guild": guild_id, "of": stored.id, **checkins.to_plain(entry), "day": entry.day, "version": version}
        for stored, entry, version in entries
    ]
    await c.execute(_SET, set_)
    added = [
        {
            "checkin_id": stored.id,
            "version": version,
            "guild_id": guild_id,
            "fields": checkins.to_plain(entry) | {"partners": sorted(named.get(stored.id, ())), "withdrawn": False},
            "saved_at": now,
            "saved_by": by,
        }
        for stored, entry, version in entries
        if version > stored.version
    ]
    dropped = [{"guild": guild_id, "of": stored.id, "number": version} for stored, _, version in entries if version < stored.version]
    if added:
        await c.execute(insert(checkin_version), added)
    if dropped:
        await c.execute(_LATER_VERSIONS, dropped)
    for some in in_parts(ids):
        await c.execute(_EVIDENCE_OF, {"guild": guild_id, "these": some})
    counts = [
        (chapter_id, stored.id, entry) for stored, entry, _ in entries for chapter_id in (stored.chapter_id, *confirmed.get(stored.id, ()))
    ]
    rows = evidence.derived(guild_id, counts)
    if rows:
        await c.execute(insert(evidence_table), rows)
    return {chapter_id for chapter_id, _, _ in counts}


async def _pairs(c: AsyncConnection, rows: Any, guild_id: int, ids: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for some in in_parts(ids):
        for row in await c.execute(rows, {"guild": guild_id, "these": some}):
            found.setdefault(row.checkin_id, set()).add(row.chapter_id)
    return found


async def delete_checkins(c: AsyncConnection, guild_id: int, ids: Iterable[int]) -> None:
    """Takes check-ins away as if they had never been."""
    for some in in_parts(ids):
        await c.execute(_DELETE_CHECKINS, {"guild": guild_id, "these": some})
