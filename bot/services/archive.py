"""Renaming a chapter, archiving it, and restoring it: what coordinators do to the list of chapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import owed, rights
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, State, check_name, fold
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Listing, text
from bot.services import access
from bot.services.access import NEAREST, Scope
from bot.services.spelling import matching
from db import changes, chapters, outbox, reports, summaries
from db.store import Connection, Store
from db.summaries import History

OFFERED = 25
WITHDRAWN = "archived"


@dataclass(frozen=True, slots=True)
class Renamed:
    """A chapter with its new name, and the one before; `posts` of its reports are out under that one."""

    chapter: Chapter
    before: str
    posts: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A chapter that is in the list; `changed` unless it was there already, and the next period that it is asked about."""

    chapter: Chapter
    changed: bool
    next_period: Month | None


async def rename(store: Store, caller: Caller, chapter: str, name: str, now: datetime) -> Renamed:
    """Gives a chapter another name, which no other chapter of the organisation has."""
    async with store.write() as c:
        scope = await access.named(c, caller, chapter)
        scope.require(Action.RENAME_CHAPTER)
        entity, guild_id = scope.chapter, scope.guild_id
        new = check_name(name, text("The chapter's name"))
        there = await chapters.by_name(c, guild_id, new)
        if there is not None and there.id != entity.id:
            raise access.name_is_taken(there)
        if new != entity.name:
            await chapters.change(c, guild_id, entity.id, name=new, folded=fold(new))
            await changes.log(c, guild_id, "chapter.rename", now, caller.user_id, chapter_id=entity.id, fields=("name",))
            (history,) = await summaries.refresh(c, guild_id, [entity.id], now)
            await _say_anew(c, history, now)
        renamed = await chapters.find(c, guild_id, entity.id)
        assert renamed is not None
        return Renamed(renamed, entity.name, await reports.posts(c, guild_id, entity.id))


async def _say_anew(c: Connection, history: History, now: datetime) -> None:
    """The card of the period that is asked for takes the new name; what is answered or missed stays as it was read."""
    entity, period = history.chapter, history.facts(now).owed.asked_for
    if period is not None:
        key = f"refresh:{entity.id}:{period}:renamed:{int(now.timestamp() * 1000)}"
        await outbox.put(c, entity.guild_id, "refresh", key, now, now, chapter_id=entity.id, period=period)


async def look(store: Store, caller: Caller, chapter: str | int) -> Chapter:
    """The chapter that is to be archived or not, for those who may."""
    async with store.read() as c:
        scope = await (access.pressed(c, caller, chapter) if isinstance(chapter, int) else access.named(c, caller, chapter))
        scope.require(Action.ARCHIVE_CHAPTER)
        return scope.chapter


async def archive(store: Store, caller: Caller, chapter_id: int, now: datetime) -> Chapter:
    """Takes a chapter from every list and every figure to come, and drops what waits for it; once more changes nothing."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.ARCHIVE_CHAPTER)
        if not scope.chapter.archived:
            await _become(c, scope, State.ARCHIVED, "chapter.archive", now)
            await outbox.withdraw_all(c, scope.guild_id, chapter_id, WITHDRAWN)
        return scope.chapter


async def restore(store: Store, caller: Caller, chapter: str | int, now: datetime) -> Restored:
    """Puts an archived chapter back into the list; nobody is asked about the time that it was away."""
    async with store.write() as c:
        scope = await _away(c, caller, chapter)
        scope.require(Action.ARCHIVE_CHAPTER)
        if not scope.chapter.archived:
            return Restored(scope.chapter, changed=False, next_period=None)
        history = await _become(c, scope, State.ACTIVE, "chapter.restore", now)
        await outbox.revive(c, scope.guild_id, scope.chapter.id, WITHDRAWN, now)
        return Restored(history.chapter, changed=True, next_period=next(owed.upcoming(history.facts(now).owed), None))


async def _become(c: Connection, scope: Scope, state: State, verb: str, now: datetime) -> History:
    guild_id, chapter_id, by = scope.guild_id, scope.chapter.id, scope.caller.user_id
    await chapters.set_state(c, guild_id, chapter_id, state, scope.today(now), None, now, by)
    await changes.log(c, guild_id, verb, now, by, chapter_id=chapter_id, fields=("state",))
    (history,) = await summaries.refresh(c, guild_id, [chapter_id], now)
    return history


async def _away(c: Connection, caller: Caller, chapter: str | int) -> Scope:
    """The chapter that is meant, archived or not; refuses who may not restore it before saying which there are."""
    if isinstance(chapter, int):
        return await access.pressed(c, caller, chapter)
    organisation = await access.organisation(c, caller)
    rights.require(Action.ARCHIVE_CHAPTER, access.roles_in(organisation, caller))
    found = await chapters.by_name(c, organisation.guild_id, chapter)
    there = await chapters.archived_names(c, organisation.guild_id, caller.user_id)
    # A hidden chapter that is not archived is answered like a name that nobody has.
    if found is not None and (found.name in there if found.archived else not found.hidden):
        return await access.pressed(c, caller, found.id)
    raise _unknown(chapter, there)


def _unknown(written: str, there: Sequence[str]) -> Refusal:
    if not there:
        return Refusal(text("No chapter is archived here."))
    near = matching(written[:60], there, NEAREST)
    if not near:
        return Refusal(text("There is no archived chapter “{name}”.", name=written[:60]))
    return Refusal(text("There is no archived chapter “{name}”. Did you mean {near}?", name=written[:60], near=Listing(tuple(near), "or")))


async def archived(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
    """The archived chapters, for an option that is being typed by somebody who may restore them."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        if not rights.may(Action.ARCHIVE_CHAPTER, access.roles_in(organisation, caller)):
            return []
        there = await chapters.archived_names(c, organisation.guild_id, caller.user_id)
    return matching(typed, there, OFFERED)
