"""An import taken back whole: what it added goes, what it changed gets its earlier values; refused if people changed any of it since."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.domain import calendar
from bot.domain import goals as goal_rules
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, counted, text
from bot.services.taking.kinds import Kind, many
from bot.services.taking.storing import BATCH, SUMMED
from db import changes, chapters, checkins, goals, intakes, past, past_goals, past_reports, stale, summaries, uprooting
from db.intakes import Intake, Trace
from db.organisations import Organisation
from db.store import Connection

NAMED = 5
DAYS = frozenset({"founded"})
_FIELD = {"latitude": "coordinates", "longitude": "coordinates", "channel_id": "channel", "branch_id": "branch"}


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: of which import, and how many rows went or got their earlier values."""

    kind: Kind
    at: datetime
    removed: int
    restored: int


async def take_back(c: Connection, organisation: Organisation, done: Intake, now: datetime, by: int | None) -> Undone:
    """Takes an import back, whole or not at all."""
    guild_id = organisation.guild_id
    undone_from = await intakes.mark(c, guild_id)
    work = _Work(c, organisation, done, now, by)
    for trace in await intakes.traces(c, guild_id, done.id):
        work.traces.setdefault(trace.what, []).append(trace)
    await work.refuse_what_changed()
    await work.run()
    await changes.log(c, guild_id, "import.undo", now, by, fields=(done.kind,))
    undone_to = await intakes.mark(c, guild_id)
    await intakes.alter(c, guild_id, done.id, state="undone", undone_from=undone_from, undone_to=undone_to)
    main = {"checkin", "report", "goal", "figure", "chapter"}
    counts = [trace for what, traces in work.traces.items() for trace in traces if what in main or (what == "revision" and trace.before)]
    removed = sum(trace.before is None for trace in counts)
    return Undone(Kind(done.kind), done.at, removed, len(counts) - removed)


