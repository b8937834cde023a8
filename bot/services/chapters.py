"""Chapters as everybody looks them up, and as coordinators and admins look after them: status, list, adding one, its admins."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain import calendar, functioning, rights
from bot.domain.chapters import Chapter, State
from bot.domain.checkins import parse_day
from bot.domain.functioning import CriterionVerdict, Status, Verdict
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Person, Text, text
from bot.services import access, activity, adding, branches, compositions, duty, near, places, spelling
from bot.services.access import NEAREST, Scope
from bot.services.activity import Activity
from bot.services.adding import Given
from bot.services.compositions import Composition
from bot.services.towns import Town
from db import changes, chapters, directory, organisations, people, summaries
from db.chapters import Branch
from db.directory import Ground, LastReport, Listed
from db.nearby import Neighbour
from db.store import Connection, Store

PAGE = 10
OFFERED = 25
EVERY = 10_000
LARGEST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion, what its verdict rests on, and how much evidence is missing for it to be met."""

    verdict: CriterionVerdict
    grounds: tuple[Ground, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class ChapterStatus:
    """How a chapter stands on a day, and who is there for it; in the `past` as it was at the end of that day."""

    chapter: Chapter
    day: date
    past: bool
    verdict: Verdict
    criteria: tuple[Judged, ...]
    last_report: LastReport | None
    branch: str | None
    admins: tuple[int, ...]
    facilitators: tuple[int, ...]
    near: tuple[Neighbour, ...]
    may_check_in: bool
    may_report: bool
    may_choose_visibility: bool
    compositions: tuple[Composition, ...]
    activity: Activity


@dataclass(frozen=True, slots=True)
class ChapterPage:
    """A page of the list of chapters, from 0 on, and what it was narrowed down to."""

    entries: tuple[Listed, ...]
    page: int
    pages: int
    total: int
    branch: Branch | None
    status: Status | None


@dataclass(frozen=True, slots=True)
class Added:
    """A chapter that was just stored; `new_branch` if its branch was made for it."""

    chapter: Chapter
    branch: str | None
    new_branch: bool
    admin: int | None
    town: Text | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who was named to become an admin."""

    user_id: int
    is_bot: bool = False
    is_here: bool = True


@dataclass(frozen=True, slots=True)
class Admins:
    """A chapter's admins in duty order."""

    chapter: Chapter
    admins: tuple[int, ...]
    on_duty: int | None


@dataclass(frozen=True, slots=True)
class LastAdmin:
    """Nothing was removed yet: the chapter would be left without admins."""

    chapter: Chapter
    user_id: int


async def _scope(c: Connection, caller: Caller, chapter: str | int | None, *, own: bool = False) -> Scope:
    if isinstance(chapter, int):
        return await access.pressed(c, caller, chapter)
    return await access.named(c, caller, chapter, own=own)


async def status(store: Store, caller: Caller, chapter: str | int | None, as_of: str | None, now: datetime) -> ChapterStatus:
    """How a chapter stands now, or stood at the end of a past day by what was known and in force then."""
    async with store.read() as c:
        scope = await _scope(c, caller, chapter)
        scope.require(Action.READ)
        entity, guild_id = scope.chapter, scope.guild_id
        day = _day(as_of, scope, now)
        past = day < scope.today(now)
        ended = calendar.start_of(day + calendar.ONE_DAY, entity.zone) if past else now
        policy = await organisations.policy_in_force(c, guild_id, ended) if past else scope.organisation.policy
        state = await directory.state_then(c, guild_id, entity.id, day, ended) if past else entity.state(day)
        grounds = await directory.grounds(c, guild_id, entity.id, policy, day)
        background = await directory.background(c, entity, day, ended)
        around = () if past else await near.nearest(c, entity, caller.user_id, NEAREST)
        counts = await compositions.as_of(c, scope, day, ended if past else None, policy)
        done = await activity.of(c, entity, day)
    verdict = _judge(entity, grounds, state, background.heard_on, policy, day)
    return ChapterStatus(
        chapter=entity,
        day=day,
        past=past,
        verdict=verdict,
        criteria=tuple(_judged(each, grounds, policy, day) for each in verdict.criteria),
        last_report=background.last_report,
        branch=background.branch,
        admins=scope.admins,
        facilitators=scope.facilitators,
        near=around,
        may_check_in=scope.may(Action.CHECK_IN),
        may_report=scope.may(Action.FILL_REPORT),
        may_choose_visibility=scope.may(Action.CHOOSE_VISIBILITY),
        compositions=counts,
        activity=done,
    )


def _day(as_of: str | None, scope: Scope, now: datetime) -> date:
    today, added = scope.today(now), scope.chapter.added_on
    day = parse_day(as_of, today)
    if as_of and not min(added, today) <= day <= today:
        raise Refusal(
            text(
                "{chapter} was added on {added}. The day can be from then to {today}. You gave {day}.",
                chapter=scope.chapter.name,
                added=added,
                today=today,
                day=day,
            )
        )
    return day


def _judge(entity: Chapter, grounds: Sequence[Ground], state: State, heard_on: date | None, policy: Policy, day: date) -> Verdict:
    stands = functioning.standings((ground.evidence for ground in grounds), policy, day)
    return functioning.judge(stands, state, entity.added_on, heard_on, policy, day)


def _judged(verdict: CriterionVerdict, grounds: Sequence[Ground], policy: Policy, day: date) -> Judged:
    own = tuple(ground for ground in grounds if ground.evidence.criterion is verdict.criterion)
    opens = day - functioning.window(verdict.criterion, policy)
    there = sum(ground.evidence.amount for ground in own if ground.evidence.day > opens)
    return Judged(verdict, own, max(functioning.needed(verdict.criterion, policy) - there, 0))


async def listed(store: Store, caller: Caller, branch: str | int | None, status: Status | None, page: int, now: datetime) -> ChapterPage:
    """A page of the chapters that the caller may see, by name; a page past the end is the last one."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        guild_id = organisation.guild_id
        narrowed = await branches.meant(c, guild_id, branch) if branch else None
        policy = organisation.policy

        async def read(at: int) -> tuple[list[Listed], int]:
            narrow = directory.Narrow(None if narrowed is None else narrowed.id, status)
            return await directory.page(c, guild_id, caller.user_id, now, policy, narrow, offset=at * PAGE, limit=PAGE)

        page = min(page, LARGEST_PAGE)
        entries, total = await read(page)
        pages = max(-(-total // PAGE), 1)
        if page >= pages:
            page = pages - 1
            entries, total = await read(page)
    return ChapterPage(tuple(entries), page, pages, total, narrowed, status)


async def branch_names(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
    """Names of branches, for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        there = await chapters.branches(c, organisation.guild_id)
    return spelling.matching(typed, (branch.name for branch in there), OFFERED)


async def countries(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """The branches that are there, then other countries, for an option that is being typed."""
    known = await branch_names(store, caller, typed, now)
    async with store.read() as c:
        language = (await access.organisation(c, caller)).language
    return list(dict.fromkeys(known + places.countries_like(typed, language, 25)))


async def zones(_store: Store, _caller: Caller, typed: str, _now: datetime) -> list[str]:
    """Time zones, for an option that is being typed."""
    return places.zones_like(typed, 25)


async def add(store: Store, caller: Caller, given: Given, now: datetime, *, admin: Candidate | None = None) -> Added:
    """Adds a chapter; what was not given is filled in as in an import."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.ADD_CHAPTER, access.roles_in(organisation, caller))
        ground = await adding.ground(c, organisation)
    if admin is not None:
        given = replace(given, admins=str(_eligible(admin)))
    newcomer = await asyncio.to_thread(adding.settle, given, ground, now, largest=True)
    async with store.write() as c:
        there = await chapters.by_name(c, organisation.guild_id, newcomer.name)
        if there is not None:
            raise access.name_is_taken(there)
        stored = await adding.store(c, organisation, [newcomer], now, caller.user_id)
        entity = await chapters.find(c, organisation.guild_id, stored.ids[0])
        assert entity is not None
        branch = None if entity.branch_id is None else await directory.branch_name(c, organisation.guild_id, entity.branch_id)
    town = None if newcomer.town is None else _said(newcomer.town, organisation.language)
    return Added(entity, branch, bool(stored.branches), next(iter(newcomer.admins), None), town)


def _said(town: Town, language: str) -> Text:
    return text("{town}, {country}", town=town.name, country=places.country_name(town.country, language))


async def admins(store: Store, caller: Caller, chapter: str | int | None) -> Admins:
    """A chapter's admins in duty order."""
    async with store.read() as c:
        scope = await _scope(c, caller, chapter)
        scope.require(Action.READ)
    return Admins(scope.chapter, scope.admins, scope.chapter.duty_user_id)


def _eligible(candidate: Candidate) -> int:
    if candidate.is_bot:
        raise Refusal(text("{person} is a bot. Only people can be admins.", person=Person(candidate.user_id)))
    if not candidate.is_here:
        raise Refusal(text("{person} is not in this server. Invite them first.", person=Person(candidate.user_id)))
    return candidate.user_id


async def add_admin(store: Store, caller: Caller, chapter: str | int | None, candidate: Candidate, now: datetime) -> Admins:
    """Makes a person the last of a chapter's admins; the first one of all is on duty at once."""
    async with store.write() as c:
        scope = await _scope(c, caller, chapter, own=True)
        scope.require(Action.CHANGE_ADMINS)
        entity, guild_id = scope.chapter, scope.guild_id
        user_id = _eligible(candidate)
        if not await people.add_admin(c, guild_id, entity.id, user_id, now):
            raise Refusal(text("{person} is an admin of {chapter} already.", person=Person(user_id), chapter=entity.name))
        # Whoever could not be reached before is tried anew: somebody has just found them here.
        await people.set_reachable(c, guild_id, user_id)
        on_duty = (await duty.settle(c, entity, now)).on_duty
        await changes.log(c, guild_id, "admin.add", now, caller.user_id, chapter_id=entity.id)
        theirs = await chapters.of_admin(c, guild_id, user_id, limit=EVERY)
        await summaries.refresh(c, guild_id, [each.id for each in theirs], now)
        return Admins(entity, (*scope.admins, user_id), on_duty)


async def remove_admin(
    store: Store, caller: Caller, chapter: str | int | None, user_id: int, now: datetime, *, confirmed: bool = False
) -> Admins | LastAdmin:
    """Takes a person from a chapter's admins; their duty passes on, and the last one goes only after a confirmation."""
    async with store.write() as c:
        scope = await _scope(c, caller, chapter, own=True)
        scope.require(Action.CHANGE_ADMINS)
        entity, guild_id = scope.chapter, scope.guild_id
        if user_id not in scope.admins:
            raise Refusal(
                text(
                    "{person} is not an admin of {chapter}. /chapter admins list shows who is.", person=Person(user_id), chapter=entity.name
                )
            )
        if scope.admins == (user_id,) and not confirmed:
            return LastAdmin(entity, user_id)
        remaining = (await duty.turns(c, entity, now)).without(user_id)
        await chapters.change(c, guild_id, entity.id, duty_user_id=remaining.on_duty)
        await people.remove_admin(c, guild_id, entity.id, user_id)
        await changes.log(c, guild_id, "admin.remove", now, caller.user_id, chapter_id=entity.id)
        await summaries.refresh(c, guild_id, [entity.id], now)
        return Admins(entity, tuple(remaining.admins), remaining.on_duty)
