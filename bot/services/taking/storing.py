"""What a plan adds and changes, stored in one transaction with all that follows from it, and noted so that it can be taken back."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.domain import calendar
from bot.domain.checkins import PartnerState
from bot.domain.errands import PROMPTS
from bot.services import adding, duty
from bot.services.adding import Newcomer
from bot.services.facts import Key
from bot.services.taking.chapters import ChangedChapter
from bot.services.taking.checkins import ChangedCheckIn, NewCheckIn
from bot.services.taking.goals import ChangedGoal, NewGoal
from bot.services.taking.kinds import Kind
from bot.services.taking.plans import Plan
from db import changes, chapters, checkins, goals, intakes, organisations, outbox, past, past_goals, past_reports, stale, summaries
from db.checkins import Past, Stored
from db.intakes import Trace
from db.organisations import Organisation
from db.store import Connection

T = TypeVar("T")

BATCH = 100
"""So few that nobody waits noticeably while one is made ready."""
SUMMED = 20
"""So many chapters are summed up at a time: each takes a look at all of its history."""

Progress = Callable[[int, int], object]


class Changed(Exception):
    """Somebody changed something here since the plan was made: it has to be made anew."""


async def organisation_of(c: Connection, guild_id: int, now: datetime, by: int | None) -> Organisation:
    """The server's organisation, made if it was not there."""
    if await organisations.create(c, guild_id, now):
        await changes.log(c, guild_id, "organisation.add", now, by)
    found = await organisations.find(c, guild_id)
    assert found is not None
    return found


async def store(c: Connection, guild_id: int, plan: Plan, intake_id: int | None, now: datetime, by: int | None, progress: Progress) -> None:
    """Stores what a plan adds and changes; raises Changed if anybody changed anything here since it was made."""
    log_from = await intakes.mark(c, guild_id)
    if log_from != plan.preview.mark:
        raise Changed
    organisation = await organisation_of(c, guild_id, now, by)
    intake_id = intake_id or await intakes.add(c, guild_id, plan.preview.kind, now, by)
    work = _Work(c, organisation, intake_id, now, by, progress, len(plan.added) + len(plan.changed))
    match plan.preview.kind:
        case Kind.CHAPTERS:
            await work.add_chapters([each.newcomer for each in plan.added])
            await work.change_chapters(plan.changed)
        case Kind.CHECKINS:
            await work.add_checkins(plan.added)
            await work.change_checkins(plan.changed)
        case Kind.REPORTS:
            await work.add_reports(plan.added)
        case Kind.GOALS:
            await work.add_goals(plan.added)
            await work.change_goals(plan.changed)
        case Kind.FIGURES:
            await work.add_figures([*plan.added, *plan.changed])
    await work.refresh()
    columns = _logged(plan.columns)
    await changes.log(c, guild_id, f"import.{plan.preview.kind}", now, by, fields=columns)
    log_to = await intakes.mark(c, guild_id)
    done = {"state": "done", "at": now, "content": None, "file_name": None, "log_from": log_from, "log_to": log_to}
    await intakes.alter(c, guild_id, intake_id, **done)


async def add_chapters(
    c: Connection, organisation: Organisation, new: Sequence[Newcomer], now: datetime, by: int | None, progress: Progress
) -> tuple[str, ...]:
    """Stores chapters whose names are free as an import of its own; the names of the branches that were made for them."""
    if not new:
        return ()
    guild_id = organisation.guild_id
    log_from = await intakes.mark(c, guild_id)
    intake_id = await intakes.add(c, guild_id, Kind.CHAPTERS, now, by, state="done", log_from=log_from)
    work = _Work(c, organisation, intake_id, now, by, progress, len(new))
    await work.add_chapters(new)
    columns = _logged(column for each in new for column in each.given)
    await changes.log(c, guild_id, f"import.{Kind.CHAPTERS}", now, by, fields=columns)
    await intakes.alter(c, guild_id, intake_id, log_to=await intakes.mark(c, guild_id))
    return tuple(sorted(work.branches))


