"""Whom the bot asks: nobody until coordinators agree, first the chapters they choose, then all; each step shows whom it would reach."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain import owed, rights
from bot.domain.calendar import Month
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from db import asking, changes, pending, summaries
from db.asking import Candidate
from db.organisations import Organisation
from db.store import Connection, Store

AT_ONCE = 200
"""So many summaries are worked out anew before the answer; of more, the planner does it at its next look."""
PAGE = 10
MOST_CHOSEN = 25
KEPT_FOR = timedelta(hours=24)


class Stage(StrEnum):
    """How far the coordinators have agreed."""

    OFF = "off"
    PILOT = "pilot"
    ON = "on"


@dataclass(frozen=True, slots=True)
class First:
    """A chapter that is or would be asked: the first month that is asked about, and on which day (None while it rests)."""

    chapter: Candidate
    month: Month | None
    on: date | None


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom the bot asks, or would, a page at a time; `waits` is the key of what was chosen and waits for a yes."""

    stage: Stage
    chapters: int
    asked: int
    page: int
    pages: int
    shown: tuple[First, ...]
    hour: int
    digest_hour: int
    waits: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A page of chapters to choose the pilot from, and which of them are in it."""

    page: int
    pages: int
    chapters: tuple[Candidate, ...]
    elsewhere: int


async def look(store: Store, caller: Caller, page: int, now: datetime) -> Asking:
    """Whom the bot asks: in a pilot the chapters of the pilot, else all."""
    async with store.read() as c:
        return await _shown(c, await _allowed(c, caller), page, now)


async def would_reach(store: Store, caller: Caller, page: int, now: datetime) -> Asking:
    """Whom the bot would ask if all chapters were asked."""
    async with store.read() as c:
        entity = await _allowed(c, caller)
        shown = await _shown(c, entity, page, now, everybody=True)
        return replace(shown, waits="all")


async def choose(store: Store, caller: Caller, page: int) -> Choice:
    """The chapters that a pilot can be made of, by name."""
    async with store.read() as c:
        entity = await _allowed(c, caller)
        count, there = await asking.count(c, entity.guild_id), await asking.pilot(c, entity.guild_id)
        pages = max(-(-count // MOST_CHOSEN), 1)
        at = min(max(page, 0), pages - 1)
        some = await asking.page(c, entity.guild_id, at * MOST_CHOSEN, MOST_CHOSEN)
    if not some:
        raise Refusal(text("There is no chapter yet. Add chapters with /chapter add or /import first."))
    here = {each.id for each in some}
    return Choice(
        at, pages, tuple(replace(each, asked=each.id in there) for each in some), len([each for each in there if each not in here])
    )


async def propose(store: Store, caller: Caller, page: int, chosen: Sequence[int], key: str, now: datetime) -> Asking:
    """Keeps what was chosen on one page, beside what is in the pilot from the others, until somebody says yes."""
    async with store.write() as c:
        entity = await _allowed(c, caller)
        some = await asking.page(c, entity.guild_id, max(page, 0) * MOST_CHOSEN, MOST_CHOSEN)
        here = {each.id for each in some}
        kept = [each for each in await asking.pilot(c, entity.guild_id) if each not in here]
        ids = [*kept, *(each for each in chosen if each in here)]
        if not ids:
            raise Refusal(text("Choose at least one chapter, or press Stop asking."))
        await pending.keep(c, entity.guild_id, key, caller.user_id, {"pilot": ids}, now)
        return await _shown(c, entity, 0, now, only=ids, waits=key)


async def proposed(store: Store, caller: Caller, key: str, page: int, now: datetime) -> Asking:
    """What this person chose and has not said yes to, another page of it."""
    async with store.read() as c:
        entity = await _allowed(c, caller)
        return await _shown(c, entity, page, now, only=await _kept(c, entity, caller, key, now), waits=key)


async def begin_pilot(store: Store, caller: Caller, key: str, now: datetime) -> Asking:
    """From now on the chapters that were chosen are asked, and no others."""
    async with store.write() as c:
        entity = await _allowed(c, caller)
        ids = await _kept(c, entity, caller, key, now)
        await asking.ask_all(c, entity.guild_id, None)
        await asking.ask_only(c, entity.guild_id, ids, entity.asks_since or now)
        await _agreed(c, entity, caller, now)
        return await _shown(c, replace(entity, asks_since=None), 0, now)


async def begin_all(store: Store, caller: Caller, now: datetime) -> Asking:
    """From now on all chapters are asked, those to come too; twice changes nothing."""
    async with store.write() as c:
        entity = await _allowed(c, caller)
        if entity.asks_since is None:
            await asking.ask_all(c, entity.guild_id, now)
            await _agreed(c, entity, caller, now)
        return await _shown(c, replace(entity, asks_since=entity.asks_since or now), 0, now)


async def stop(store: Store, caller: Caller, now: datetime) -> Asking:
    """From now on nobody is asked; what was asked can be answered still."""
    async with store.write() as c:
        entity = await _allowed(c, caller)
        if entity.asks_since is not None or await asking.anybody(c, entity.guild_id):
            await asking.ask_nobody(c, entity.guild_id)
            await _agreed(c, entity, caller, now)
        return await _shown(c, replace(entity, asks_since=None), 0, now)


async def stage(c: Connection, organisation: Organisation) -> Stage:
    """How far the coordinators of an organisation have agreed."""
    if organisation.asks_since is not None:
        return Stage.ON
    return Stage.PILOT if await asking.anybody(c, organisation.guild_id) else Stage.OFF


async def _allowed(c: Connection, caller: Caller) -> Organisation:
    entity = await access.organisation(c, caller)
    rights.require(Action.SET_UP, access.roles_in(entity, caller))
    return entity


async def _kept(c: Connection, entity: Organisation, caller: Caller, key: str, now: datetime) -> list[int]:
    entry = await pending.find(c, entity.guild_id, key, caller.user_id, now - KEPT_FOR)
    if entry is None or "pilot" not in entry:
        raise Refusal(text("What was chosen is kept for a day only. Please choose again with /setup."))
    return [int(each) for each in entry["pilot"]]


async def _agreed(c: Connection, entity: Organisation, caller: Caller, now: datetime) -> None:
    """Has everything that hangs on who is asked worked out anew, and writes the change down."""
    ids = await asking.everywhere(c, entity.guild_id)
    await summaries.refresh(c, entity.guild_id, ids[:AT_ONCE], now)
    if len(ids) > AT_ONCE:
        await asking.look_again(c, entity.guild_id, now)
    await changes.log(c, entity.guild_id, "setup.change", now, caller.user_id, fields=["asked_chapters"])


async def _shown(
    c: Connection,
    entity: Organisation,
    page: int,
    now: datetime,
    *,
    only: Sequence[int] | None = None,
    waits: str | None = None,
    everybody: bool = False,
) -> Asking:
    guild_id, at_stage = entity.guild_id, await stage(c, entity)
    count = await asking.count(c, guild_id)
    if only is None and at_stage is Stage.PILOT and not everybody:
        only = await asking.pilot(c, guild_id)
    asked = count if only is None else len(only)
    pages = max(-(-asked // PAGE), 1)
    at = min(max(page, 0), pages - 1)
    if only is None:
        some = await asking.page(c, guild_id, at * PAGE, PAGE)
    else:
        some = await asking.these(c, guild_id, only[at * PAGE : (at + 1) * PAGE])
    return Asking(
        stage=at_stage,
        chapters=count,
        asked=asked if only is not None or at_stage is Stage.ON else 0,
        page=at,
        pages=pages,
        shown=await _firsts(c, entity, some, now),
        hour=entity.policy.prompt_hour,
        digest_hour=entity.policy.digest_hour,
        waits=waits,
    )


async def _firsts(c: Connection, entity: Organisation, some: Sequence[Candidate], now: datetime) -> tuple[First, ...]:
    """The first month that each of them is asked about: of who is not asked yet, if they were from now on."""
    histories = {each.chapter.id: each for each in await summaries.read(c, entity.guild_id, [one.id for one in some], entity.policy)}
    found = []
    for each in some:
        history = histories[each.id]
        chain = history.facts(now).owed
        if chain.first is None:
            chain = replace(chain, first=owed.first_asked(history.chapter.added_on, now, history.chapter.zone))
        month = next(owed.upcoming(chain), None)
        day = None if month is None else month.plus(1).first + timedelta(days=entity.policy.prompt_day - 1)
        found.append(First(each, month, day))
    return tuple(found)
