"""What a chapter's admins do about their turns: see whose it is, pass it on with a note, and be away."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain import calendar
from bot.domain import duty as rules
from bot.domain.chapters import Chapter
from bot.domain.checkins import parse_day
from bot.domain.duty import Turns
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, duty
from bot.services.access import Scope
from db import changes, chapters, outbox
from db import duty as stored
from db.duty import Note
from db.store import Connection, Store


@dataclass(frozen=True, slots=True)
class Duty:
    """Whose turn it is; the order and who is away for the chapter's own people, the note for whoever has the turn."""

    chapter: Chapter
    on_duty: int | None
    turns: Turns | None
    note: Note | None


@dataclass(frozen=True, slots=True)
class Passing:
    """A turn that may be passed on: from whom, to whom."""

    chapter: Chapter
    holder: int
    following: int


@dataclass(frozen=True, slots=True)
class Passed:
    """A turn was passed on, or (`again`) had been already; `to` has it now."""

    chapter: Chapter
    to: int
    noted: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Off:
    """Somebody is away from duty `until` a day, or (None) there again; `again` if it was so already."""

    chapter: Chapter
    until: date | None
    again: bool
    had_turn: bool
    on_duty: int | None


@dataclass(frozen=True, slots=True)
class Handed:
    """The turn as whoever it was passed on to is told of it."""

    chapter: Chapter
    to: int
    by: int
    note: str | None


async def show(store: Store, caller: Caller, chapter: str | None, now: datetime) -> Duty:
    """Whose turn it is in a chapter."""
    async with store.read() as c:
        scope = await access.named(c, caller, chapter)
        scope.require(Action.READ)
        found = await duty.turns(c, scope.chapter, now)
        insider = scope.may(Action.SEE_PRIVATE)
        note = await stored.note(c, scope.guild_id, scope.chapter.id) if found.on_duty == caller.user_id else None
        theirs = note if note is not None and note.from_user != caller.user_id else None
        return Duty(scope.chapter, found.on_duty, found if insider else None, theirs)


async def passing(store: Store, caller: Caller, chapter: str | int | None, now: datetime) -> Passing:
    """The turn that the asker wants to pass on; refuses who may not, and where nobody else is there."""
    async with store.read() as c:
        return await _passing(c, await _scope(c, caller, chapter), now)


async def _scope(c: Connection, caller: Caller, chapter: str | int | None) -> Scope:
    if isinstance(chapter, int):
        scope = await access.pressed(c, caller, chapter)
    else:
        scope = await access.named(c, caller, chapter, own=True)
    scope.require(Action.PASS_DUTY)
    return scope


async def _passing(c: Connection, scope: Scope, now: datetime) -> Passing:
    found, name = await duty.turns(c, scope.chapter, now), scope.chapter.name
    if found.on_duty is None:
        raise Refusal(text("{chapter} has no admin who could be on duty. /chapter admins add makes somebody one.", chapter=name))
    following = replace(found, turn=found.on_duty).passed.turn
    if following is None or following == found.on_duty:
        raise Refusal(text("Nobody else can take {chapter}'s turn now. /chapter admins add makes somebody an admin.", chapter=name))
    return Passing(scope.chapter, found.on_duty, following)


async def pass_on(store: Store, caller: Caller, chapter_id: int, holder: int, note: str, now: datetime) -> Passed:
    """Passes the turn of `holder` on to the next admin; once, however many press at the same time. The note is for the next one alone."""
    words = rules.check_note(note)
    async with store.write() as c:
        scope = await _scope(c, caller, chapter_id)
        guild_id, entity = scope.guild_id, scope.chapter
        now_on = (await duty.turns(c, entity, now)).on_duty
        if now_on is not None and now_on != holder:
            return Passed(entity, now_on, noted=False, again=True)
        to = (await _passing(c, scope, now)).following
        await chapters.change(c, guild_id, chapter_id, duty_user_id=to)
        await stored.drop_note(c, guild_id, chapter_id)
        if to != caller.user_id:
            if words is not None:
                await stored.write_note(c, guild_id, chapter_id, caller.user_id, words, now)
            key = f"turn:{chapter_id}:{to}:{int(now.timestamp() * 1000)}"
            await outbox.put(c, guild_id, "turn", key, now, now, chapter_id=chapter_id, user_id=to, by=caller.user_id)
        await changes.log(c, guild_id, "duty.pass", now, caller.user_id, chapter_id=chapter_id)
        return Passed(entity, to, noted=words is not None, again=False)


async def handed(c: Connection, chapter: Chapter, user_id: int, by: int) -> Handed | None:
    """What somebody is told to whom the turn was passed on; None if it is not theirs any more."""
    if chapter.duty_user_id != user_id:
        return None
    note = await stored.note(c, chapter.guild_id, chapter.id)
    return Handed(chapter, user_id, by, None if note is None else note.note)


async def set_away(store: Store, caller: Caller, until: str, chapter: str | None, now: datetime) -> Off:
    """Notes that the asker is away from a chapter's duty until a day (today ends it); a turn of theirs passes on, and nobody is told.

    It stands in no log: that somebody is away is for the chapter's own people to know.
    """
    async with store.write() as c:
        scope = await access.named(c, caller, chapter, own=True)
        scope.require(Action.BE_OFF_DUTY)
        guild_id, entity, today = scope.guild_id, scope.chapter, scope.today(now)
        back = rules.check_away(parse_day(until, today, ahead=True), today)
        before = (await duty.turns(c, entity, now)).away.get(caller.user_id)
        had_turn = entity.duty_user_id == caller.user_id
        await stored.set_away(c, guild_id, entity.id, caller.user_id, back)
        on_duty = (await duty.settle(c, entity, now)).on_duty
        return Off(entity, back, before == back, had_turn, on_duty)


async def return_days(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Today, to be back now, and days to come back on: for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    today = calendar.today(now, organisation.zone)
    days = ["today", *(str(today + week * 7 * calendar.ONE_DAY) for week in (1, 2, 3, 4, 6, 8, 10, 12))]
    return [day for day in days if typed.strip().casefold() in day]
