"""Proposals in all their versions, and the voices of chapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chapters import State as ChapterState
from bot.domain.chapters import Visibility
from bot.domain.proposals import Act, Content, Rule, State, Voice
from db.statements import insert_or
from db.tables import admin, chapter, chapter_state, proposal, proposal_version, proposal_voice
from db.types import Day, Instant


@dataclass(frozen=True, slots=True)
class Stored:
    """A proposal as its newest version has it."""

    id: int
    guild_id: int
    goal_id: int | None
    version: int
    state: State
    closes_at: datetime
    decided_at: datetime | None
    active: int | None
    made_at: datetime
    made_by: int | None
    channel_id: int | None
    message_id: int | None
    content: Content
    why: str | None
    rule: Rule
    opened_at: datetime
    closes_on: date

    @property
    def message(self) -> tuple[int, int] | None:
        """Channel and message, once it is posted."""
        return None if self.channel_id is None or self.message_id is None else (self.channel_id, self.message_id)


@dataclass(frozen=True, slots=True)
class Said:
    """What a chapter said, and which of its admins when."""

    chapter_id: int
    chapter: str
    hidden: bool
    voice: Voice
    reason: str | None
    said_at: datetime
    said_by: int | None


@dataclass(frozen=True, slots=True)
class New:
    """A version that chapters are to be asked about."""

    content: Content
    why: str | None
    rule: Rule
    closes_on: date
    closes_at: datetime


_NEWEST = and_(proposal_version.c.proposal_id == proposal.c.id, proposal_version.c.version == proposal.c.version)
_HERE = proposal.c.guild_id == bindparam("guild")
_STORED: Select[Any] = (
    select(
        *(column for column in proposal.c if column.name != "form_key"),
        *(proposal_version.c[name] for name in ("act", "metric", "name", "target", "deadline", "why", "rule", "opened_at", "closes_on")),
    )
    .join(proposal_version, _NEWEST)
    .where(_HERE)
)
_FOUND = _STORED.where(proposal.c.id == bindparam("of"))
_OPEN = _STORED.where(proposal.c.state == State.OPEN.value).order_by(proposal.c.closes_at, proposal.c.id)
_ALL = _STORED.order_by((proposal.c.state == State.OPEN.value).desc(), proposal.c.id.desc())
_ABOUT = _ALL.where(proposal.c.goal_id == bindparam("goal"))
_PAGE = _ALL.offset(bindparam("skip", type_=Integer)).limit(bindparam("most", type_=Integer))
_COUNT = select(func.count()).select_from(proposal).where(_HERE)
_DUE = select(proposal.c.id).where(_HERE, proposal.c.state == State.OPEN.value, proposal.c.closes_at <= bindparam("now", type_=Instant))
_NEXT_CLOSE = select(func.min(proposal.c.closes_at)).where(_HERE, proposal.c.state == State.OPEN.value)
_OF_FORM = select(proposal.c.id).where(_HERE, proposal.c.form_key == bindparam("form"))
_ADD = insert(proposal).returning(proposal.c.id)
_ADD_VERSION = insert(proposal_version)
_CHANGE = update(proposal).where(_HERE, proposal.c.id == bindparam("of"))
_SAY = insert_or(proposal_voice)
_SAY_ANEW = _SAY.on_conflict_do_update(
    index_elements=["proposal_id", "version", "chapter_id"],
    set_={name: _SAY.excluded[name] for name in ("voice", "reason", "said_at", "said_by")},
)

_HIDDEN = (chapter.c.visibility == Visibility.HIDDEN.value).label("hidden")
_OF_VERSION = (
    proposal_voice.c.guild_id == bindparam("guild"),
    proposal_voice.c.proposal_id == bindparam("of"),
    proposal_voice.c.version == bindparam("number"),
)
_COUNTING = or_(chapter.c.archived_at.is_(None), chapter.c.archived_at > bindparam("at", type_=Instant))
_VOICES = (
    select(
        proposal_voice.c.chapter_id,
        chapter.c.name.label("chapter"),
        _HIDDEN,
        proposal_voice.c.voice,
        proposal_voice.c.reason,
        proposal_voice.c.said_at,
        proposal_voice.c.said_by,
    )
    .join(chapter, chapter.c.id == proposal_voice.c.chapter_id)
    .where(*_OF_VERSION)
)
_NAMED = _VOICES.where(_COUNTING, chapter.c.visibility != Visibility.HIDDEN.value, proposal_voice.c.voice == bindparam("said"))
_NAMED_PAGE = _NAMED.order_by(chapter.c.folded).offset(bindparam("skip", type_=Integer)).limit(bindparam("most", type_=Integer))
_OBJECTORS = _VOICES.where(_COUNTING, proposal_voice.c.voice == Voice.OBJECT.value)
_OF_CHAPTER = _VOICES.where(proposal_voice.c.chapter_id == bindparam("chapter"))
_OF_ADMIN = _VOICES.join(admin, admin.c.chapter_id == chapter.c.id).where(_COUNTING, admin.c.user_id == bindparam("user"))
_FIGURES = (
    select(proposal_voice.c.voice, _HIDDEN, func.count().label("n"))
    .join(chapter, chapter.c.id == proposal_voice.c.chapter_id)
    .where(*_OF_VERSION, _COUNTING)
    .group_by(proposal_voice.c.voice, chapter.c.visibility == Visibility.HIDDEN.value)
)
_SPOKE = select(proposal_voice.c.chapter_id).where(*_OF_VERSION)
_RESTS = and_(
    chapter.c.resting_from.isnot(None),
    chapter.c.resting_from <= bindparam("day", type_=Day),
    or_(chapter.c.resting_until.is_(None), chapter.c.resting_until >= bindparam("day", type_=Day)),
)
_ACTIVE = (
    select(func.count())
    .select_from(chapter)
    .where(chapter.c.guild_id == bindparam("guild"), chapter.c.archived_at.is_(None), or_(~_RESTS, chapter.c.id.in_(_SPOKE)))
)
_THEN = (
    select(chapter_state.c.id)
    .where(chapter_state.c.chapter_id == chapter.c.id, chapter_state.c.since <= bindparam("at", type_=Instant))
    .order_by(chapter_state.c.since.desc(), chapter_state.c.id.desc())
    .limit(1)
)
_RESTED = and_(
    chapter_state.c.state == ChapterState.RESTING.value,
    or_(chapter_state.c.until.is_(None), chapter_state.c.until >= bindparam("day", type_=Day)),
)
_ACTIVE_THEN = (
    select(func.count())
    .select_from(chapter)
    .join(chapter_state, chapter_state.c.id == _THEN.correlate(chapter).scalar_subquery())
    .where(
        chapter.c.guild_id == bindparam("guild"),
        chapter_state.c.state != ChapterState.ARCHIVED.value,
        or_(~_RESTED, chapter.c.id.in_(_SPOKE)),
    )
)
_OF_CHAPTERS = (
    select(proposal_voice.c.proposal_id).where(
        proposal_voice.c.guild_id == bindparam("guild"), proposal_voice.c.chapter_id == bindparam("chapter")
    )
).distinct()
_REDACT_WHY = update(proposal_version).where(
    proposal_version.c.guild_id == bindparam("guild"), proposal_version.c.proposal_id == bindparam("of"), proposal_version.c.why.isnot(None)
)
_REDACT_REASON = update(proposal_voice).where(
    proposal_voice.c.guild_id == bindparam("guild"),
    proposal_voice.c.proposal_id == bindparam("of"),
    proposal_voice.c.chapter_id == bindparam("chapter"),
    proposal_voice.c.reason.isnot(None),
)


def _stored(row: Any) -> Stored:
    values = dict(row._mapping)
    content = Content(Act(values.pop("act")), *(values.pop(name) for name in ("metric", "name", "target", "deadline")))
    return Stored(**values | {"state": State(row.state), "rule": Rule(row.rule)}, content=content)


def _said(row: Any) -> Said:
    return Said(**dict(row._mapping) | {"voice": Voice(row.voice), "hidden": bool(row.hidden)})


async def add(
    c: AsyncConnection, guild_id: int, form_key: str, goal_id: int | None, new: New, channel_id: int | None, now: datetime, by: int
) -> int:
    """Stores a proposal with its first version; returns its id."""
    values = {"guild_id": guild_id, "form_key": form_key, "goal_id": goal_id, "closes_at": new.closes_at, "channel_id": channel_id}
    made: int = (await c.execute(_ADD, {**values, "made_at": now, "made_by": by})).scalar_one()
    await _add_version(c, guild_id, made, 1, new, now, by)
    return made


async def amend(c: AsyncConnection, stored: Stored, new: New, now: datetime, by: int) -> None:
    """Puts another version in the place of the one that was there: open, and answered by nobody yet."""
    await _add_version(c, stored.guild_id, stored.id, stored.version + 1, new, now, by)
    opened = {"version": stored.version + 1, "state": State.OPEN.value, "closes_at": new.closes_at, "decided_at": None, "active": None}
    await change(c, stored.guild_id, stored.id, **opened)


async def _add_version(c: AsyncConnection, guild_id: int, proposal_id: int, version: int, new: New, now: datetime, by: int) -> None:
    content = new.content
    values = {
        "proposal_id": proposal_id,
        "version": version,
        "guild_id": guild_id,
        "act": content.act.value,
        "metric": content.metric,
        "name": content.name,
        "target": content.target,
        "deadline": content.deadline,
        "why": new.why,
        "rule": new.rule.value,
        "opened_at": now,
        "opened_by": by,
        "closes_on": new.closes_on,
    }
    await c.execute(_ADD_VERSION, values)


async def change(c: AsyncConnection, guild_id: int, proposal_id: int, **values: Any) -> None:
    """Stores the given columns of a proposal."""
    await c.execute(_CHANGE, {"guild": guild_id, "of": proposal_id, **values})


async def find(c: AsyncConnection, guild_id: int, proposal_id: int) -> Stored | None:
    """A proposal of this server."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "of": proposal_id})).one_or_none()
    return None if row is None else _stored(row)


