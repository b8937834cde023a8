"""Goals: where the organisation stands today and stood on any past day, who adopts them, and one value kept for each day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain import calendar, checkins, goals, proposals, rights
from bot.domain.calendar import Month
from bot.domain.chapters import check_name
from bot.domain.goals import FIRST_GOALS, MONTHS_TO_DEADLINE, Goal, Measured, Metric, Standing
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import counted, text
from bot.services import access, boards, compositions, links, trends
from bot.services.boards import Board
from bot.services.compositions import Makeup
from bot.services.recent import Recent
from bot.services.trends import Trend
from db import changes, chapters, gatherings, organisations, stale
from db import goals as stored
from db import trends as stored_trends
from db.measures import At
from db.organisations import Organisation
from db.stale import Stale
from db.store import Connection, Store

DAYS_AT_ONCE = 31
POINTS = 6
MONTHS_OFFERED = 12

# Many ask for the same board within a moment; trends and all.
_boards: Recent[Board] = Recent(most=32)


@dataclass(frozen=True, slots=True)
class OneGoal:
    """One goal, its trend, and its value on some days before, oldest first.

    For gatherings the branches that held one, for members who they are; `decided_on` is the day on which the chapters adopted it as it is.
    """

    board: Board
    standing: Standing
    trend: Trend
    points: tuple[tuple[date, Measured], ...]
    branches: tuple[tuple[str, date], ...]
    makeup: tuple[Makeup, ...] = ()
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Meanings:
    """Which metrics are in use here, the policy that gives their numbers, and who the members are as at the last month's end."""

    metrics: tuple[str, ...]
    policy: Policy
    makeup: tuple[Makeup, ...]


async def progress(store: Store, caller: Caller, now: datetime, as_of: str | None = None) -> Board:
    """Where all goals stand, today or at the end of a past day."""
    board, _, _ = await _board(store, caller, now, as_of)
    return board


async def one_goal(store: Store, caller: Caller, wanted: str | int, now: datetime, as_of: str | None = None) -> OneGoal:
    """One goal by its name, its metric's words or its id: where it stands, how it came there, and what it is made of."""
    board, organisation, at = await _board(store, caller, now, as_of)
    standing = _pick(board.standings, wanted)
    goal = standing.goal
    days = [Month.of(at.day).plus(-n).last for n in range(POINTS, 0, -1)]
    async with store.read() as c:
        points = await stored.values(c, organisation.guild_id, goal.id, days)
        held = goal.metric == Metric.BRANCH_GATHERINGS
        branches = await gatherings.newest_of_branches(c, organisation.guild_id, goal.starts, at.until) if held else []
        decided = await _decided_on(c, organisation, goal, at)
    asks_who = goal.metric == Metric.MEMBERS
    makeup = await compositions.makeup(store, organisation, goals.balance_month(at.day), board.policy) if asks_who else ()
    trend = board.trends[board.standings.index(standing)]
    return OneGoal(board, standing, trend, tuple(points), tuple(branches), makeup, decided)


async def _decided_on(c: Connection, organisation: Organisation, goal: Goal, at: At) -> date | None:
    """The day on which the chapters adopted a goal as it is; None where they did not."""
    for revision in await stored.revisions(c, organisation.guild_id, goal.id):
        day = calendar.today(revision.adopted_at, organisation.zone)
        if day <= at.day:
            return None if revision.proposal_id is None else day
    return None


async def _board(store: Store, caller: Caller, now: datetime, as_of: str | None) -> tuple[Board, Organisation, At]:
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    at = _at(organisation, as_of, now)

    async def drawn() -> Board:
        board = await boards.of_day(store, organisation, at)
        async with store.read() as c:
            return replace(board, trends=tuple(await trends.of_all(c, organisation, board.standings, at)))

    return await _boards.get(store, (organisation.guild_id, at.day, at.ended), now, drawn), organisation, at


def _pick(standings: Sequence[Standing], wanted: str | int) -> Standing:
    found = [each for each in standings if each.goal.id == wanted]
    if not found and isinstance(wanted, int):
        raise Refusal(text("This goal is not in force any more. Type /progress to see those that are."))
    return found[0] if found else _pick(standings, goals.find([each.goal for each in standings], str(wanted)).id)


