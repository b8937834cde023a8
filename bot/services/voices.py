"""What chapters say to a proposal: one voice for each, which changes until the close, and how an objection amends it.

A delegate is known only as a fact, not as a person, so any of a chapter's admins speaks for it; the later one counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import calendar, proposals, rights
from bot.domain.chapters import Chapter
from bot.domain.goals import Goal
from bot.domain.proposals import Act, Content, Rule, State, Voice
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, text
from bot.services import access
from bot.services.proposals import View, found_here, roles, show_again, view_of
from bot.services.proposing import reworded
from db import changes, chapters, outbox
from db import goals as stored_goals
from db import proposals as stored
from db.organisations import Organisation
from db.proposals import New, Said, Stored
from db.store import Connection, Store

MOST_CHAPTERS = 25
VERSION_GONE = text("The proposal was amended since you saw this, so all chapters are asked anew. Open it again with /goal history.")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A chapter's voice as it stands, what it said before, and the proposal; `moved` if what all may see is another now."""

    view: View
    chapter: Chapter
    said: Said
    before: Said | None
    moved: bool


@dataclass(frozen=True, slots=True)
class Choose:
    """Somebody speaks for several chapters, and has to say for which."""

    proposal_id: int
    version: int
    voice: Voice
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Objecting:
    """What an admin is asked who objects for a chapter: its reason until now."""

    proposal_id: int
    version: int
    chapter: Chapter
    reason: str


@dataclass(frozen=True, slots=True)
class Amending:
    """What may be amended, and for which chapter, whose objection stands."""

    proposal_id: int
    version: int
    chapter: Chapter
    content: Content
    why: str | None


async def speak(
    store: Store,
    caller: Caller,
    proposal_id: int,
    version: int,
    voice: Voice,
    now: datetime,
    *,
    chapter_id: int | None = None,
    reason: str | None = None,
) -> Spoken | Choose | Objecting:
    """Stores what a chapter says in the place of what it said; who objects is asked why, and who speaks for several for which."""
    async with store.write() as c:
        organisation, mine = await _speaking(c, caller, chapter_id)
        found = await found_here(c, organisation.guild_id, proposal_id)
        _require_open(found, version, now)
        if len(mine) > 1:
            return Choose(proposal_id, version, voice, tuple(mine))
        chapter = mine[0]
        before = await stored.voice_of(c, found, chapter.id)
        if voice is Voice.OBJECT and reason is None:
            kept = before.reason if before is not None and before.voice is Voice.OBJECT else None
            return Objecting(proposal_id, version, chapter, kept or "")
        why = proposals.check_reason(reason) if voice is Voice.OBJECT and reason is not None else None
        shown = await view_of(c, organisation, found, now)
        if before is None or (before.voice, before.reason, before.said_by) != (voice, why, caller.user_id):
            await _store(c, found, chapter, voice, why, before, caller, now)
        said = await stored.voice_of(c, found, chapter.id)
        view = await view_of(c, organisation, found, now)
        assert said is not None
        moved = (shown.tally, shown.named) != (view.tally, view.named)
        if moved:
            await show_again(c, found.guild_id, found.id, now)
        return Spoken(view, chapter, said, before, moved)


async def _store(
    c: Connection, found: Stored, chapter: Chapter, voice: Voice, why: str | None, before: Said | None, caller: Caller, now: datetime
) -> None:
    await stored.say(c, found, chapter.id, voice, why, now, caller.user_id)
    if before is not None and (before.voice, before.reason) == (voice, why):
        return
    fields = ("voice", "reason") if why else ("voice",)
    await changes.log(c, found.guild_id, "goal.voice", now, caller.user_id, chapter_id=chapter.id, goal_id=found.goal_id, fields=fields)
    if before is not None and before.said_by not in (None, caller.user_id):
        key = f"voice:{found.id}:{chapter.id}:{before.said_by}:{int(now.timestamp() * 1000)}"
        by = caller.user_id
        await outbox.put(
            c, found.guild_id, "voice", key, now, now, chapter_id=chapter.id, proposal_id=found.id, user_id=before.said_by, by=by
        )


async def _speaking(c: Connection, caller: Caller, chapter_id: int | None) -> tuple[Organisation, list[Chapter]]:
    """The chapters that somebody may speak for, or the one; refuses whoever is admin of none."""
    if chapter_id is not None:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.SPEAK_FOR)
        return scope.organisation, [scope.chapter]
    organisation = await access.organisation(c, caller)
    rights.require(Action.SPEAK_FOR, await roles(c, organisation, caller))
    return organisation, await chapters.of_admin(c, organisation.guild_id, caller.user_id, MOST_CHAPTERS)


def _require_open(found: Stored, version: int, now: datetime) -> None:
    if found.state is not State.OPEN or now >= found.closes_at:
        raise Refusal(closed(found))
    if version != found.version:
        raise Refusal(VERSION_GONE)


def closed(found: Stored) -> Text:
    """Why nobody can speak to a proposal any more."""
    if found.state is State.WITHDRAWN:
        return text("This proposal was withdrawn, so nothing was changed.")
    return text("This proposal closed at the end of {day}, so voices stay as they were then. /goal history shows it.", day=found.closes_on)


# The objector's amendment


