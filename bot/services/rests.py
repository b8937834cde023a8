"""Rest: a chapter may pause by its own wish; a facilitator may offer it, only the chapter's admins decide."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain import calendar, owed
from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, covers
from bot.services.access import Scope
from db import changes, chapters, organisations, outbox, summaries
from db.store import Connection, Store

LONGEST = timedelta(days=365)
OFFERED_DAYS = (30, 60, 90)
OFFERED_MONTHS = 12
PUT_OFF = ("prompt", "partner", "gathering")
"""What is asked of a resting chapter only once it is awake."""


@dataclass(frozen=True, slots=True)
class Rested:
    """A chapter as it is after its admins decided: resting through `until`, or active; `changed` unless it was so already.

    `next_period` is the next that comes to be asked for.
    """

    chapter_id: int
    chapter: str
    language: str
    until: date | None
    discreet: bool
    changed: bool
    next_period: Month | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A rest that somebody offers to a chapter."""

    chapter_id: int
    chapter: str
    language: str
    by: int | None


async def rest(store: Store, caller: Caller, chapter: str | int | None, until: date | str, now: datetime) -> Rested:
    """Lets a chapter rest through a day: it is asked for nothing, is never overdue and does not count as functioning."""
    async with store.write() as c:
        scope = await _decided(c, caller, chapter)
        entity, today = scope.chapter, scope.today(now)
        end = _end(until, today) if isinstance(until, str) else until
        if not today < end <= today + LONGEST:
            latest = today + LONGEST
            raise Refusal(text("A rest can last until {latest} at most, and ends after today. You gave {until}.", latest=latest, until=end))
        changed = entity.state(today) is not State.RESTING or entity.resting_until != end
        if changed:
            await chapters.set_state(c, scope.guild_id, entity.id, State.RESTING, today, end, now, caller.user_id)
            await changes.log(c, scope.guild_id, "chapter.rest", now, caller.user_id, chapter_id=entity.id, fields=("until",))
            await summaries.refresh(c, scope.guild_id, [entity.id], now, scope.organisation.policy)
        await covers.settle(c, scope, "rest", now)
        return Rested(entity.id, entity.name, scope.organisation.language, end, entity.discreet, changed)


def _end(written: str, today: date) -> date:
    """The last day of a rest as somebody wrote it: a day, or a month through its last day."""
    tidy = written.strip()
    with suppress(ValueError):
        if len(tidy) == len(str(Month.of(today))):
            return Month.parse(tidy).last
        if len(tidy) == len(str(today)) and tidy[7] == "-":
            return date.fromisoformat(tidy)
    raise Refusal(
        text(
            "“{written}” is not a day that I can read. Write a day like {day}, or a month like {month}.",
            written=tidy[:40],
            day=str(today + timedelta(days=OFFERED_DAYS[0])),
            month=str(Month.of(today).plus(1)),
        )
    )


async def rest_for(store: Store, caller: Caller, chapter_id: int, days: int, now: datetime) -> Rested:
    """Lets a chapter rest for so many days from today on: the answer to an offer."""
    async with store.read() as c:
        today = (await access.pressed(c, caller, chapter_id)).today(now)
    return await rest(store, caller, chapter_id, today + timedelta(days=min(days, LONGEST.days)), now)


async def wake(store: Store, caller: Caller, chapter: str | int | None, now: datetime) -> Rested:
    """Ends a chapter's rest today, and asks it what was put off till then; one that does not rest stays as it is."""
    async with store.write() as c:
        scope = await _decided(c, caller, chapter)
        entity, today = scope.chapter, scope.today(now)
        changed = entity.state(today) is State.RESTING
        if changed:
            await chapters.set_state(c, scope.guild_id, entity.id, State.ACTIVE, today, None, now, caller.user_id)
            await changes.log(c, scope.guild_id, "chapter.wake", now, caller.user_id, chapter_id=entity.id)
            await outbox.hasten(c, scope.guild_id, entity.id, PUT_OFF, now)
        (history,) = await summaries.refresh(c, scope.guild_id, [entity.id], now, scope.organisation.policy)
        await covers.settle(c, scope, "rest", now)
        following = next(owed.upcoming(history.facts(now).owed), None)
        return Rested(entity.id, entity.name, scope.organisation.language, None, entity.discreet, changed, following)


async def _decided(c: Connection, caller: Caller, chapter: str | int | None) -> Scope:
    if isinstance(chapter, int):
        scope = await access.pressed(c, caller, chapter)
    else:
        scope = await access.named(c, caller, chapter, own=True)
    scope.require(Action.REST)
    return scope


async def ends(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """The months that a rest can last through, for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    today = calendar.today(now, organisation.zone)
    months = [Month.of(today).plus(n) for n in range(OFFERED_MONTHS + 1)]
    return [str(month) for month in months if today < month.last <= today + LONGEST and typed.strip() in str(month)]


async def asked(store: Store, caller: Caller, chapter_id: int, by: int | None, now: datetime) -> Offer | Rested:
    """The offer that waits for a chapter, for those who decide; or its rest, where it rests already."""
    async with store.read() as c:
        scope = await _decided(c, caller, chapter_id)
        entity, language = scope.chapter, scope.organisation.language
        if entity.state(scope.today(now)) is State.RESTING:
            return Rested(entity.id, entity.name, language, entity.resting_until, entity.discreet, changed=False)
        return Offer(entity.id, entity.name, language, by)


async def offer(c: Connection, scope: Scope, now: datetime) -> None:
    """Owes a chapter the question whether it wants to rest, once a day at most; refuses whoever does not look after chapters."""
    scope.require(Action.CALL)
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