async def meanings(store: Store, caller: Caller, now: datetime) -> Meanings:
    """What each goal's metric counts, and who was counted."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        policy = organisation.policy
        in_force = await stored.in_force(c, organisation.guild_id)
    month = goals.balance_month(calendar.today(now, organisation.zone))
    makeup = await compositions.makeup(store, organisation, month, policy)
    return Meanings(tuple(dict.fromkeys(goal.metric for goal in in_force)), policy, makeup)


async def known(store: Store, caller: Caller, metrics: Sequence[str]) -> list[Goal]:
    """The goals in force that measure one of these: for an option that is being typed."""
    async with store.read() as c:
        in_force = await stored.in_force(c, (await access.organisation(c, caller)).guild_id)
    return [goal for goal in in_force if goal.metric in metrics]


async def past_days(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Yesterday and the last month ends: for an option that is being typed."""
    today = await _today(store, caller, now)
    ends = [str(Month.of(today).plus(-n).last) for n in range(1, MONTHS_OFFERED + 1)]
    return [day for day in ("yesterday", *ends) if typed.strip().casefold() in day]


async def deadlines(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Days half a year, one year and more from now: for an option that is being typed."""
    today = await _today(store, caller, now)
    days = [str(calendar.months_later(today, months)) for months in (6, 12, 18, 24, 36)]
    return [day for day in days if typed.strip() in day]


async def _today(store: Store, caller: Caller, now: datetime) -> date:
    async with store.read() as c:
        return calendar.today(now, (await access.organisation(c, caller)).zone)


def _at(organisation: Organisation, as_of: str | None, now: datetime) -> At:
    today = calendar.today(now, organisation.zone)
    day = checkins.parse_day(as_of, today)
    if day == today:
        return At(today, now)
    earliest = calendar.today(organisation.created_at, organisation.zone)
    if not earliest <= day < today:
        raise Refusal(text("The day can be from {earliest} to {today}. You gave {day}.", earliest=earliest, today=today, day=day))
    return end_of(organisation, day, now)


def end_of(organisation: Organisation, day: date, now: datetime) -> At:
    """A past day as it was when it ended for the organisation."""
    return At(day, now, calendar.start_of(day + calendar.ONE_DAY, organisation.zone))


async def create_first_goals(c: Connection, guild_id: int, today: date, now: datetime, by: int | None) -> bool:
    """Adopts the five goals that every organisation begins with; False if it ever had a goal."""
    if await stored.any_ever(c, guild_id):
        return False
    await _adopt_first(c, guild_id, today, now, by)
    return True


async def begin_again(store: Store, caller: Caller, now: datetime) -> None:
    """Adopts the five goals that every organisation begins with; where there is one already, nothing changes."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.SET_UP, access.roles_in(organisation, caller))
        if await stored.in_force(c, organisation.guild_id):
            return
        await _adopt_first(c, organisation.guild_id, calendar.today(now, organisation.zone), now, caller.user_id)


async def _adopt_first(c: Connection, guild_id: int, today: date, now: datetime, by: int | None) -> None:
    for metric, target in FIRST_GOALS:
        await adopt(c, guild_id, Goal(0, metric, None, target, today, deadline_of(None, today)), now, by)


async def adopt(c: Connection, guild_id: int, new: Goal, now: datetime, by: int | None, why: str | None = None) -> Goal:
    """Puts a goal in force that there was not, and says so on the open log."""
    goal = replace(new, id=await stored.add(c, guild_id, new.metric, now))
    await stored.revise(c, guild_id, goal, now, by, why=why)
    await changes.log(c, guild_id, "goal.add", now, by, goal_id=goal.id, fields=("target", "deadline", *(("name",) if goal.name else ())))
    return goal


async def chapters_decide(c: Connection, organisation: Organisation) -> bool:
    """Whether there are so many chapters that coordinators do not set goals by themselves any more."""
    return await chapters.count(c, organisation.guild_id) > organisation.policy.direct_chapters


async def require_direct(c: Connection, organisation: Organisation) -> None:
    """Refuses to set a goal without the chapters where they decide."""
    if await chapters_decide(c, organisation):
        raise Refusal(
            counted(
                "With more than {n} chapter here, the chapters adopt goals. Type the command again: it opens a proposal.",
                "With more than {n} chapters here, the chapters adopt goals. Type the command again: it opens a proposal.",
                organisation.policy.direct_chapters,
            )
        )


async def add(
    store: Store, caller: Caller, metric: str, target: int, deadline: str | None, name: str | None, now: datetime, why: str | None = None
) -> Goal:
    """Adopts a goal that starts today; without a deadline it is due 24 months from now."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))
        await require_direct(c, organisation)
        today = calendar.today(now, organisation.zone)
        new = goals.new(
            await stored.in_force(c, organisation.guild_id), metric, target, deadline_of(deadline, today), own_name(name), today
        )
        return await adopt(c, organisation.guild_id, new, now, caller.user_id, proposals.check_why(why))


def deadline_of(typed: str | None, today: date) -> date:
    """The day that was typed as a deadline, or 24 months from now."""
    return calendar.months_later(today, MONTHS_TO_DEADLINE) if typed is None else checkins.parse_day(typed, today, ahead=True)


def own_name(name: str | None) -> str | None:
    """The name that was typed for a goal, if one was."""
    return None if name is None else check_name(name, text("The name"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A figure as it was stored, and where its goal stands with it."""

    day: date
    figure: int
    standing: Standing


async def record(store: Store, caller: Caller, wanted: str, value: int, day: str | None, now: datetime) -> Recorded:
    """Stores a figure for a goal that is recorded by hand or, for a goal of members, the members outside chapters."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))
        today = calendar.today(now, organisation.zone)
        goal = goals.find(await stored.in_force(c, organisation.guild_id), wanted)
        goals.check_recorded(goal)
        goals.check_figure(value)
        on = checkins.parse_day(day, today)
        checkins.check_day(on, today, None, organisation.policy)
        await stored.add_figure(c, organisation.guild_id, goal.id, on, value, now, caller.user_id)
        await stale.from_day(c, organisation.guild_id, on, now)
        await changes.log(c, organisation.guild_id, "goal.record", now, caller.user_id, goal_id=goal.id, fields=("figure",))
    board = await boards.of_day(store, organisation, At(today, now))
    return Recorded(on, value, _pick(board.standings, goal.id))


async def keep_daily(store: Store, organisation: Organisation, now: datetime) -> bool:
    """Keeps the values of days up to yesterday that have none, then of days that entries came for later, and the links between months.

    At most a month's days at a time; True while more are missing.
    """
    for _ in range(DAYS_AT_ONCE):
        async with store.read() as c:
            current = await organisations.find(c, organisation.guild_id)
            adopted = await stored.first_adopted(c, organisation.guild_id)
            due = await stale.find(c, organisation.guild_id)
        if current is None or adopted is None:
            return False
        first = calendar.today(adopted, current.zone)
        day = _to_keep(current, first, due, calendar.today(now, current.zone))
        if day is None:
            return await links.keep(store, current, now)
        await _keep_day(store, current, first, day, due, now)
    return True


def _to_keep(organisation: Organisation, first: date, due: Stale, today: date) -> date | None:
    """The day to be worked out next, if any is."""
    done = organisation.valued_through
    new = first if done is None else done + calendar.ONE_DAY
    if new < today:
        return new
    if due.days_from is None or done is None or due.days_from > done:
        return None
    return max(due.days_from, first)


async def _keep_day(store: Store, organisation: Organisation, first: date, day: date, due: Stale, now: datetime) -> None:
    guild_id, link = organisation.guild_id, None
    board = await boards.of_day(store, organisation, end_of(organisation, day, now))
    linked = day == Month.of(day).last and any(each.goal.metric == Metric.FUNCTIONING_CHAPTERS for each in board.standings)
    if linked:
        async with store.read() as c:
            link = await links.of_functioning(c, organisation, Month.of(day), now)
    async with store.write() as c:
        await stored.keep_values(c, guild_id, day, board.standings)
        if linked:
            await stored_trends.keep(c, guild_id, Metric.FUNCTIONING_CHAPTERS, Month.of(day), link)
        await stale.begins_at(c, guild_id, first)
        await stale.day_done(c, guild_id, day, due.marks)
