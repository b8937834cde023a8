"""The public page: switched by coordinators, read by everybody; it knows open chapters and their reports, and sums over enough of all."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain import calendar, publicly, rights, trend
from bot.domain.calendar import Month
from bot.domain.chapters import fold
from bot.domain.forecast import Outlook
from bot.domain.goals import Goal, Measured
from bot.domain.policy import Policy
from bot.domain.rights import Action, Caller
from bot.domain.writing import line
from bot.services import access, boards, trends
from bot.services.boards import Board
from db import changes, organisations, public
from db.measures import At
from db.organisations import Organisation
from db.public import Issued, Open, Seal, Spot
from db.store import Connection, Store

CHAPTERS = 60
REPORTS = 10
FED = 20
OF_ONE = 120

Points = tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the program answers: at its public address or, if not `everywhere`, at one that only its own machine reaches."""

    url: str
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Switched:
    """The page as it is now: its address's last part, and whether that changed anything."""

    slug: str
    on: bool
    changed: bool
    open_chapters: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A goal as everybody sees it: its figure, what it was at months' ends, and whether it is kept private because few stand behind it."""

    goal: Goal
    measured: Measured
    points: Points
    kept_private: bool
    outlook: Outlook | None

    @property
    def reached(self) -> bool:
        """Whether the figure shown is at least the target."""
        return self.measured.value is not None and self.measured.value >= self.goal.target


@dataclass(frozen=True, slots=True)
class Organised:
    """Whose page it is."""

    slug: str
    name: str
    language: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """Where all goals stand in public, and how many chapters are open to all."""

    whose: Organised
    day: date
    now: datetime
    goals: tuple[Shown, ...]
    policy: Policy
    shares: Mapping[str, int]
    open_chapters: int
    functioning: int


@dataclass(frozen=True, slots=True)
class Front:
    """The whole page."""

    progress: Progress
    chapters: tuple[Open, ...]
    spots: tuple[Spot, ...]
    reports: tuple[Issued, ...]


