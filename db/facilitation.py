"""Who may need a call: chapters with the reasons why, and what facilitators noted of them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    false,
    func,
    insert,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import calendar, functioning
from bot.domain.chapters import State, Visibility
from bot.domain.errands import Concern
from bot.domain.functioning import Status
from bot.domain.policy import Policy
from db import absences
from db.asking import all_are_asked
from db.chapters import visible_to
from db.tables import admin, chapter, contact, facilitator, report, report_version, summary, unreachable
from db.types import Id, Instant, Snowflake

CHUNK = 500

_GUILD, _READER, _NOW = bindparam("guild", type_=Snowflake), bindparam("reader", type_=Snowflake), bindparam("now", type_=Instant)
_SEEN_BY_ALL = chapter.c.visibility != Visibility.HIDDEN.value
_SEEN_BY_READER = visible_to(_READER)


class Whose(StrEnum):
    """Which chapters a list is about."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"


class Note(StrEnum):
    """What a facilitator may note of a chapter."""

    IN_TOUCH = "in_touch"
    REMINDER = "reminder"
    REST_OFFERED = "rest_offered"


@dataclass(frozen=True, slots=True)
class Contact:
    """One note of a facilitator."""

    chapter_id: int
    user_id: int
    kind: Note
    at: datetime
    hidden_until: datetime | None


async def count(c: AsyncConnection, guild_id: int, whose: Whose, reader: int | None, now: datetime, *, in_channel: bool = False) -> int:
    """How many chapters a list is about, whether or not any of them needs a call."""
    asked = {"guild": guild_id, "reader": reader, "now": now}
    return await c.scalar(_count(whose, hidden_too=not in_channel and reader is not None), asked) or 0


async def concerns(
    c: AsyncConnection,
    guild_id: int,
    whose: Whose,
    reader: int | None,
    policy: Policy,
    now: datetime,
    *,
    in_channel: bool = False,
    only: int | None = None,
) -> list[Concern]:
    """The chapters that `reader` may want to call, in one query; `only` asks for one of them."""
    rows = _concerns(whose, read=reader is not None, hidden_too=not in_channel and reader is not None, one=only is not None)
    asked = {"guild": guild_id, "reader": reader, "now": now, "only": only}
    return [concern async for _, concern in _judged(c, rows, asked, policy, now)]


async def concerns_by_facilitator(c: AsyncConnection, guild_id: int, policy: Policy, now: datetime) -> dict[int, list[Concern]]:
    """The same for every facilitator's own chapters, in one query for all of them."""
    found: dict[int, list[Concern]] = {}
    async for row, concern in _judged(c, _concerns_by_facilitator(), {"guild": guild_id, "now": now}, policy, now):
        found.setdefault(row.user_id, []).append(concern)
    return found


# Each shape of these is put together once.


def _among(whose: Whose, *, hidden_too: bool) -> tuple[ColumnElement[bool], ...]:
    """Which chapters a list holds: mine are also those of whom I stand in for, and those of somebody who is away are nobody's.

    What stands in a channel, where everybody reads it, holds no hidden ones.
    """
    there = (chapter.c.guild_id == _GUILD, chapter.c.archived_at.is_(None), _SEEN_BY_READER if hidden_too else _SEEN_BY_ALL)
    looked_after = select(facilitator.c.user_id).where(facilitator.c.chapter_id == chapter.c.id, absences.is_there())
    if whose is Whose.MINE:
        own = select(facilitator.c.chapter_id).where(facilitator.c.guild_id == _GUILD, absences.reads_for(_READER))
        return (*there, chapter.c.id.in_(own))
    return (*there, ~looked_after.exists()) if whose is Whose.UNASSIGNED else there


@cache
def _count(whose: Whose, *, hidden_too: bool) -> Select[Any]:
    return select(func.count()).select_from(chapter).where(*_among(whose, hidden_too=hidden_too))


@cache
def _concerns(whose: Whose, *, read: bool, hidden_too: bool, one: bool) -> Select[Any]:
    rows = _candidates(_READER if read else None).where(*_among(whose, hidden_too=hidden_too))
    return rows.where(chapter.c.id == bindparam("only")) if one else rows


@cache
def _concerns_by_facilitator() -> Select[Any]:
    rows = _candidates(facilitator.c.user_id).add_columns(facilitator.c.user_id)
    return rows.join(facilitator, and_(facilitator.c.chapter_id == chapter.c.id, facilitator.c.guild_id == _GUILD))


