"""Compositions: a chapter's own count of who its members are, and the organisation's sum, which moves at month ends only."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain import calendar, checkins, privacy
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, check_length
from bot.domain.policy import Policy
from bot.domain.privacy import GENDER, METHOD_LENGTH, Count, Shown
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.domain.writing import said
from bot.services import access
from bot.services.access import Scope
from db import changes, compositions, organisations
from db import checkins as stored_checkins
from db.compositions import KeptSum
from db.organisations import Organisation
from db.store import Connection, Store

DAYS_OFFERED, DAYS_SHOWN = 4, 5


class Way(StrEnum):
    """The usual ways of counting; any other is told in words."""

    HANDS = "show_of_hands"
    ANONYMOUS = "anonymous_count"


@dataclass(frozen=True, slots=True)
class Composition:
    """A chapter's newest count as the asker may see it; without a day nothing was counted yet.

    `method` is one of the ways or, for insiders only, words of their own; `again` if just that was stored before.
    """

    chapter: str
    dimension: str
    shown: Shown
    day: date | None
    method: str | None
    chapter_id: int
    may_count: bool
    next_from: date | None = None
    again: bool = False
    small: int = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a chapter is counted on: what is stored so far as the asker may see it, and the days on which it may have been counted.

    `dimensions` are all that members are counted by here; `categories` those of the one that the sheet is for.
    """

    chapter: Chapter
    there: Composition
    days: tuple[date, ...]
    dimensions: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Makeup:
    """The organisation's sum in one dimension as it is shown: whole percentages, over how many chapters, as at a month's end."""

    dimension: str
    shares: Mapping[str, int]
    chapters: int
    on: date


async def blank(store: Store, caller: Caller, chapter: str | int | None, now: datetime, dimension: str = GENDER) -> Sheet:
    """The sheet for a chapter's count; refuses whoever may not count for it, and what is not counted here."""
    async with store.read() as c:
        if isinstance(chapter, int):
            scope = await access.pressed(c, caller, chapter)
        else:
            scope = await access.named(c, caller, chapter, own=True)
        scope.require(Action.EDIT_CHAPTER)
        policy = scope.organisation.policy
        categories = privacy.categories_of(dimension, policy)
        there = await _newest(c, scope, dimension, policy)
        today = scope.today(now)
        met = await stored_checkins.recent_days(c, scope.guild_id, scope.chapter.id, today, DAYS_OFFERED)
    days = dict.fromkeys([today, today - calendar.ONE_DAY, *([there.day] if there.day is not None else []), *met])
    shown = tuple(sorted([*days][:DAYS_SHOWN], reverse=True))
    return Sheet(scope.chapter, there, shown, tuple(privacy.dimensions(policy)), categories)


async def record(
    store: Store, caller: Caller, chapter_id: int, dimension: str, cells: Mapping[str, int], day: date | str, method: str, now: datetime
) -> Composition:
    """Stores a count; it takes the place of any less than six months from it: a new one is asked for later, so this one corrects it."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.EDIT_CHAPTER)
        policy = scope.organisation.policy
        checked = privacy.check_cells(dimension, cells, policy)
        if isinstance(day, str):
            day = checkins.parse_day(day, scope.today(now))
        checkins.check_day(day, scope.today(now), scope.chapter.founded, policy)
        tidy = check_length(said(method), METHOD_LENGTH, text("How it was counted"))
        before = await compositions.of_chapter(c, scope.guild_id, chapter_id, dimension)
        if any((count.day, dict(count.cells), words) == (day, checked, tidy) for count, words in before):
            return replace(await _newest(c, scope, dimension, policy), again=True)
        for count, _ in before:
            earlier, later = sorted((count.day, day))
            if later < privacy.counted_again_from(earlier, policy):
                await compositions.replace(c, scope.guild_id, count.id, now)
        await compositions.add(c, scope.guild_id, chapter_id, dimension, day, tidy, checked, now, caller.user_id)
        # What else is counted has a name of the organisation's own: the log holds nobody's words.
        fields = (GENDER if dimension == GENDER else "dimension", "day", "method")
        await changes.log(c, scope.guild_id, "composition.record", now, caller.user_id, chapter_id=chapter_id, fields=fields)
        return await _newest(c, scope, dimension, policy)


async def shown(store: Store, caller: Caller, chapter_id: int, dimension: str = GENDER) -> Composition:
    """A chapter's newest count; small cells are seen by its own admins and facilitators only."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        return await _newest(c, scope, dimension, scope.organisation.policy)


async def _newest(c: Connection, scope: Scope, dimension: str, policy: Policy) -> Composition:
    return next(each for each in await as_of(c, scope, None, None, policy, {dimension}) if each.dimension == dimension)