class _Work:
    """One import on its way: what it has touched so far."""

    def __init__(
        self, c: Connection, organisation: Organisation, intake_id: int, now: datetime, by: int | None, progress: Progress, total: int
    ) -> None:
        self.c = c
        self.organisation = organisation
        self.guild_id = organisation.guild_id
        self.intake_id = intake_id
        self.now = now
        self.by = by
        self.progress = progress
        self.total = total
        self.done = 0
        self.touched: set[int] = set()
        self.branches: tuple[str, ...] = ()

    async def _note(self, traces: Sequence[Trace], steps: int) -> None:
        await intakes.trace(self.c, self.guild_id, self.intake_id, traces)
        self.done += steps
        self.progress(self.done, self.total)
        # So that people are answered meanwhile.
        await asyncio.sleep(0)

    async def refresh(self) -> None:
        """Sums up the chapters whose entries changed."""
        ids = sorted(self.touched)
        for start in range(0, len(ids), SUMMED):
            await summaries.refresh(self.c, self.guild_id, ids[start : start + SUMMED], self.now, self.organisation.policy)
            await asyncio.sleep(0)

    async def add_chapters(self, new: Sequence[Newcomer]) -> None:
        for batch in _batches(new):
            made = await adding.store(self.c, self.organisation, batch, self.now, self.by)
            self.branches += tuple(made.branches.values())
            traces = [Trace("branch", branch_id) for branch_id in made.branches]
            await self._note([*traces, *(Trace("chapter", chapter_id) for chapter_id in made.ids)], len(batch))

    async def change_chapters(self, changed: Sequence[ChangedChapter]) -> None:
        wanted = sorted({each.country for each in changed if each.country is not None})
        known, made = await adding.branches_of(self.c, self.organisation, wanted, self.now, self.by)
        traces = [Trace("branch", branch_id) for branch_id in made]
        for each in changed:
            after = dict(each.after)
            if "branch" in each.fields:
                after["branch_id"] = None if each.country is None else known[each.country]
            await chapters.change(self.c, self.guild_id, each.chapter_id, **after)
            traces.append(Trace("chapter", each.chapter_id, before={"before": _plain(each.before), "after": _plain(after)}))
            self.touched.add(each.chapter_id)
        fields = {each.chapter_id: _logged(each.fields) for each in changed}
        await changes.log_many(self.c, self.guild_id, "chapter.edit", self.now, self.by, fields)
        await self._note(traces, len(changed))

    async def add_checkins(self, new: Sequence[NewCheckIn]) -> None:
        number = 0
        for batch in _batches(new):
            entries = [self._past(each, number + n) for n, each in enumerate(batch)]
            number += len(batch)
            ids = await past.add_checkins(self.c, self.guild_id, entries)
            await stale.from_day(self.c, self.guild_id, min(each.entry.day for each in batch), self.now)
            for checkin_id, each in zip(ids, batch, strict=True):
                await self._ask(checkin_id, each)
            self.touched.update(each.chapter_id for each in batch)
            await self._note([Trace("checkin", checkin_id, 1) for checkin_id in ids], len(batch))

    def _past(self, new: NewCheckIn, number: int) -> Past:
        partners = tuple((partner, PartnerState.ASKED, None) for partner in new.partners)
        return Past(new.chapter_id, f"import:{self.intake_id}:{number}", new.entry, self.now, self.by, partners)

    async def _ask(self, checkin_id: int, new: NewCheckIn) -> None:
        """Asks the partners of what still counts: nobody is asked about last year."""
        today = calendar.today(self.now, self.organisation.zone)
        if new.entry.day > today - timedelta(days=self.organisation.policy.together_days):
            for partner in new.partners:
                key = f"partner:{checkin_id}:{partner}:1"
                await outbox.put(self.c, self.guild_id, "partner", key, self.now, self.now, chapter_id=partner, checkin_id=checkin_id)

    async def change_checkins(self, changed: Sequence[ChangedCheckIn]) -> None:
        for batch in _batches(changed):
            entries = [(each.stored, each.entry, each.stored.version + 1) for each in batch]
            self.touched |= await past.set_checkins(self.c, self.guild_id, entries, self.now, self.by)
            since = min(min(stored.entry.day, entry.day) for stored, entry, _ in entries)
            await stale.from_day(self.c, self.guild_id, since, self.now)
            await changes.log_lines(self.c, self.guild_id, [self._corrected(each) for each in batch])
            await self._note([_trace_of(each.stored) for each in batch], len(batch))

    def _corrected(self, changed: ChangedCheckIn) -> changes.Line:
        before, after = checkins.to_plain(changed.stored.entry), checkins.to_plain(changed.entry)
        fields = tuple(name for name in after if after[name] != before[name])
        return changes.Line("checkin.correct", self.now, self.by, chapter_id=changed.stored.chapter_id, fields=fields)

    async def add_reports(self, new: Sequence[Any]) -> None:
        for batch in _batches(new):
            ids = await past_reports.add_reports(self.c, self.guild_id, [each.past for each in batch], self.now, self.by)
            await stale.from_day(self.c, self.guild_id, min(each.past.on for each in batch), self.now)
            await stale.from_month(self.c, self.guild_id, min(each.past.period for each in batch))
            said = [(each.past.chapter_id, each.past.report.words.dues, each.past.on) for each in batch]
            dues = [(chapter_id, answer.value, day) for chapter_id, answer, day in said if answer is not None]
            facts = await past_reports.add_facts(self.c, self.guild_id, Key.DUES, dues, self.now, self.by)
            for each in batch:
                if each.closes:
                    await duty.pass_on(self.c, self.guild_id, each.past.chapter_id, each.past.period, self.now)
                    await outbox.withdraw(self.c, self.guild_id, each.past.chapter_id, PROMPTS, each.past.period, "answered")
            self.touched.update(each.past.chapter_id for each in batch)
            traces = [Trace("report", report_id, 1) for report_id in ids]
            await self._note([*traces, *(Trace("fact", fact_id) for fact_id in facts)], len(batch))

    async def add_goals(self, new: Sequence[NewGoal]) -> None:
        for each in new:
            goal_id = await goals.add(self.c, self.guild_id, each.goal.metric, self.now)
            revised = await goals.revise(self.c, self.guild_id, replace(each.goal, id=goal_id), self.now, self.by)
            fields = ("target", "deadline", *(("name",) if each.goal.name else ()))
            await changes.log(self.c, self.guild_id, "goal.add", self.now, self.by, goal_id=goal_id, fields=fields)
            await self._note([Trace("goal", goal_id), Trace("revision", revised)], 1)

    async def change_goals(self, changed: Sequence[ChangedGoal]) -> None:
        for each in changed:
            revised = await goals.revise(self.c, self.guild_id, each.goal, self.now, self.by)
            fields = [name for name in ("target", "deadline") if getattr(each.goal, name) != getattr(each.before, name)]
            await changes.log(self.c, self.guild_id, "goal.edit", self.now, self.by, goal_id=each.goal.id, fields=fields)
            await self._note([Trace("revision", revised, before={"goal": each.goal.id})], 1)

    async def add_figures(self, new: Sequence[Any]) -> None:
        for batch in _batches(new):
            ids = await past_goals.add_figures(
                self.c, self.guild_id, [(each.goal.id, each.day, each.value) for each in batch], self.now, self.by
            )
            await stale.from_day(self.c, self.guild_id, min(each.day for each in batch), self.now)
            await self._note([Trace("figure", figure_id) for figure_id in ids], len(batch))
        for goal_id in sorted({each.goal.id for each in new}):
            await changes.log(self.c, self.guild_id, "goal.record", self.now, self.by, goal_id=goal_id, fields=("figure",))


def _batches(steps: Sequence[T]) -> list[Sequence[T]]:
    return [steps[start : start + BATCH] for start in range(0, len(steps), BATCH)]


def _trace_of(stored: Stored) -> Trace:
    return Trace("checkin", stored.id, stored.version + 1, {"version": stored.version, "entry": checkins.to_plain(stored.entry)})


def _plain(values: Any) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _logged(columns: Iterable[str]) -> set[str]:
    """The names of columns as the open log says them."""
    return {"coordinates" if column in {"latitude", "longitude"} else column for column in columns}


def nothing(_done: int, _total: int) -> None:
    """For those whom nobody watches."""