def _candidates(reader: ColumnElement[int] | None) -> Select[Any]:
    """Every chapter that may be of concern at this moment, and surely all that are: `functioning.status` has the last word."""
    newest = select(func.max(report.c.period)).where(report.c.chapter_id == chapter.c.id, report.c.first_published_at.isnot(None))
    asks = (
        select(report.c.id)
        .join(report_version, and_(report_version.c.report_id == report.c.id, report_version.c.version == report.c.version))
        .where(report.c.chapter_id == chapter.c.id, report.c.period == newest.correlate(chapter).scalar_subquery())
        # Keys are written one way, and quotes inside a text are escaped: this is the key of an answer and nothing else.
        .where(type_coerce(report_version.c.answers, String).like('%"help":%'))
        .correlate(chapter)
        .exists()
    )
    return (
        select(
            chapter.c.id,
            chapter.c.timezone,
            chapter.c.added_on,
            summary.c.heard_on,
            summary.c.lapses_at,
            summary.c.overdue_at,
            summary.c.silent_at,
            summary.c.reachable,
            _hidden_until(reader).label("hidden_until"),
            asks.label("help_wanted"),
        )
        .join(summary, summary.c.chapter_id == chapter.c.id)
        .where(
            summary.c.guild_id == _GUILD,
            chapter.c.guild_id == _GUILD,
            summary.c.archived == false(),
            or_(summary.c.awake_at.is_(None), summary.c.awake_at <= _NOW),
            or_(chapter.c.asks_since.isnot(None), all_are_asked(_GUILD)),
            or_(
                summary.c.overdue_at <= _NOW,
                summary.c.reachable == false(),
                summary.c.at_risk_at <= _NOW,
                and_(summary.c.lapses_at.is_(None), summary.c.heard_on.isnot(None)),
            ),
        )
    )


def _hidden_until(reader: ColumnElement[int] | None) -> ScalarSelect[Any]:
    """Being in touch hides a chapter from everybody, a reminder from the one who wants to be reminded."""
    rows = select(func.max(contact.c.hidden_until)).where(contact.c.chapter_id == chapter.c.id)
    if reader is not None:
        rows = rows.where(or_(contact.c.kind == Note.IN_TOUCH.value, contact.c.user_id == reader))
    return rows.correlate(chapter, facilitator).scalar_subquery()


async def _judged(
    c: AsyncConnection, rows: Select[Any], asked: dict[str, Any], policy: Policy, now: datetime
) -> AsyncIterator[tuple[Row[Any], Concern]]:
    # In chunks, so that ten thousand chapters do not hold up everybody else's clicks.
    async with c.stream(rows, asked) as found:
        async for chunk in found.partitions(CHUNK):
            for row in chunk:
                yield row, _concern(row, policy, now)


def _concern(row: Row[Any], policy: Policy, now: datetime) -> Concern:
    zone = calendar.zone(row.timezone)
    lapses_on = None if row.lapses_at is None else calendar.today(row.lapses_at, zone)
    status = functioning.status(lapses_on, State.ACTIVE, row.added_on, row.heard_on, policy, calendar.today(now, zone))
    return Concern(
        chapter_id=row.id,
        overdue=row.overdue_at is not None and row.overdue_at <= now,
        silent=row.silent_at is not None and row.silent_at <= now,
        unreachable=not row.reachable,
        at_risk=status is Status.AT_RISK,
        quiet=status is Status.QUIET,
        help_wanted=row.help_wanted,
        heard_on=row.heard_on,
        hidden_until=row.hidden_until,
    )


# What is shown of a few chapters


_THESE = bindparam("chapters", type_=Id, expanding=True)
_NAMES = select(chapter.c.id, chapter.c.name).where(chapter.c.guild_id == _GUILD, chapter.c.id.in_(_THESE))
_NAMES_FOR_ALL, _NAMES_FOR_READER = _NAMES.where(_SEEN_BY_ALL), _NAMES.where(_SEEN_BY_READER)
_ADMINS = (
    select(admin.c.chapter_id, admin.c.user_id)
    .where(admin.c.guild_id == _GUILD, admin.c.chapter_id.in_(_THESE))
    .order_by(admin.c.chapter_id, admin.c.position)
)


def _help_wanted() -> Select[Any]:
    newest = select(func.max(report.c.period)).where(report.c.chapter_id == chapter.c.id, report.c.first_published_at.isnot(None))
    return (
        select(chapter.c.id, report_version.c.answers)
        .join(report, and_(report.c.chapter_id == chapter.c.id, report.c.period == newest.correlate(chapter).scalar_subquery()))
        .join(report_version, and_(report_version.c.report_id == report.c.id, report_version.c.version == report.c.version))
        .where(chapter.c.guild_id == _GUILD, chapter.c.id.in_(_THESE))
    )


