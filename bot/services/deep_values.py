"""Whether the values kept for past days, and the growth kept from month to month, are what the entries give.

A value of a past day is what the entries give now for the end of that day (rules.md, "As of D"). An entry that is made, corrected or
taken back later moves it: such days are marked when that is stored, worked out again soon after, and are no fault until then.
A day for which nothing at all was kept is none either: the sample organisation, for one, keeps month ends only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain import calendar
from bot.domain.calendar import ONE_DAY, Month
from bot.domain.goals import Measured, Metric, called, words
from bot.domain.text import Text, counted, text
from bot.domain.trend import CHAINED, Link
from bot.services import boards, links
from bot.services.findings import Tally, shown
from bot.services.goals import end_of
from db import recount, stale, trends
from db.organisations import Organisation
from db.store import Store


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
    waiting: int = 0
    without_sum: list[date] = field(default_factory=list)


async def compare_days(
    store: Store, organisation: Organisation, days: list[date], now: datetime, tally: Tally, step: Callable[[int], None]
) -> None:
    """Measures each goal anew as at the end of each of these days, and the growth into each month."""
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
    if found.waiting:
        note = counted(
            "Server {server}: the values of {n} day are still to be worked out again, because something was entered or corrected later.",
            "Server {server}: the values of {n} days are still to be worked out again, because something was entered or corrected later.",
            found.waiting,
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
        async with store.read() as c:
            names = await recount.goals(c, organisation.guild_id)
        for goal_id, found_on in sorted(found.differing.items()):
            goal = text("Server {server}, {goal}", server=server, goal=called(*names.get(goal_id, (Metric.MANUAL, None))))
            tally.faults += (_value_fault(goal, run) for run in _runs(found_on))
    await _compare_links(store, organisation, now, tally)


async def _compare_day(store: Store, organisation: Organisation, day: date, now: datetime, found: _Found) -> int:
    async with store.snapshot() as c:
        kept = await recount.kept_values(c, organisation.guild_id, day)
        waits = (await stale.find(c, organisation.guild_id)).days_from
        waiting = bool(kept) and waits is not None and day >= waits
        board = await boards.draw(c, organisation, end_of(organisation, day, now)) if kept and not waiting else None
    if not kept:
        found.unkept += 1
    elif waiting:
        found.waiting += 1
    elif board is None:
        found.without_sum.append(day)
    else:
        measured = {each.goal.id: each.measured for each in board.standings}
        for goal_id in kept.keys() | measured.keys():
            if kept.get(goal_id) != measured.get(goal_id):
                found.differing.setdefault(goal_id, []).append(_Day(day, kept.get(goal_id), measured.get(goal_id)))
    return len(kept)


async def _compare_links(store: Store, organisation: Organisation, now: datetime, tally: Tally) -> None:
    """The growth into each month from the first to the last that is kept; what waits to be worked out again is left out."""
    last = Month.of(calendar.today(now, organisation.zone)).plus(-1)
    async with store.read() as c:
        known = await trends.kept(c, organisation.guild_id, sorted(CHAINED), Month(1, 1), last)
    for metric, kept in sorted(known.items()):
        for number in range(kept[0].month.index, last.index + 1):
            tally.faults += await _compare_link(store, organisation, metric, Month.at(number), now)


async def _compare_link(store: Store, organisation: Organisation, metric: str, month: Month, now: datetime) -> list[Text]:
    async with store.snapshot() as c:
        newest = await trends.kept(c, organisation.guild_id, [metric], month, month)
        kept = next(iter(newest.get(metric, [])), None)
        due = await stale.find(c, organisation.guild_id)
        if metric == Metric.FUNCTIONING_CHAPTERS:
            # It is worked out with the values of the month's last day, if such a goal is in force then.
            waits = kept is None or (due.days_from is not None and month.last >= due.days_from)
            found = None if waits else await links.of_functioning(c, organisation, month, now)
        else:
            waits = due.links_from is not None and month >= due.links_from
            found = None if waits else await links.of_reports(c, organisation, metric, month, now)
    return [] if waits or kept == found else [_link_fault(organisation, metric, month, kept, found)]


def _link_fault(organisation: Organisation, metric: str, month: Month, kept: Link | None, found: Link | None) -> Text:
    return text(
        "Server {server}, {goal}, the growth into {month}: kept is {kept}, but the entries give {found}.",
        server=str(organisation.guild_id),
        goal=words(metric),
        month=month,
        kept=_growth(kept),
        found=_growth(found),
    )


def _growth(link: Link | None) -> Text:
    if link is None:
        return text("nothing")
    return counted(
        "from {before} to {after} in {n} chapter",
        "from {before} to {after} in {n} chapters",
        link.chapters,
        before=link.before,
        after=link.after,
    )


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