async def of_form(c: AsyncConnection, guild_id: int, form_key: str) -> int | None:
    """The proposal that was made with this form."""
    found: int | None = await c.scalar(_OF_FORM, {"guild": guild_id, "form": form_key})
    return found


async def open_ones(c: AsyncConnection, guild_id: int) -> list[Stored]:
    """The proposals that chapters can speak to, the first to close first."""
    return [_stored(row) for row in await c.execute(_OPEN, {"guild": guild_id})]


async def page(c: AsyncConnection, guild_id: int, skip: int, limit: int) -> tuple[list[Stored], int]:
    """Some of all proposals, open ones first, then the newest; and how many there are."""
    rows = await c.execute(_PAGE, {"guild": guild_id, "skip": skip, "most": limit})
    return [_stored(row) for row in rows], await c.scalar(_COUNT, {"guild": guild_id}) or 0


async def about(c: AsyncConnection, guild_id: int, goal_id: int) -> list[Stored]:
    """Every proposal about a goal, open ones first, then the newest."""
    return [_stored(row) for row in await c.execute(_ABOUT, {"guild": guild_id, "goal": goal_id})]


async def due(c: AsyncConnection, guild_id: int, now: datetime) -> list[int]:
    """The open proposals whose time is over."""
    return list(await c.scalars(_DUE, {"guild": guild_id, "now": now}))