async def as_of(
    c: Connection, scope: Scope, day: date | None, ended: datetime | None, policy: Policy, also: Collection[str] = ()
) -> tuple[Composition, ...]:
    """A chapter's newest counts or, of a past day, the newest known at its end, one for each dimension; as the asker may see them."""
    guild_id, chapter_id, found = scope.guild_id, scope.chapter.id, dict[str, tuple[Count, str] | None]()
    for dimension in dict.fromkeys([*privacy.dimensions(policy), *also]):
        if day is None or ended is None:
            counts = await compositions.of_chapter(c, guild_id, chapter_id, dimension)
            found[dimension] = counts[0] if counts else None
        else:
            found[dimension] = await compositions.known_of(c, guild_id, chapter_id, dimension, day, ended)
    cells = {dimension: there[0].cells for dimension, there in found.items() if there is not None}
    seen = privacy.shown_beside(cells, policy, insider=scope.may(Action.SEE_PRIVATE))
    return tuple(_composition(scope, each, there, seen.get(each), policy) for each, there in found.items())


def _composition(scope: Scope, dimension: str, found: tuple[Count, str] | None, seen: Shown | None, policy: Policy) -> Composition:
    chapter, may_count = scope.chapter, scope.may(Action.EDIT_CHAPTER)
    if found is None or seen is None:
        return Composition(chapter.name, dimension, Shown(None, None), None, None, chapter.id, may_count)
    count, method = found
    insider = scope.may(Action.SEE_PRIVATE)
    return Composition(
        chapter=chapter.name,
        dimension=dimension,
        shown=_in_order(seen, privacy.dimensions(policy).get(dimension, ())),
        day=count.day,
        method=method if insider or method in set(Way) else None,
        chapter_id=chapter.id,
        may_count=may_count,
        next_from=privacy.counted_again_from(count.day, policy),
        small=policy.small_cell,
    )


def _in_order(seen: Shown, categories: Collection[str]) -> Shown:
    """The cells in the order in which they are asked for; what was asked for once and is no more comes last."""
    if seen.cells is None:
        return seen
    return replace(seen, cells={name: seen.cells[name] for name in dict.fromkeys([*categories, *seen.cells]) if name in seen.cells})


async def as_at(c: Connection, organisation: Organisation, month: Month, dimension: str = GENDER) -> tuple[KeptSum | None, list[Month]]:
    """The organisation's sum as it is kept for a month's end, and the months up to it whose sums are to be kept first."""
    found = await compositions.as_at(c, organisation.guild_id, dimension, month)
    if found.kept is not None:
        return (found.kept if found.kept.chapters else None), []
    if found.last is not None:
        first = found.last.plus(1)
    elif found.first_recorded is not None:
        first = Month.of(calendar.today(found.first_recorded, organisation.zone))
    else:
        return None, []
    return None, [Month.at(index) for index in range(first.index, month.index + 1)]


async def sum_as_at(store: Store, organisation: Organisation, month: Month, dimension: str = GENDER) -> KeptSum | None:
    """The organisation's sum as at a month's end that has passed; keeps those of the months up to it that are not kept yet."""
    async with store.read() as c:
        kept, missing = await as_at(c, organisation, month, dimension)
    if missing:
        for each in missing:
            await _keep_sum(store, organisation, dimension, each)
        async with store.read() as c:
            kept, _ = await as_at(c, organisation, month, dimension)
    return kept


async def makeup(store: Store, organisation: Organisation, month: Month, policy: Policy) -> tuple[Makeup, ...]:
    """The organisation's sums as at a month's end, one for each dimension in which there is one."""
    dimensions = privacy.dimensions(policy)
    async with store.read() as c:
        there = {dimension: await as_at(c, organisation, month, dimension) for dimension in dimensions}
    found = []
    for dimension, (shown_now, missing) in there.items():
        kept = await sum_as_at(store, organisation, month, dimension) if missing else shown_now
        if kept is not None:
            shares = privacy.shares(kept.cells)
            in_order = [name for name in dict.fromkeys([*dimensions[dimension], *shares]) if name in shares]
            found.append(Makeup(dimension, {name: shares[name] for name in in_order}, kept.chapters, month.last))
    return tuple(found)


async def _keep_sum(store: Store, organisation: Organisation, dimension: str, month: Month) -> None:
    """Keeps one month's sum: a function of what was known when the month ended and of the sum shown before it."""
    guild_id, ended = organisation.guild_id, calendar.start_of(month.plus(1).first, organisation.zone)
    async with store.read() as c:
        policy = await organisations.policy_in_force(c, guild_id, ended)
        since = month.last - calendar.ONE_DAY * (policy.composition_days - 1)
        counts = await compositions.known_at(c, guild_id, dimension, since, month.last, ended)
        before = await compositions.last_shown(c, guild_id, dimension)
    # In a thread, because thousands of chapters are summed.
    found = await asyncio.to_thread(privacy.summed, month, counts, before, policy)
    async with store.write() as c:
        last = await compositions.last_month(c, guild_id, dimension)
        if last is None or last < month:
            await compositions.keep_sum(c, guild_id, dimension, month, found)