@dataclass(frozen=True, slots=True)
class ChapterPage:
    """A page of the open chapters, from 0 on."""

    whose: Organised
    chapters: tuple[Open, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Reports:
    """Published reports, of one open chapter or of all."""

    whose: Organised
    chapter: Open | None
    reports: tuple[Issued, ...]
    now: datetime


async def switch(store: Store, caller: Caller, on: bool, server_name: str, now: datetime) -> Switched:
    """Switches the page on, under an address that stays from then on, or off at once."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.OPEN_PAGE, access.roles_in(organisation, caller))
        guild_id, was_on = organisation.guild_id, organisation.public_since is not None
        slug = organisation.slug or await _free_slug(c, server_name)
        name = line(server_name)[: publicly.NAME_LENGTH] if on else organisation.public_name
        if was_on != on or name != organisation.public_name:
            since = (organisation.public_since or now) if on else None
            await public.switch(c, guild_id, slug if on else organisation.slug, name, since)
        if was_on != on:
            await changes.log(c, guild_id, "page.open" if on else "page.close", now, caller.user_id)
        open_chapters, _ = await public.counts(c, guild_id, now)
    return Switched(slug, on, was_on != on, open_chapters)


async def _free_slug(c: Connection, name: str) -> str:
    return publicly.slug_of(name, await public.slugs_like(c, publicly.slug_of(name)))


async def seal(store: Store, slug: str) -> Seal | None:
    """What changes whenever what stands on a page does; None where there is no page."""
    async with store.read() as c:
        return await public.seal(c, slug)


async def progress(store: Store, found: Seal, now: datetime) -> Progress | None:
    """Where all goals stand; None where the page was switched off meanwhile."""
    async with store.read() as c:
        organisation = await _organisation(c, found)
        if organisation is None:
            return None
        counts = await public.counts(c, found.guild_id, now)
    return _told(organisation, now, await _scoreboard(store, organisation, now), counts)


async def front(store: Store, found: Seal, now: datetime) -> Front | None:
    """The whole page; None where it was switched off meanwhile."""
    async with store.read() as c:
        organisation = await _organisation(c, found)
        if organisation is None:
            return None

    async def opened() -> tuple[tuple[int, int], Sequence[Open], Sequence[Spot], Sequence[Issued]]:
        async with store.read() as c:
            counts = await public.counts(c, found.guild_id, now)
            chapters = await public.page(c, found.guild_id, now, skip=0, limit=CHAPTERS)
            spots = await public.spots(c, found.guild_id, now, counts[0])
            return counts, chapters, spots, await public.newest(c, found.guild_id, counts[0], REPORTS)

    # Beside each other: with many chapters these two are most of what a page takes.
    scoreboard, (counts, chapters, spots, reports) = await asyncio.gather(_scoreboard(store, organisation, now), opened())
    return Front(_told(organisation, now, scoreboard, counts), tuple(chapters), tuple(spots), _public(reports))


async def chapter_page(store: Store, found: Seal, page: int, now: datetime) -> ChapterPage | None:
    """One page of the list of open chapters; None for a page that there is none of."""
    async with store.read() as c:
        organisation = await _organisation(c, found)
        if organisation is None:
            return None
        total, _ = await public.counts(c, found.guild_id, now)
        pages = max(1, -(-total // CHAPTERS))
        if not 0 <= page < pages:
            return None
        chapters = await public.page(c, found.guild_id, now, skip=page * CHAPTERS, limit=CHAPTERS)
    return ChapterPage(_whose(organisation), tuple(chapters), page, pages, total)


async def newest_reports(store: Store, found: Seal, now: datetime) -> Reports | None:
    """The reports that were published last."""
    async with store.read() as c:
        organisation = await _organisation(c, found)
        if organisation is None:
            return None
        total, _ = await public.counts(c, found.guild_id, now)
        reports = await public.newest(c, found.guild_id, total, FED)
    return Reports(_whose(organisation), None, _public(reports), now)


async def reports_of(store: Store, found: Seal, chapter: str, now: datetime) -> Reports | None:
    """The published reports of an open chapter, by its id or its name; None where there is no such chapter that is open."""
    async with store.read() as c:
        organisation = await _organisation(c, found)
        there = None if organisation is None else await _chapter(c, found, chapter, now)
        if organisation is None or there is None:
            return None
        reports = await public.of_chapter(c, found.guild_id, there.id, OF_ONE)
    return Reports(_whose(organisation), there, _public(reports), now)


async def report(store: Store, found: Seal, chapter: str, period: Month, now: datetime) -> Reports | None:
    """The published report of an open chapter's month; None where there is none that everybody may read."""
    async with store.read() as c:
        organisation = await _organisation(c, found)
        there = None if organisation is None else await _chapter(c, found, chapter, now)
        issued = None if there is None else await public.of_period(c, found.guild_id, there.id, period)
        if organisation is None or issued is None:
            return None
    return Reports(_whose(organisation), there, _public([issued]), now)


async def _organisation(c: Connection, found: Seal) -> Organisation | None:
    organisation = await organisations.find(c, found.guild_id)
    return organisation if organisation is not None and organisation.public_since is not None else None


def _whose(organisation: Organisation) -> Organised:
    assert organisation.slug is not None
    assert organisation.public_since is not None
    return Organised(organisation.slug, organisation.public_name or organisation.slug, organisation.language, organisation.public_since)


async def _chapter(c: Connection, found: Seal, chapter: str, now: datetime) -> Open | None:
    if chapter.isascii() and chapter.isdigit():
        return await public.find(c, found.guild_id, int(chapter), now) if len(chapter) < 16 else None
    return await public.called(c, found.guild_id, fold(chapter), now)


def _public(reports: Sequence[Issued]) -> tuple[Issued, ...]:
    return tuple(replace(each, report=publicly.said(each.report, may_share=each.may_share)) for each in reports)


async def _scoreboard(store: Store, organisation: Organisation, now: datetime) -> tuple[Board, tuple[Shown, ...]]:
    at = At(calendar.today(now, organisation.zone), now)
    board = await boards.of_day(store, organisation, at)
    async with store.read() as c:
        return board, await _goals(c, organisation, board, at)


def _told(organisation: Organisation, now: datetime, scoreboard: tuple[Board, tuple[Shown, ...]], counts: tuple[int, int]) -> Progress:
    board, goals = scoreboard
    return Progress(_whose(organisation), board.day, now, goals, organisation.policy, board.shares, *counts)


async def _goals(c: Connection, organisation: Organisation, board: Board, at: At) -> tuple[Shown, ...]:
    policy, ids = organisation.policy, [each.goal.id for each in board.standings]
    kept = await public.history(c, organisation.guild_id, ids, trends.month_ends(board.day))
    values = {goal_id: [(day, value) for day, value, _ in points] for goal_id, points in kept.items()}
    foreseen = await trends.of_all(c, organisation, board.standings, at, values)
    shown = []
    for each, its_trend in zip(board.standings, foreseen, strict=True):
        goal, measured = each.goal, publicly.shown(each.goal, each.measured, policy)
        past = [point[:2] for point in kept[goal.id] if not publicly.kept_private(goal, Measured(*point[1:]), policy)]
        today = [] if measured.value is None else [(board.day, measured.value)]
        points = (*(point for point in past if point[0] != board.day), *today)
        # What is foreseen tells of the figures that it is read from, so none of them may be kept private.
        told = measured.value == each.measured.value and trend.newest(past) == trend.newest([point[:2] for point in kept[goal.id]])
        outlook = its_trend.outlook if told else None
        shown.append(Shown(goal, measured, points, publicly.kept_private(goal, each.measured, policy), outlook))
    return tuple(shown)