async def next_close(c: AsyncConnection, guild_id: int) -> datetime | None:
    """When the next open proposal closes."""
    found: datetime | None = await c.scalar(_NEXT_CLOSE, {"guild": guild_id})
    return found


# Voices


def _version(stored: Stored) -> dict[str, Any]:
    return {"guild": stored.guild_id, "of": stored.id, "number": stored.version}


async def say(c: AsyncConnection, stored: Stored, chapter_id: int, voice: Voice, reason: str | None, now: datetime, by: int) -> None:
    """Stores what a chapter says; a later voice takes the place of an earlier one."""
    row = {
        "proposal_id": stored.id,
        "version": stored.version,
        "chapter_id": chapter_id,
        "guild_id": stored.guild_id,
        "voice": voice.value,
        "reason": reason,
        "said_at": now,
        "said_by": by,
    }
    await c.execute(_SAY_ANEW, row)


async def voice_of(c: AsyncConnection, stored: Stored, chapter_id: int) -> Said | None:
    """What a chapter says to the newest version."""
    row = (await c.execute(_OF_CHAPTER, {**_version(stored), "chapter": chapter_id})).one_or_none()
    return None if row is None else _said(row)


async def voices_of(c: AsyncConnection, stored: Stored, user_id: int, at: datetime) -> list[Said]:
    """What the chapters say that this person is admin of."""
    return [_said(row) for row in await c.execute(_OF_ADMIN, {**_version(stored), "user": user_id, "at": at})]