@dataclass(slots=True)
class _Work:
    c: Connection
    organisation: Organisation
    done: Intake
    now: datetime
    by: int | None
    traces: dict[str, list[Trace]] = field(default_factory=dict)

    @property
    def guild_id(self) -> int:
        return self.organisation.guild_id

    def of(self, what: str, *, added: bool) -> list[Trace]:
        return [trace for trace in self.traces.get(what, []) if (trace.before is None) == added]

    def ids(self, what: str, *, added: bool) -> list[int]:
        return [trace.row_id for trace in self.of(what, added=added)]

    async def refuse_what_changed(self) -> None:
        """Refuses, and names what people changed since, without a word of what hides from whoever wants it taken back."""
        touched = [*await self._checkins_touched(), *await self._reports_touched()]
        touched += [*await self._goals_touched(), *await self._chapters_touched()]
        if not touched:
            return
        shown = [each for each in touched if each is not None]
        if not shown:
            raise Refusal(text("Something was changed since this import, so nothing was taken back. Mend by hand what is wrong."))
        first = [*shown[:NAMED], *([text("…")] if len(shown) > NAMED else [])]
        raise Refusal(
            counted(
                "{which} was changed since this import, so nothing was taken back. Mend by hand what is wrong.",
                "{n} things were changed since this import, so nothing was taken back: {which}. Mend by hand what is wrong.",
                len(shown),
                which=Listing(tuple(first), "comma"),
            )
        )

    async def _checkins_touched(self) -> list[Text | None]:
        traces = {trace.row_id: trace for trace in self.traces.get("checkin", [])}
        stored = await past.checkins_by_id(self.c, self.guild_id, traces)
        answered = await past.answered_by_partners(self.c, self.guild_id, self.ids("checkin", added=True))
        # A withdrawal is a version of its own.
        changed = [each for each in stored if each.version != traces[each.id].version or each.id in answered]
        names = await self._names({each.chapter_id for each in changed})
        return [
            text("{chapter}, {kind} on {day}", chapter=names[each.chapter_id], kind=each.entry.kind.value, day=each.entry.day)
            if each.chapter_id in names
            else None
            for each in changed
        ]

    async def _reports_touched(self) -> list[Text | None]:
        changed = await past_reports.touched_reports(self.c, self.guild_id, self.ids("report", added=True))
        found = await past_reports.reports_by_id(self.c, self.guild_id, changed)
        names = await self._names({chapter_id for chapter_id, _, _ in found.values()})
        return [
            text("{chapter}, {period}", chapter=names[chapter_id], period=period) if chapter_id in names else None
            for chapter_id, period, _ in found.values()
        ]

    async def _goals_touched(self) -> list[Text]:
        revisions = self.traces.get("revision", [])
        if not revisions:
            return []
        added = self.ids("goal", added=True)
        ours = [*added, *(int(trace.before["goal"]) for trace in revisions if trace.before is not None)]
        changed = await past_goals.revised_since(self.c, self.guild_id, ours, max(trace.row_id for trace in revisions))
        changed |= await past_goals.with_figures(self.c, self.guild_id, added)
        found = [await goals.find(self.c, self.guild_id, goal_id) for goal_id in sorted(changed)]
        return [goal_rules.label(each[0]) for each in found if each is not None]

    async def _chapters_touched(self) -> list[Text | None]:
        added = self.ids("chapter", added=True)
        undone = await intakes.undone_lines(self.c, self.guild_id)
        lines = await uprooting.lines_since(self.c, self.guild_id, added, self.done.log_to or 0)
        changed = {chapter_id for line, chapter_id in lines if not any(first < line <= last for first, last in undone)}
        changed |= await uprooting.with_entries(self.c, self.guild_id, added)
        altered = self.of("chapter", added=False)
        now = await chapters.many(self.c, self.guild_id, [trace.row_id for trace in altered])
        for trace in altered:
            there = now.get(trace.row_id)
            after = _columns((trace.before or {})["after"])
            if there is None or any(getattr(there, name) != value for name, value in after.items()):
                changed.add(trace.row_id)
        names = await self._names(changed)
        return [text("{name}", name=names[chapter_id]) if chapter_id in names else None for chapter_id in sorted(changed)]

    async def _names(self, chapter_ids: Iterable[int]) -> dict[int, str]:
        hidden = frozenset[int]() if self.by is None else await intakes.unseen_by(self.c, self.guild_id, self.by)
        found = (await chapters.many(self.c, self.guild_id, chapter_ids)).values()
        return {each.id: each.name for each in found if each.id not in hidden}

    async def run(self) -> None:
        """Takes all of it back."""
        affected = await self._take_back_checkins() | await self._take_back_reports() | await self._restore_chapters()
        figures = await past_goals.first_day(self.c, self.guild_id, self.ids("figure", added=True))
        if figures is not None:
            await stale.from_day(self.c, self.guild_id, figures, self.now)
        if self.ids("chapter", added=True):
            # Somewhere on earth it was the day before.
            await stale.from_day(self.c, self.guild_id, self.done.at.date() - calendar.ONE_DAY, self.now)
        await past_goals.delete_figures(self.c, self.guild_id, self.ids("figure", added=True))
        await past_goals.delete_revisions(self.c, self.guild_id, self.ids("revision", added=False))
        await past_goals.delete_goals(self.c, self.guild_id, self.ids("goal", added=True))
        await uprooting.delete_chapters(self.c, self.guild_id, self.ids("chapter", added=True))
        await uprooting.delete_unused_branches(self.c, self.guild_id, self.ids("branch", added=True), self.done.log_to or 0)
        left = sorted(affected)
        for start in range(0, len(left), SUMMED):
            await summaries.refresh(self.c, self.guild_id, left[start : start + SUMMED], self.now, self.organisation.policy)
            await asyncio.sleep(0)

    async def _take_back_checkins(self) -> set[int]:
        traces = {trace.row_id: trace for trace in self.traces.get("checkin", [])}
        stored = await past.checkins_by_id(self.c, self.guild_id, traces)
        affected = {each.chapter_id for each in stored}
        days = [each.entry.day for each in stored]
        days += [_earlier(trace)[0].day for trace in traces.values() if trace.before is not None]
        if days:
            await stale.from_day(self.c, self.guild_id, min(days), self.now)
        before = [(each, _earlier(traces[each.id])) for each in stored if traces[each.id].before is not None]
        for start in range(0, len(before), BATCH):
            entries = [(each, entry, version) for each, (entry, version) in before[start : start + BATCH]]
            affected |= await past.set_checkins(self.c, self.guild_id, entries, self.now, self.by)
        await past.delete_checkins(self.c, self.guild_id, self.ids("checkin", added=True))
        return affected

    async def _take_back_reports(self) -> set[int]:
        found = await past_reports.reports_by_id(self.c, self.guild_id, self.ids("report", added=True))
        gone = [report_id for report_id, (_, _, owed) in found.items() if not owed]
        emptied = [report_id for report_id, (_, _, owed) in found.items() if owed]
        periods = [period for _, period, _ in found.values()]
        if periods:
            # None was published before its month was over.
            await stale.from_day(self.c, self.guild_id, min(periods).plus(1).first, self.now)
            await stale.from_month(self.c, self.guild_id, min(periods))
        await past_reports.take_back_reports(self.c, self.guild_id, gone, emptied)
        await past_reports.delete_facts(self.c, self.guild_id, self.ids("fact", added=True))
        return {chapter_id for chapter_id, _, _ in found.values()}

    async def _restore_chapters(self) -> set[int]:
        altered = self.of("chapter", added=False)
        for trace in altered:
            await chapters.change(self.c, self.guild_id, trace.row_id, **_columns((trace.before or {})["before"]))
        fields = {trace.row_id: sorted(_FIELD.get(name, name) for name in (trace.before or {})["before"]) for trace in altered}
        await changes.log_many(self.c, self.guild_id, "chapter.edit", self.now, self.by, fields)
        return set(fields)


def _columns(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: date.fromisoformat(value) if name in DAYS and value else value for name, value in plain.items()}


def _earlier(trace: Trace) -> tuple[Any, int]:
    assert trace.before is not None
    return checkins.from_plain(trace.before["entry"]), trace.before["version"]


def said(undone: Undone) -> Sequence[Text]:
    """What was taken back, in sentences."""
    lines = []
    if undone.removed:
        lines.append(text("Taken away again: {many}.", many=many(undone.kind, undone.removed)))
    if undone.restored:
        lines.append(text("As before again: {many}.", many=many(undone.kind, undone.restored)))
    return lines
