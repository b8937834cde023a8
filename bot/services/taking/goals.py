"""Goals that come in, and the figures that were recorded for them in the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.domain import calendar
from bot.domain import goals as rules
from bot.domain.chapters import check_name, fold
from bot.domain.goals import LARGEST_TARGET, METRICS, MONTHS_TO_DEADLINE, Goal
from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.services.adding import OLDEST
from bot.services.taking import cells
from bot.services.taking.cells import Order
from bot.services.taking.ground import Different, Found, Ground, cell
from bot.services.taking.table import Table
from db import goals as stored
from db import past_goals
from db.store import Connection


@dataclass(frozen=True, slots=True)
class NewGoal:
    """A goal to be adopted."""

    goal: Goal

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return rules.label(self.goal)


@dataclass(frozen=True, slots=True)
class ChangedGoal:
    """A goal that is there, and as it is to be."""

    before: Goal
    goal: Goal

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return rules.label(self.goal)


@dataclass(frozen=True, slots=True)
class NewFigure:
    """A figure to be stored; of two for one day the one stored later counts."""

    goal: Goal
    day: date
    value: int

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return text("{goal} on {day}: {value}", goal=rules.label(self.goal), day=self.day, value=self.value)


async def settle_goals(c: Connection, taken: Table, ground: Ground) -> Found:
    """What the rows come to: a goal is known by what it measures and its name."""
    found = Found()
    today = calendar.today(ground.now, ground.organisation.zone)
    order = cells.order_of([*taken.column("deadline"), *taken.column("start")])
    there = await stored.in_force(c, ground.guild_id)
    first: dict[tuple[str, str | None], int] = {}
    new: list[Goal] = []
    for number, row in taken.rows:
        try:
            goal = _read(taken.given(row), today, order)
            key = (goal.metric, goal.name and fold(goal.name))
            if first.setdefault(key, number) != number:
                found.twice(taken, number, first[key])
                continue
            before = next((each for each in there if (each.metric, each.name and fold(each.name)) == key), None)
            if before is None:
                rules.check_new([*there, *new], goal.metric, goal.name)
                rules.check_deadline(goal.deadline, today)
                new.append(goal)
                found.added.append(NewGoal(goal))
            else:
                _compare(found, taken, number, before, taken.given(row), goal, today)
        except Refusal as refusal:
            found.refused(taken, number, refusal)
    return found


def _read(given: Mapping[str, str], today: date, order: Order | None) -> Goal:
    metric = cell(given, "metric", _metric)
    written = given.get("name", "").strip()
    name = check_name(written, text("The name")) if written else None
    target = cell(given, "target", lambda each: cells.number(each.rstrip("% "), text("The target"), LARGEST_TARGET))
    if target is None:
        raise Refusal(text("{column}: {reason}", column="target", reason=text("Write the number that is to be reached.")))
    starts = cell(given, "start", lambda each: cells.day(each, order) if each.strip() else today)
    if not OLDEST <= starts <= today:
        raise Refusal(
            text(
                "{column}: {reason}",
                column="start",
                reason=text("The day can be from {earliest} to {today}. You gave {day}.", earliest=OLDEST, today=today, day=starts),
            )
        )
    due = calendar.months_later(today, MONTHS_TO_DEADLINE)
    deadline = cell(given, "deadline", lambda each: cells.day(each, order) if each.strip() else due)
    return Goal(0, metric, name, rules.check_target(metric, target), starts, deadline)


def _metric(written: str) -> str:
    spoken = {fold(rules.words(metric).msgid): metric for metric in METRICS}
    return rules.check_metric(spoken.get(fold(written.strip()[:100]), written.replace(" ", "_") if ":" not in written else written))


def _compare(found: Found, taken: Table, number: int, before: Goal, given: Mapping[str, str], row: Goal, today: date) -> None:
    after = replace(before, target=row.target)
    if given.get("deadline", "").strip() and row.deadline != before.deadline:
        after = replace(after, deadline=rules.check_deadline(row.deadline, today))
    if after != before:
        found.changed.append(ChangedGoal(before, after))
    else:
        found.left += 1
    if given.get("start", "").strip() and row.starts != before.starts:
        found.different.append(Different(taken.unit.first(number), rules.label(before), ("start",)))


async def settle_figures(c: Connection, taken: Table, ground: Ground) -> Found:
    """What the rows come to: one figure for each goal and day, from any day of the past."""
    found = Found()
    today = calendar.today(ground.now, ground.organisation.zone)
    order = cells.order_of(taken.column("date"))
    goals, there = await stored.in_force(c, ground.guild_id), await past_goals.figures(c, ground.guild_id)
    first: dict[tuple[int, date], int] = {}
    for number, row in taken.rows:
        try:
            new = _read_figure(taken.given(row), goals, today, order)
        except Refusal as refusal:
            found.refused(taken, number, refusal)
            continue
        key = (new.goal.id, new.day)
        if first.setdefault(key, number) != number:
            reason = text("A figure for that day stands in {place} already.", place=taken.unit.within(first[key]))
            found.refused(taken, number, Refusal(reason))
        elif there.get(key) == new.value:
            found.left += 1
        else:
            (found.changed if key in there else found.added).append(new)
    return found


def _read_figure(given: Mapping[str, str], goals: Sequence[Goal], today: date, order: Order | None) -> NewFigure:
    goal = cell(given, "goal", lambda written: rules.find(goals, written))
    rules.check_recorded(goal)
    value = cell(given, "value", lambda written: cells.number(written, text("The figure"), LARGEST_TARGET))
    if value is None:
        raise Refusal(text("{column}: {reason}", column="value", reason=text("Write the figure of that day.")))
    day = cell(given, "date", lambda written: cells.day(written, order))
    if not OLDEST <= day <= today:
        raise Refusal(text("The day can be from {earliest} to {today}. You gave {day}.", earliest=OLDEST, today=today, day=day))
    return NewFigure(goal, day, value)