async def named(c: AsyncConnection, stored: Stored, voice: Voice, at: datetime, skip: int, limit: int) -> list[Said]:
    """Some of the chapters that say this and may be named, by name."""
    asked = {**_version(stored), "said": voice.value, "at": at, "skip": skip, "most": limit}
    return [_said(row) for row in await c.execute(_NAMED_PAGE, asked)]


async def objectors(c: AsyncConnection, stored: Stored, at: datetime) -> list[Said]:
    """Every objection that stands, of hidden chapters as well: never for others to read."""
    return [_said(row) for row in await c.execute(_OBJECTORS, {**_version(stored), "at": at})]


async def figures(c: AsyncConnection, stored: Stored, at: datetime) -> tuple[dict[Voice, int], dict[Voice, int]]:
    """How many chapters that may be named say what, and how many hidden ones."""
    found: tuple[dict[Voice, int], dict[Voice, int]] = ({}, {})
    for row in await c.execute(_FIGURES, {**_version(stored), "at": at}):
        found[bool(row.hidden)][Voice(row.voice)] = row.n
    return found


async def active(c: AsyncConnection, stored: Stored, day: date) -> int:
    """How many chapters are active now, with resting ones that spoke."""
    return await c.scalar(_ACTIVE, {**_version(stored), "day": day}) or 0


async def active_then(c: AsyncConnection, stored: Stored, at: datetime, day: date) -> int:
    """The same at a moment of the past, by the states that chapters were in then."""
    return await c.scalar(_ACTIVE_THEN, {**_version(stored), "at": at, "day": day}) or 0


async def spoken_to_by(c: AsyncConnection, guild_id: int, chapter_id: int) -> Sequence[int]:
    """The proposals to which a chapter ever spoke: their messages may name it."""
    return list(await c.scalars(_OF_CHAPTERS, {"guild": guild_id, "chapter": chapter_id}))


async def redact_why(c: AsyncConnection, guild_id: int, proposal_id: int) -> bool:
    """Takes the reasons given for a proposal out of all its versions; False if there were none."""
    return (await c.execute(_REDACT_WHY, {"guild": guild_id, "of": proposal_id, "why": None})).rowcount > 0


async def redact_reason(c: AsyncConnection, guild_id: int, proposal_id: int, chapter_id: int) -> bool:
    """Takes what a chapter gave as its reason out of all versions; the objection stands. False if there was none."""
    asked = {"guild": guild_id, "of": proposal_id, "chapter": chapter_id, "reason": None}
    return (await c.execute(_REDACT_REASON, asked)).rowcount > 0