_HELP_WANTED = _help_wanted()


def _last_reporters() -> Select[Any]:
    newest = select(func.max(report.c.period)).where(report.c.chapter_id == chapter.c.id, report.c.first_published_at.isnot(None))
    left = select(unreachable.c.user_id).where(
        unreachable.c.guild_id == _GUILD, unreachable.c.user_id == report.c.published_by, unreachable.c.reason == "left"
    )
    return (
        select(chapter.c.id, report.c.published_by)
        .join(report, and_(report.c.chapter_id == chapter.c.id, report.c.period == newest.correlate(chapter).scalar_subquery()))
        .where(chapter.c.guild_id == _GUILD, chapter.c.id.in_(_THESE), report.c.published_by.isnot(None), ~left.exists())
    )


_LAST_REPORTERS = _last_reporters()


async def names(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int], reader: int | None) -> dict[int, str]:
    """The names of those among these chapters that the reader may see."""
    asked = {"guild": guild_id, "chapters": chapter_ids, "reader": reader}
    rows = await c.execute(_NAMES_FOR_ALL if reader is None else _NAMES_FOR_READER, asked)
    return {row.id: row.name for row in rows}


async def help_wanted(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> dict[int, str]:
    """The help that these chapters ask for in their newest published report, in their own words."""
    rows = await c.execute(_HELP_WANTED, {"guild": guild_id, "chapters": chapter_ids})
    asked = {row.id: row.answers.get("words", {}).get("help") for row in rows}
    return {chapter_id: words for chapter_id, words in asked.items() if words}


async def last_reporters(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> dict[int, int]:
    """Who published the newest report of these chapters, where that is still known and they are not known to have left the server."""
    rows = (await c.execute(_LAST_REPORTERS, {"guild": guild_id, "chapters": chapter_ids})).all()
    return {row.id: row.published_by for row in rows}


async def admins(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The admins of these chapters in duty order."""
    rows = await c.execute(_ADMINS, {"guild": guild_id, "chapters": chapter_ids})
    found: dict[int, tuple[int, ...]] = {}
    for row in rows:
        found[row.chapter_id] = (*found.get(row.chapter_id, ()), row.user_id)
    return found


# What facilitators note


@cache
def _newest_contacts(*, of_one: bool) -> Select[Any]:
    rows = select(contact).where(contact.c.guild_id == _GUILD, contact.c.chapter_id.in_(_THESE), contact.c.kind == bindparam("of_kind"))
    if of_one:
        rows = rows.where(contact.c.user_id == bindparam("by"))
    newest = rows.with_only_columns(contact.c.chapter_id, func.max(contact.c.at).label("at")).group_by(contact.c.chapter_id).subquery()
    return rows.join(newest, and_(newest.c.chapter_id == contact.c.chapter_id, newest.c.at == contact.c.at)).order_by(contact.c.id)


_ADD_CONTACT = insert(contact).returning(contact.c.id)
_FACILITATES = select(facilitator.c.chapter_id).where(facilitator.c.guild_id == _GUILD, facilitator.c.user_id == bindparam("user")).limit(1)


def _contact(row: Row[Any]) -> Contact:
    return Contact(row.chapter_id, row.user_id, Note(row.kind), row.at, row.hidden_until)


async def newest_contacts(
    c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int], kind: Note, by: int | None = None
) -> dict[int, Contact]:
    """The newest note of this kind on each of these chapters, of anybody or of one person."""
    asked = {"guild": guild_id, "chapters": chapter_ids, "of_kind": kind.value, "by": by}
    rows = await c.execute(_newest_contacts(of_one=by is not None), asked)
    return {row.chapter_id: _contact(row) for row in rows}


async def add_contact(
    c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int, kind: Note, now: datetime, hidden_until: datetime | None = None
) -> int:
    """Stores a note; returns its id."""
    note = {"guild_id": guild_id, "chapter_id": chapter_id, "user_id": user_id, "kind": kind.value, "at": now, "hidden_until": hidden_until}
    made = await c.execute(_ADD_CONTACT, note)
    new: int = made.scalar_one()
    return new


async def facilitates(c: AsyncConnection, guild_id: int, user_id: int) -> bool:
    """Whether this person is stored as facilitator of any chapter."""
    return await c.scalar(_FACILITATES, {"guild": guild_id, "user": user_id}) is not None
