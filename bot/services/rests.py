"""Rest: a chapter may pause by its own wish; a facilitator may offer it, only the chapter's admins decide."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from bot.services.access import Scope
from db import changes, chapters, organisations, outbox, summaries
from db.store import Connection, Store

LONGEST = timedelta(days=365)
OFFERED_DAYS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Rested:
    """A chapter as it is after its admins decided: resting through `until`, or active."""

    chapter_id: int
    chapter: str
    language: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A rest that somebody offers to a chapter."""

    chapter_id: int
    chapter: str
    language: str
    by: int | None


async def rest(store: Store, caller: Caller, chapter_id: int, until: date, now: datetime) -> Rested:
    """Lets a chapter rest through a day: it is asked for nothing, is never overdue and does not count as functioning."""
    async with store.write() as c:
        scope = await _decided(c, caller, chapter_id)
        today = scope.today(now)
        if not today < until <= today + LONGEST:
            latest = today + LONGEST
            raise Refusal(
                text("A rest can last until {latest} at most, and ends after today. You gave {until}.", latest=latest, until=until)
            )
        if scope.chapter.state(today) is not State.RESTING or scope.chapter.resting_until != until:
            await chapters.set_state(c, scope.guild_id, chapter_id, State.RESTING, today, until, now, caller.user_id)
            await changes.log(c, scope.guild_id, "chapter.rest", now, caller.user_id, chapter_id=chapter_id, fields=("until",))
            await summaries.refresh(c, scope.guild_id, [chapter_id], now)
        return Rested(chapter_id, scope.chapter.name, scope.organisation.language, until)


async def rest_for(store: Store, caller: Caller, chapter_id: int, days: int, now: datetime) -> Rested:
    """Lets a chapter rest for so many days from today on: the answer to an offer."""
    async with store.read() as c:
        today = (await access.pressed(c, caller, chapter_id)).today(now)
    return await rest(store, caller, chapter_id, today + timedelta(days=min(days, LONGEST.days)), now)


async def wake(store: Store, caller: Caller, chapter_id: int, now: datetime) -> Rested:
    """Ends a chapter's rest today; one that does not rest stays as it is."""
    async with store.write() as c:
        scope = await _decided(c, caller, chapter_id)
        today = scope.today(now)
        if scope.chapter.state(today) is State.RESTING:
            await chapters.set_state(c, scope.guild_id, chapter_id, State.ACTIVE, today, None, now, caller.user_id)
            await changes.log(c, scope.guild_id, "chapter.wake", now, caller.user_id, chapter_id=chapter_id)
            await summaries.refresh(c, scope.guild_id, [chapter_id], now)
        return Rested(chapter_id, scope.chapter.name, scope.organisation.language, None)


async def _decided(c: Connection, caller: Caller, chapter_id: int) -> Scope:
    scope = await access.pressed(c, caller, chapter_id)
    scope.require(Action.REST)
    if scope.chapter.archived:
        raise Refusal(text("{chapter} is archived. A coordinator can restore it with /chapter restore.", chapter=scope.chapter.name))
    return scope


async def offer(c: Connection, scope: Scope, now: datetime) -> None:
    """Owes a chapter the question whether it wants to rest, once a day at most; refuses whoever does not look after chapters."""
    scope.require(Action.FACILITATE)
    today = scope.today(now)
    if scope.chapter.state(today) is not State.ACTIVE:
        raise Refusal(text("{chapter} is resting already.", chapter=scope.chapter.name))
    key = f"rest:{scope.chapter.id}:{today}"
    await outbox.put(c, scope.guild_id, "rest", key, now, now, chapter_id=scope.chapter.id, by=scope.caller.user_id)


async def offered(c: Connection, guild_id: int, chapter_id: int, by: int | None, now: datetime) -> Offer | None:
    """What the offer says; None if the chapter rests or is archived by now."""
    organisation = await organisations.find(c, guild_id)
    chapter = await chapters.find(c, guild_id, chapter_id)
    if organisation is None or chapter is None or chapter.state(now.astimezone(chapter.zone).date()) is not State.ACTIVE:
        return None
    return Offer(chapter_id, chapter.name, organisation.language, by)
