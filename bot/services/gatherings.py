"""Gatherings of a branch: recorded by coordinators, and counted once its chapters have confirmed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import calendar, checkins, rights
from bot.domain.chapters import Visibility
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from bot.services.access import Scope
from db import changes, chapters, gatherings, organisations, outbox
from db.gatherings import Gathering
from db.measures import CONFIRMED
from db.store import Connection, Store


@dataclass(frozen=True, slots=True)
class Question:
    """What a chapter is asked about a gathering, or has answered to it."""

    gathering_id: int
    chapter_id: int
    chapter: str
    language: str
    gathering: Gathering


async def record(
    store: Store,
    caller: Caller,
    branch_id: int,
    day: date,
    chapter_ids: Sequence[int],
    people: int | None,
    delegates: int | None,
    now: datetime,
) -> int:
    """Stores a gathering, asks each of its chapters to confirm it, and returns its id."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.RECORD_GATHERING, access.roles_in(organisation, caller))
        policy = await organisations.policy_in_force(c, organisation.guild_id)
        checkins.check_day(day, calendar.today(now, organisation.zone), None, policy)
        if people is not None:
            checkins.check_number(people, text("The number of people"))
        if delegates is not None:
            checkins.check_number(delegates, text("The number of delegates"))
        asked = list(dict.fromkeys(chapter_ids))
        await _check_chapters(c, organisation.guild_id, branch_id, asked)
        made = await gatherings.add(c, organisation.guild_id, branch_id, day, asked, people, delegates, now, caller.user_id)
        await changes.log(
            c, organisation.guild_id, "gathering.record", now, caller.user_id, branch_id=branch_id, fields=("day", "chapters")
        )
        for chapter_id in asked:
            key = f"gathering:{made}:{chapter_id}"
            await outbox.put(c, organisation.guild_id, "gathering", key, now, now, chapter_id=chapter_id, gathering_id=made)
        return made


async def _check_chapters(c: Connection, guild_id: int, branch_id: int, chapter_ids: Sequence[int]) -> None:
    there = await chapters.many(c, guild_id, chapter_ids)
    own = [
        chapter_id
        for chapter_id, chapter in there.items()
        if chapter.branch_id == branch_id and not chapter.archived and chapter.visibility is not Visibility.HIDDEN
    ]
    if len(own) < len(chapter_ids):
        raise Refusal(text("A gathering is one of chapters of its own branch. Choose them from that branch's chapters."))
    if len(own) < CONFIRMED:
        raise Refusal(text("Name at least {n} chapters that took part: a gathering counts once {n} have confirmed it.", n=CONFIRMED))


async def question(c: Connection, guild_id: int, chapter_id: int, gathering_id: int) -> Question | None:
    """What a chapter is asked; None if it has answered, or is archived by now."""
    organisation = await organisations.find(c, guild_id)
    chapter = await chapters.find(c, guild_id, chapter_id)
    found = await gatherings.find(c, guild_id, gathering_id, chapter_id)
    if organisation is None or chapter is None or chapter.archived or found is None or found.state != "asked":
        return None
    return Question(gathering_id, chapter_id, chapter.name, organisation.language, found)


async def answer(store: Store, caller: Caller, gathering_id: int, chapter_id: int, now: datetime, *, took_part: bool) -> Question:
    """Stores what one of a chapter's admins says; the same answer again changes nothing, another one takes its place."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.CONFIRM_GATHERING)
        before, state = await _found(c, scope, gathering_id), "confirmed" if took_part else "declined"
        if before.state != state:
            await gatherings.answer(c, scope.guild_id, gathering_id, chapter_id, state, now, caller.user_id)
            kind = "gathering.confirm" if took_part else "gathering.decline"
            await changes.log(c, scope.guild_id, kind, now, caller.user_id, chapter_id=chapter_id)
        found = await _found(c, scope, gathering_id)
        return Question(gathering_id, chapter_id, scope.chapter.name, scope.organisation.language, found)


async def _found(c: Connection, scope: Scope, gathering_id: int) -> Gathering:
    found = await gatherings.find(c, scope.guild_id, gathering_id, scope.chapter.id)
    if found is None:
        raise Refusal(text("This gathering is not recorded any more."))
    return found
