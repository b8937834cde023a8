"""Reports that come in: published on their own days, and counted on those; what is published here already stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from bot.domain import calendar
from bot.domain import checkins as checkin_rules
from bot.domain import reports as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, Dues
from bot.domain.checkins import CheckIn, Kind, Tally
from bot.domain.refusal import Refusal
from bot.domain.reports import Activity, Part, People, Report, Words
from bot.domain.text import Text, text
from bot.services.taking import cells
from bot.services.taking.cells import Order
from bot.services.taking.ground import Different, Found, Ground, cell
from bot.services.taking.table import Table
from db import past, past_reports
from db.past_reports import PastReport, There
from db.store import Connection

NOON = 12
NUMBERS = {
    "members": text("Members"),
    "met": text("Met face to face"),
    "meetings": text("Meetings"),
    "education": text("Education"),
    "tried": text("Projects or activities tried"),
    "worked": text("Of these, how many worked"),
}


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report to be stored as it was published; `closes` if it answers what its chapter is asked for."""

    chapter: str
    past: PastReport
    closes: bool = False

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return text("{chapter}, {period}", chapter=self.chapter, period=self.past.period)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    chapter: Chapter
    period: Month
    on: date
    report: Report
    may_share: bool


async def settle(c: Connection, taken: Table, ground: Ground) -> Found:
    """What the rows come to."""
    found = Found()
    order = cells.order_of(taken.column("published_on"))
    rows: dict[tuple[int, Month], _Row] = {}
    for number, row in taken.rows:
        try:
            new = _read(number, taken.given(row), ground, order)
        except Refusal as refusal:
            found.refused(taken, number, refusal)
            continue
        first = rows.setdefault((new.chapter.id, new.period), new)
        if first is not new:
            found.twice(taken, number, first.number)
    chapter_ids = sorted({chapter_id for chapter_id, _ in rows})
    there: dict[int, dict[Month, There]] = {}
    for each in await past_reports.reports_of(c, ground.guild_id, chapter_ids):
        there.setdefault(each.chapter_id, {})[each.period] = each
    known = await _known(c, ground, rows)
    published = await _published(c, ground, rows, there)
    for key, new in rows.items():
        periods = there.get(new.chapter.id, {})
        before = periods.get(new.period)
        if before is not None and before.published_on is not None:
            _compare(found, taken, new, before, published[before.id])
        elif before is not None and (before.begun or before.skipped_at is not None):
            found.refused(taken, new.number, _answered_here(new, before))
        else:
            found.added.append(_new(new, periods, known.get(key), ground.now))
    return found


def _read(number: int, given: Mapping[str, str], ground: Ground, order: Order | None) -> _Row:
    chapter = cell(given, "chapter", ground.chapter)
    period = cell(given, "period", cells.month)
    on = cell(given, "published_on", lambda written: cells.day(written, order))
    _check_days(ground, chapter, period, on)
    numbers = {name: cell(given, name, partial(cells.number, what=what)) for name, what in NUMBERS.items()}
    dues = cell(given, "dues", lambda written: cells.one_of(written, Dues))
    report = Report(
        People(numbers["members"], numbers["met"]),
        Activity(
            kinds=cell(given, "kinds", _kinds),
            meetings=numbers["meetings"],
            education=numbers["education"],
            tried=numbers["tried"],
            worked=numbers["worked"],
        ),
        Words(None if dues is None else Dues(dues), *(given.get(name) for name in ("changing", "hard", "help"))),
    )
    report = rules.check_all(report)
    if not rules.says_something(report):
        raise Refusal(text("Nothing is answered in this row."))
    return _Row(number, chapter, period, on, report, cell(given, "may_share", cells.yes_or_no) or False)


def _check_days(ground: Ground, chapter: Chapter, period: Month, on: date) -> None:
    today = ground.today(chapter)
    if on > today:
        raise Refusal(text("{day} is still to come. A report is imported with the day on which it was published.", day=on))
    if chapter.founded is not None and min(on, period.last) < chapter.founded:
        raise Refusal(text("{chapter} was founded on {day}, after this report.", chapter=chapter.name, day=chapter.founded))
    # On its own day it kept to the same rules as one that is published today.
    rules.check_period(period, on)


