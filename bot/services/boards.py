"""The board: where all goals stand on a day, each figure with what stands behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.domain import goals, privacy
from bot.domain.goals import Goal, Measured, Metric, Standing
from bot.domain.policy import Policy
from bot.services import compositions
from bot.services.trends import Trend
from db import goals as stored
from db import measures, organisations, tallies
from db.compositions import KeptSum
from db.goals import Figure
from db.measures import At, Part
from db.organisations import Organisation
from db.store import Connection, Store
from db.tallies import Tally


@dataclass(frozen=True, slots=True)
class Board:
    """Where all goals stand on a day; `today` unless a past one was asked for. Each has its trend where that was asked for."""

    day: date
    today: bool
    language: str
    policy: Policy
    standings: tuple[Standing, ...]
    reported: Measured
    active: Measured
    outside: Figure | None
    at_risk: int | None
    balance: KeptSum | None
    balance_on: date
    trends: tuple[Trend, ...] = ()

    @property
    def shares(self) -> Mapping[str, int]:
        """Women, men and others in whole percent of those counted."""
        return {} if self.balance is None else privacy.shares(self.balance.cells)


async def of_day(store: Store, organisation: Organisation, at: At) -> Board:
    """Where all goals stand on a day, once every sum that it shows is kept."""
    while True:
        async with store.read() as c:
            drawn = await draw(c, organisation, at)
        if drawn is not None:
            return drawn
        await compositions.sum_as_at(store, organisation, goals.balance_month(at.day))


async def draw(c: Connection, organisation: Organisation, at: At) -> Board | None:
    """Where all goals stand on a day; None while a sum that it shows is still to be kept."""
    policy = organisation.policy if at.ended is None else await organisations.policy_in_force(c, organisation.guild_id, at.ended)
    in_force = await stored.in_force(c, organisation.guild_id, at.ended)
    wanted = {goal.metric for goal in in_force}
    month, balance = goals.balance_month(at.day), None
    if Metric.GENDER_BALANCE in wanted:
        balance, missing = await compositions.as_at(c, organisation, month)
        if missing:
            return None
    counted = _Counted(c, organisation.guild_id, at, policy, wanted)
    tally = await counted.tally()
    figures = {each.goal_id: each for each in await stored.figures(c, organisation.guild_id, at.day)}
    outside = next((each for each in figures.values() if each.metric == Metric.MEMBERS), None)
    members = _members(tally, outside)
    standings = []
    for goal in in_force:
        match goal.metric:
            case Metric.MEMBERS:
                measured = members
            case Metric.GENDER_BALANCE:
                measured = _balance(balance, members.value, tally.chapters)
            case Metric.MANUAL:
                measured = _manual(figures.get(goal.id))
            case _:
                measured = await counted.measured(goal, tally)
        standings.append(Standing(goal, measured))
    return Board(
        day=at.day,
        today=at.ended is None,
        language=organisation.language,
        policy=policy,
        standings=tuple(standings),
        reported=_measured(tally.members, tally.chapters),
        active=_measured(tally.met, tally.chapters),
        outside=outside,
        at_risk=tally.at_risk if tally.functioning.behind else None,
        balance=balance,
        balance_on=month.last,
    )


def _measured(part: Part, chapters: int, *, known: bool | None = None) -> Measured:
    value = part.value if (part.behind > 0 if known is None else known) else None
    return Measured(value, part.behind, chapters, part.oldest)


def _members(tally: Tally, outside: Figure | None) -> Measured:
    part = tally.members
    reported = part.value if part.behind else None
    if outside is None:
        return goals.members(reported, part.behind, tally.chapters, part.oldest, None, None)
    return goals.members(reported, part.behind, tally.chapters, part.oldest, outside.value, outside.day)


def _balance(balance: KeptSum | None, members: int | None, chapters: int) -> Measured:
    if balance is None:
        return Measured(None, 0, chapters)
    enough = goals.enough_counted(balance.people, members)
    value = privacy.gender_balance(balance.cells) if enough else None
    return Measured(value, balance.chapters, chapters, balance.oldest)


def _manual(figure: Figure | None) -> Measured:
    return Measured(None) if figure is None else Measured(figure.value, oldest=figure.day)


_METRICS: Mapping[str, Metric] = {
    "members": Metric.MEMBERS,
    "met": Metric.ACTIVE_MEMBERS,
    "functioning": Metric.FUNCTIONING_CHAPTERS,
    "collecting": Metric.DUES_BODIES,
    "delegates": Metric.DELEGATES,
    "reporting": Metric.REPORTING_CHAPTERS,
}
"""The parts of a tally, and a metric that each is counted for."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is counted over chapters: a hidden one only where at least three stand behind a figure."""

    c: Connection
    guild_id: int
    at: At
    policy: Policy
    wanted: set[str]

    def _few(self, chapters: int) -> bool:
        return 0 < chapters < self.policy.sum_chapters

    async def tally(self) -> Tally:
        """All figures that are sums over chapters."""
        whole = await tallies.tally(self.c, self.guild_id, self.at, self.policy, self.wanted)
        few = [name for name in _METRICS if self._few(getattr(whole, name).behind)]
        if not few and not self._few(whole.chapters):
            return whole
        metrics = {_METRICS[name] for name in few}
        open_ones = await tallies.tally(self.c, self.guild_id, self.at, self.policy, metrics, hidden=False)
        taken = {name: getattr(open_ones, name) for name in few}
        if "functioning" in few:
            taken["at_risk"] = open_ones.at_risk
        if self._few(whole.chapters):
            taken["chapters"] = open_ones.chapters
        return replace(whole, **taken)

    async def measured(self, goal: Goal, tally: Tally) -> Measured:
        """A goal that is a count of chapters, bodies, branches or check-ins."""
        match goal.metric:
            case Metric.ACTIVE_MEMBERS:
                return _measured(tally.met, tally.chapters)
            case Metric.FUNCTIONING_CHAPTERS:
                return _measured(tally.functioning, tally.chapters)
            case Metric.DELEGATES:
                return _measured(tally.delegates, tally.chapters)
            case Metric.REPORTING_CHAPTERS:
                return _measured(tally.reporting, tally.chapters)
            case Metric.DUES_BODIES:
                return await self._bodies(tally)
            case Metric.BRANCH_GATHERINGS:
                part, ever = await measures.gatherings(self.c, self.guild_id, goal.starts, self.at)
                return _measured(part, tally.chapters, known=ever)
            case _:
                return await self._checkins(goal, tally)

    async def _bodies(self, tally: Tally) -> Measured:
        branches = await measures.branches_collecting(self.c, self.guild_id, self.at, self.policy)
        chapters = tally.collecting
        oldest = min((day for day in (chapters.oldest, branches.oldest) if day is not None), default=None)
        both = Part(chapters.value + branches.value, chapters.behind, oldest)
        return _measured(both, tally.chapters, known=chapters.behind + branches.behind > 0)

    async def _checkins(self, goal: Goal, tally: Tally) -> Measured:
        kind = goal.kind
        if kind is None:
            raise ValueError(f"nothing counts {goal.metric}")
        part, ever = await measures.checkins(self.c, self.guild_id, kind, goal.starts, self.at)
        if self._few(part.behind):
            part, ever = await measures.checkins(self.c, self.guild_id, kind, goal.starts, self.at, hidden=False)
        return _measured(part, tally.chapters, known=ever)
