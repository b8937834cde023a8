"""What a goal was and why: its revisions and the proposals about it, and how a text is taken out of them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.domain import calendar, goals, rights
from bot.domain.goals import Goal, Measured, Standing
from bot.domain.proposals import State, Voice
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller, Role
from bot.domain.text import text
from bot.services import access
from bot.services.proposals import View, find, found_here, roles, show_again, view_of
from db import changes
from db import goals as stored_goals
from db import proposals as stored
from db.goals import Revision
from db.organisations import Organisation
from db.proposals import Said, Stored
from db.store import Connection, Store

A_PAGE = 5
OF_IT = 0
"""Stands for a proposal's own reason, where a chapter's number stands for that chapter's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a goal: a revision with what it was before, a proposal that is or became none, or a deadline."""

    at: datetime
    revision: Revision | None = None
    before: Goal | None = None
    proposal: View | None = None
    passed: Standing | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A page of what happened to a goal, the newest first."""

    goal: Goal
    retired: bool
    entries: tuple[Entry, ...]
    page: int
    pages: int
    may_redact: bool


async def known(store: Store, caller: Caller) -> list[Goal]:
    """Every goal that there is or was, those in force first: for an option that is being typed."""
    async with store.read() as c:
        return await _ever(c, (await access.organisation(c, caller)).guild_id)


async def _ever(c: Connection, guild_id: int) -> list[Goal]:
    in_force = await stored_goals.in_force(c, guild_id)
    return [*in_force, *(goal for goal in await stored_goals.retired(c, guild_id) if goal.id not in {each.id for each in in_force})]


async def history(store: Store, caller: Caller, wanted: str | int, page: int, now: datetime) -> History:
    """What a goal was and is, by its name, its metric's words or its id; one that was given up keeps its history."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        guild_id = organisation.guild_id
        goal = await _meant(c, guild_id, wanted)
        revisions = await stored_goals.revisions(c, guild_id, goal.id)
        others = [each for each in await stored.about(c, guild_id, goal.id) if each.state is not State.ADOPTED]
        told: list[tuple[datetime, int, Revision | Stored | Standing]] = [
            *((each.adopted_at, 0, each) for each in revisions),
            *((each.decided_at or each.opened_at, 1, each) for each in others),
            *((at, 2, each) for at, each in await _passed(c, organisation, revisions, now)),
        ]
        told.sort(key=lambda each: each[:2], reverse=True)
        pages = max(1, -(-len(told) // A_PAGE))
        page = min(max(page, 0), pages - 1)
        entries = [await _entry(c, organisation, at, each, revisions, now) for at, _, each in told[page * A_PAGE : (page + 1) * A_PAGE]]
    retired = bool(revisions) and revisions[0].retired
    may_redact = Role.COORDINATOR in access.roles_in(organisation, caller)
    return History(revisions[0].goal if revisions else goal, retired, tuple(entries), page, pages, may_redact)


async def _passed(
    c: Connection, organisation: Organisation, revisions: Sequence[Revision], now: datetime
) -> list[tuple[datetime, Standing]]:
    """The deadlines that passed while they were in force, each with what the goal had come to on that day."""
    ends = [calendar.start_of(each.goal.deadline + calendar.ONE_DAY, organisation.zone) for each in revisions]
    replaced = [now, *(each.adopted_at for each in revisions)]
    passed = [(end, each.goal) for end, each, until in zip(ends, revisions, replaced, strict=False) if not each.retired and end <= until]
    if not passed:
        return []
    kept = dict(await stored_goals.values(c, organisation.guild_id, passed[0][1].id, [goal.deadline for _, goal in passed]))
    return [(end, Standing(goal, kept.get(goal.deadline, Measured(None)))) for end, goal in passed]


async def _meant(c: Connection, guild_id: int, wanted: str | int) -> Goal:
    ever = await _ever(c, guild_id)
    if isinstance(wanted, int):
        found = next((goal for goal in ever if goal.id == wanted), None)
        if found is None:
            raise Refusal(text("This goal is not in this server. Type /progress to see those that are."))
        return found
    in_force = await stored_goals.in_force(c, guild_id)
    for some in (in_force, [goal for goal in ever if goal not in in_force]):
        with suppress(Refusal):
            return goals.find(some, wanted)
    return goals.find(in_force, wanted)


async def _entry(
    c: Connection,
    organisation: Organisation,
    at: datetime,
    told: Revision | Stored | Standing,
    revisions: Sequence[Revision],
    now: datetime,
) -> Entry:
    if isinstance(told, Standing):
        return Entry(at, passed=told)
    if isinstance(told, Stored):
        return Entry(told.opened_at, proposal=await view_of(c, organisation, told, now, names=0))
    earlier = revisions.index(told) + 1
    before = revisions[earlier].goal if earlier < len(revisions) else None
    made = None if told.proposal_id is None else await stored.find(c, organisation.guild_id, told.proposal_id)
    return Entry(at, told, before, None if made is None else await view_of(c, organisation, made, now, names=0))


# All voices


@dataclass(frozen=True, slots=True)
class Voices:
    """A page of the chapters that say the same and may be named."""

    view: View
    voice: Voice
    said: tuple[Said, ...]
    page: int
    more: bool


async def voices(store: Store, caller: Caller, proposal_id: int, voice: Voice, page: int, size: int, now: datetime) -> Voices:
    """Who says this to a proposal, and why."""
    async with store.read() as c:
        organisation, found = await find(c, caller, proposal_id)
        view = await view_of(c, organisation, found, now)
        at = now if view.is_open else found.closes_at
        said = await stored.named(c, found, voice, at, max(page, 0) * size, size + 1)
    return Voices(view, voice, tuple(said[:size]), max(page, 0), len(said) > size)


# Taking a text out


@dataclass(frozen=True, slots=True)
class Texts:
    """What somebody may take out of a proposal: its own reason, and reasons of chapters."""

    view: View
    why: bool
    said: tuple[Said, ...]


async def texts(store: Store, caller: Caller, proposal_id: int, now: datetime) -> Texts:
    """The texts of a proposal that the asker may take out: coordinators all that they can read, admins their chapter's own."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        held = await roles(c, organisation, caller)
        rights.require(Action.REDACT_PROPOSAL, held)
        found = await found_here(c, organisation.guild_id, proposal_id)
        view = await view_of(c, organisation, found, now)
        said = [each for each in view.named.get(Voice.OBJECT, ()) if each.reason] if Role.COORDINATOR in held else []
        own = await stored.voices_of(c, found, caller.user_id, found.closes_at)
        said += [each for each in own if each.reason and each.chapter_id not in {one.chapter_id for one in said}]
        mine = found.why is not None and (Role.COORDINATOR in held or found.made_by == caller.user_id)
    return Texts(view, mine, tuple(said))


async def redact(store: Store, caller: Caller, proposal_id: int, chapter_id: int, now: datetime) -> View:
    """Takes a reason out of all versions of a proposal, and out of its message; the voice stands. A second time changes nothing."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        held = await roles(c, organisation, caller)
        rights.require(Action.REDACT_PROPOSAL, held)
        found = await found_here(c, organisation.guild_id, proposal_id)
        if chapter_id != OF_IT:
            scope = await access.pressed(c, caller, chapter_id)
            scope.require(Action.REDACT_PROPOSAL)
            gone = await stored.redact_reason(c, found.guild_id, found.id, chapter_id)
        elif Role.COORDINATOR in held or found.made_by == caller.user_id:
            gone = await stored.redact_why(c, found.guild_id, found.id)
        else:
            raise Refusal(text("Only coordinators and whoever made the proposal can take this out. Ask one of them."))
        if gone:
            about = {"chapter_id": chapter_id} if chapter_id != OF_IT else {}
            fields = ("reason",) if about else ("why",)
            await changes.log(c, found.guild_id, "goal.redact", now, caller.user_id, goal_id=found.goal_id, fields=fields, **about)
            await show_again(c, found.guild_id, found.id, now, f"redacted-{chapter_id}")
        view = await view_of(c, organisation, await found_here(c, found.guild_id, found.id), now)
    await store.empty_log()
    return view


async def require_redacting(store: Store, caller: Caller) -> None:
    """Refuses whoever may not take out why a goal was changed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))


async def redact_revision(store: Store, caller: Caller, goal_id: int, revision_id: int, now: datetime) -> None:
    """Takes out why a goal was changed; a second time changes nothing."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))
        if await stored_goals.redact_why(c, organisation.guild_id, revision_id):
            await changes.log(c, organisation.guild_id, "goal.redact", now, caller.user_id, goal_id=goal_id, fields=("why",))
    await store.empty_log()
