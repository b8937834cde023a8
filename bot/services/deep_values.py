"""Whether the values kept for past days are what the entries give, or an entry that came later explains why not.

A value kept for a past day is what was known when that day had ended, and stays. An entry that was made later of an earlier day, or was
corrected, rightly gives another one now (rules.md, "As of D"). So a day is a fault only if no such entry explains it: a figure that counts
chapters, bodies or activities cannot move by more of them than have been told of later; a sum over members can move by any amount.
A day for which nothing at all was kept is none: the sample organisation, for one, keeps month ends only.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate

from bot.domain import calendar
from bot.domain.calendar import ONE_DAY
from bot.domain.goals import Measured, Metric, called
from bot.domain.text import Text, counted, text
from bot.services import boards
from bot.services.findings import Tally, shown
from bot.services.goals import end_of
from db import later, recount
from db.later import Later, Source
from db.organisations import Organisation
from db.store import Store

AT_ONCE = 50

_SOURCES: Mapping[str, frozenset[Source]] = {
    Metric.MEMBERS: frozenset({Source.REPORTS, Source.FIGURES}),
    Metric.ACTIVE_MEMBERS: frozenset({Source.REPORTS}),
    Metric.FUNCTIONING_CHAPTERS: frozenset({Source.CHECKINS, Source.REPORTS}),
    Metric.GENDER_BALANCE: frozenset({Source.REPORTS, Source.FIGURES}),
    Metric.BRANCH_GATHERINGS: frozenset({Source.GATHERINGS}),
    Metric.DUES_BODIES: frozenset({Source.FACTS}),
    Metric.DELEGATES: frozenset({Source.FACTS}),
    Metric.REPORTING_CHAPTERS: frozenset({Source.REPORTS}),
    Metric.MANUAL: frozenset({Source.FIGURES}),
}
_SUMS = frozenset({Metric.MEMBERS, Metric.ACTIVE_MEMBERS, Metric.GENDER_BALANCE, Metric.MANUAL})
"""Metrics that one later entry can move by any amount; all others are counts."""


@dataclass(frozen=True, slots=True)
class _Day:
    """A day on which a goal's kept value is not what the entries give now; None for what is not there at all."""

    day: date
    kept: Measured | None
    found: Measured | None


@dataclass(slots=True)
class _Found:
    """What the days of one organisation are like, by goal where something differs."""

    differing: dict[int, list[_Day]] = field(default_factory=dict)
    unkept: int = 0
    without_sum: list[date] = field(default_factory=list)


async def compare_days(
    store: Store, organisation: Organisation, days: list[date], now: datetime, tally: Tally, step: Callable[[int], None]
) -> None:
    """Measures each goal anew as at the end of each of these days, and tells the days that nothing explains from those told of later."""
    found = _Found()
    for day in days:
        tally.values += await _compare_day(store, organisation, day, now, found)
        step(1)
    server = str(organisation.guild_id)
    if found.unkept:
        note = counted(
            "Server {server}: on {n} day no value was kept; it can still be worked out from the entries.",
            "Server {server}: on {n} days no value was kept; they can still be worked out from the entries.",
            found.unkept,
            server=server,
        )
        tally.notes.append(note)
    if found.without_sum:
        fault = text(
            "Server {server}, {first} to {last}: the sum of the compositions as it was shown then is missing.",
            server=server,
            first=found.without_sum[0],
            last=found.without_sum[-1],
        )
        tally.faults.append(fault)
    if found.differing:
        await _judge(store, organisation, days, found.differing, tally)


async def _compare_day(store: Store, organisation: Organisation, day: date, now: datetime, found: _Found) -> int:
    async with store.snapshot() as c:
        kept = await recount.kept_values(c, organisation.guild_id, day)
        board = await boards.draw(c, organisation, end_of(organisation, day, now)) if kept else None
    if not kept:
        found.unkept += 1
    elif board is None:
        found.without_sum.append(day)
    else:
        measured = {each.goal.id: each.measured for each in board.standings}
        for goal_id in kept.keys() | measured.keys():
            if kept.get(goal_id) != measured.get(goal_id):
                found.differing.setdefault(goal_id, []).append(_Day(day, kept.get(goal_id), measured.get(goal_id)))
    return len(kept)