async def may_amend(store: Store, caller: Caller, proposal_id: int, now: datetime, *, chapter_id: int | None = None) -> Amending:
    """What an objector may amend: a proposal by consent that is open, or that an objection stopped lately."""
    async with store.read() as c:
        organisation, mine = await _speaking(c, caller, chapter_id)
        found = await found_here(c, organisation.guild_id, proposal_id)
        chapter = await _objecting(c, found, mine, now)
        return Amending(found.id, found.version, chapter, found.content, found.why)


async def _objecting(c: Connection, found: Stored, mine: Sequence[Chapter], now: datetime) -> Chapter:
    """The one of these chapters whose objection stands; refuses where there is none, or where nothing can be amended any more."""
    if found.rule is not Rule.CONSENT or found.state not in (State.OPEN, State.STOPPED):
        raise Refusal(text("This proposal cannot be amended any more. Make another one with /goal propose."))
    if found.state is State.STOPPED and now > found.closes_at + proposals.AMENDED_WITHIN:
        raise Refusal(text("This proposal closed too long ago to be amended. Make another one with /goal propose."))
    for chapter in mine:
        said = await stored.voice_of(c, found, chapter.id)
        if said is not None and said.voice is Voice.OBJECT:
            return chapter
    raise Refusal(text("Only a chapter whose objection stands can amend this. Object first, and say why."))


async def amend(
    store: Store, caller: Caller, proposal_id: int, version: int, chapter_id: int, typed: Mapping[str, str], now: datetime
) -> View:
    """Puts an objector's version in the place of the present one: all chapters are asked anew, with the whole time to meet."""
    async with store.write() as c:
        organisation, mine = await _speaking(c, caller, chapter_id)
        found = await found_here(c, organisation.guild_id, proposal_id)
        if version != found.version:
            raise Refusal(VERSION_GONE)
        chapter = await _objecting(c, found, mine, now)
        about = await _goal(c, found)
        content = proposals.check_amended(found.content, await reworded(c, organisation, found.content, about, typed, now))
        if about is not None and content == Content.of(Act.EDIT, about):
            raise Refusal(text("This would leave the goal as it is. Change the target, the deadline or the name."))
        today = calendar.today(now, organisation.zone)
        last = proposals.check_closing(None, today, organisation.policy.proposal_days)
        proposals.check_lasts(content.deadline, last)
        ends = calendar.start_of(last + calendar.ONE_DAY, organisation.zone)
        new = New(content, proposals.check_why(typed.get("why")), found.rule, last, ends)
        await stored.amend(c, found, new, now, caller.user_id)
        fields = [name for name in ("target", "deadline", "name") if getattr(content, name) != getattr(found.content, name)]
        await changes.log(c, found.guild_id, "goal.amend", now, caller.user_id, chapter_id=chapter.id, goal_id=found.goal_id, fields=fields)
        await show_again(c, found.guild_id, found.id, now, "amended")
        return await view_of(c, organisation, await found_here(c, found.guild_id, found.id), now)


async def _goal(c: Connection, found: Stored) -> Goal | None:
    """The goal that a proposal is about; refuses one that is none any more."""
    if found.goal_id is None:
        return None
    about = await stored_goals.find(c, found.guild_id, found.goal_id)
    if about is None or about[1]:
        raise Refusal(text("This goal is not in force any more. Type /progress to see those that are."))
    return about[0]


async def to_withdraw(store: Store, caller: Caller, proposal_id: int, now: datetime) -> View:
    """What somebody wants to withdraw, before they confirm it."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.PROPOSE, await roles(c, organisation, caller))
        return await view_of(c, organisation, await found_here(c, organisation.guild_id, proposal_id), now)


async def withdraw(store: Store, caller: Caller, proposal_id: int, now: datetime) -> View:
    """Ends a proposal before its close: whoever made it may; a second time changes nothing."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.PROPOSE, await roles(c, organisation, caller))
        found = await found_here(c, organisation.guild_id, proposal_id)
        if found.made_by != caller.user_id:
            raise Refusal(text("Only whoever made a proposal can withdraw it. Your chapter can object to it, and say why."))
        if found.state is not State.WITHDRAWN:
            if found.state is not State.OPEN or now >= found.closes_at:
                raise Refusal(closed(found))
            await stored.change(c, found.guild_id, found.id, state=State.WITHDRAWN.value, decided_at=now)
            await changes.log(c, found.guild_id, "goal.withdraw", now, caller.user_id, goal_id=found.goal_id)
            await show_again(c, found.guild_id, found.id, now, "withdrawn")
        return await view_of(c, organisation, await found_here(c, found.guild_id, found.id), now)


# The news that another admin spoke


@dataclass(frozen=True, slots=True)
class Replaced:
    """That another admin changed what a chapter says, for whoever had said it before."""

    view: View
    chapter: Chapter
    said: Said
    by: int


async def replaced(
    c: Connection, organisation: Organisation, chapter: Chapter, proposal_id: int, by: int, now: datetime
) -> Replaced | None:
    """What whoever spoke before is told; None where that voice is no longer the one that stands."""
    found = await stored.find(c, organisation.guild_id, proposal_id)
    said = None if found is None else await stored.voice_of(c, found, chapter.id)
    if found is None or said is None or said.said_by != by:
        return None
    return Replaced(await view_of(c, organisation, found, now), chapter, said, by)