def _kinds(written: str) -> tuple[Kind, ...] | None:
    found = {cells.one_of(each, Kind) for each in cells.several(written)}
    return tuple(kind for kind in Kind if kind in found) or None


def _answered_here(new: _Row, before: There) -> Refusal:
    if before.begun:
        return Refusal(
            text(
                "{chapter} has begun to fill in {period} here. Leave the row out, or let them publish it.",
                chapter=new.chapter.name,
                period=new.period,
            )
        )
    return Refusal(
        text("{chapter} has skipped {period} here. Leave the row out, or let them publish it.", chapter=new.chapter.name, period=new.period)
    )


def _compare(found: Found, taken: Table, new: _Row, before: There, answers: Mapping[str, Mapping[str, object]]) -> None:
    """What was published here is its chapter's own to correct: a row never changes it."""
    columns = [
        name
        for part in Part
        for name, value in rules.to_plain(new.report.part(part)).items()
        if answers.get(part.value, {}).get(name) != value
    ]
    if before.published_on != new.on:
        columns.append("published_on")
    found.left += 1
    if columns:
        name = text("{chapter}, {period}", chapter=new.chapter.name, period=new.period)
        found.different.append(Different(taken.unit.first(new.number), name, tuple(columns)))


def _new(new: _Row, periods: Mapping[Month, There], known: Tally | None, now: datetime) -> NewReport:
    before = periods.get(new.period)
    owed = before is not None and before.owed
    claimed = {} if known is None else rules.claimed(new.report.activity, known)
    at = min(calendar.moment(new.on, NOON, new.chapter.zone), now)
    stored = PastReport(
        new.chapter.id, new.period, at, new.on, new.report, new.may_share, claimed, not (owed and _was_missed(new, periods))
    )
    return NewReport(new.chapter.name, stored, closes=owed)


def _was_missed(new: _Row, periods: Mapping[Month, There]) -> bool:
    """Whether a later period was owed or answered when this one, which was asked for here, was published."""
    later = (each for period, each in periods.items() if period > new.period)
    return any(
        (each.owed and each.period.last < new.on) or (each.published_on is not None and each.published_on <= new.on) for each in later
    )


async def _known(c: Connection, ground: Ground, rows: Mapping[tuple[int, Month], _Row]) -> dict[tuple[int, Month], Tally]:
    """What the check-ins of the rows' periods come to, for rows that claim a number of their own."""
    wanted = {key for key, new in rows.items() if new.report.activity.meetings or new.report.activity.education}
    if not wanted:
        return {}
    chapter_ids = sorted({chapter_id for chapter_id, _ in wanted})
    first, last = min(period for _, period in wanted).first, max(period for _, period in wanted).last
    entries: dict[tuple[int, Month], list[CheckIn]] = {key: [] for key in wanted}
    own = await past.checkins_of(c, ground.guild_id, chapter_ids, first, last)
    counted = [(each.chapter_id, each.entry) for each in own if not each.withdrawn]
    for chapter_id, entry in [*counted, *await past.joint_of(c, ground.guild_id, chapter_ids, first, last)]:
        if (chapter_id, Month.of(entry.day)) in entries:
            entries[chapter_id, Month.of(entry.day)].append(entry)
    return {key: checkin_rules.tally(found, ground.policy) for key, found in entries.items()}


async def _published(
    c: Connection, ground: Ground, rows: Mapping[tuple[int, Month], _Row], there: Mapping[int, Mapping[Month, There]]
) -> dict[int, dict[str, dict[str, object]]]:
    before = [there.get(chapter_id, {}).get(period) for chapter_id, period in rows]
    ids = [each.id for each in before if each is not None and each.published_on is not None]
    return await past_reports.published_answers(c, ground.guild_id, ids)