async def _judge(store: Store, organisation: Organisation, days: list[date], differing: dict[int, list[_Day]], tally: Tally) -> None:
    # Only now, so that what was entered meanwhile can explain what was just read.
    told = await _told_later(store, organisation, days)
    async with store.read() as c:
        names = await recount.goals(c, organisation.guild_id)
        few = organisation.policy.sum_chapters
    for goal_id, found_on in sorted(differing.items()):
        metric, name = names.get(goal_id, (Metric.MANUAL, None))
        goal = text("Server {server}, {goal}", server=str(organisation.guild_id), goal=called(metric, name))
        unexplained = [each for each in found_on if not _explained(each, metric, told, few)]
        tally.faults += (_value_fault(goal, run) for run in _runs(unexplained))
        if len(found_on) > len(unexplained):
            note = counted(
                "{goal}: on {n} day the kept value is not what today's entries give: some were made or corrected later.",
                "{goal}: on {n} days the kept value is not what today's entries give: some were made or corrected later.",
                len(found_on) - len(unexplained),
                goal=goal,
            )
            tally.notes.append(note)


Told = Mapping[Source, Mapping[date, int]]


async def _told_later(store: Store, organisation: Organisation, days: list[date]) -> Told:
    """Of how many chapters or bodies something was told later, for each kind of entry and each day that it speaks of."""
    begins: dict[Source, Counter[date]] = {source: Counter() for source in Source}
    first, guild_id, after = days[0], organisation.guild_id, 0

    def note(entries: list[Later]) -> None:
        for each in entries:
            since, until = max(each.first, first), calendar.today(each.at, organisation.zone)
            if since < until:
                begins[each.source][since] += each.chapters
                begins[each.source][until] -= each.chapters

    async with store.read() as c:
        note(await later.of_organisation(c, guild_id))
    while True:
        async with store.read() as c:
            some = await recount.some(c, guild_id, after, AT_ONCE)
            note(await later.of_chapters(c, guild_id, [each.id for each in some]))
        if not some:
            break
        after = some[-1].id
    return {source: dict(zip(days, accumulate(changes[day] for day in days), strict=True)) for source, changes in begins.items()}


def _explained(differing: _Day, metric: str, told: Told, few: int) -> bool:
    """Whether entries made or changed after this day can have moved the value as far as it has moved."""
    kept, found, day = differing.kept, differing.found, differing.day
    if told[Source.TIMEZONE][day]:
        return True
    if kept is None or found is None:
        return False
    if told[Source.VISIBILITY][day] and (metric == Metric.GENDER_BALANCE or _is_few(kept, few) or _is_few(found, few)):
        return True
    later = sum(told[source][day] for source in _SOURCES.get(metric, frozenset({Source.CHECKINS})))
    return later > 0 and later >= max(_apart(kept.behind, found.behind), 0 if metric in _SUMS else _apart(kept.value, found.value))


def _is_few(measured: Measured, few: int) -> bool:
    """Whether so few chapters stand behind a value, or there are so few, that hidden ones are left out of it."""
    return min(measured.behind or 0, measured.chapters or 0) < few


def _apart(one: int | None, other: int | None) -> int:
    return abs((one or 0) - (other or 0))


def _runs(days: list[_Day]) -> Iterator[list[_Day]]:
    """Days in a row on which the same differs in the same way."""
    run: list[_Day] = []
    for each in days:
        if run and (each.day != run[-1].day + ONE_DAY or (each.kept, each.found) != (run[-1].kept, run[-1].found)):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _value_fault(goal: Text, run: list[_Day]) -> Text:
    first, last = run[0], run[-1]
    when = text("{day}", day=first.day) if first is last else text("{first} to {last}", first=first.day, last=last.day)
    kept, found = _measured(first.kept), _measured(first.found)
    return text("{goal}, {when}: kept is {kept}, but the entries give {found}.", goal=goal, when=when, kept=kept, found=found)


def _measured(measured: Measured | None) -> Text:
    if measured is None:
        return text("nothing")
    return text(
        "{value} (from {behind} of {chapters} chapters, the oldest part of {oldest})",
        value=shown(measured.value),
        behind=shown(measured.behind),
        chapters=shown(measured.chapters),
        oldest=shown(measured.oldest),
    )
