"""The tables that people and programs take out: their columns, and their rows as far as whoever asks may see them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, TypeAlias

from bot.domain import privacy
from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.exports import What
from bot.domain.goals import Goal
from bot.domain.policy import Policy
from bot.domain.privacy import GENDERS
from bot.domain.reports import Part
from bot.services.exports.archive import Progress
from bot.services.facts import Key
from db import exports, goals, organisations
from db.exports import Known
from db.store import Connection

AT_ONCE = 25
"""Chapters whose entries are read together."""
PAGE = 2000

Value: TypeAlias = str | int | float | bool | date | datetime | Month | tuple[str, ...] | None
Values: TypeAlias = tuple[Value, ...]


class Kind(Enum):
    """What the values of a column are."""

    TEXT = auto()
    WORDS = auto()
    ID = auto()
    NUMBER = auto()
    FRACTION = auto()
    YES_NO = auto()
    DAY = auto()
    MONTH = auto()
    MOMENT = auto()


def _columns(**kinds: Kind) -> Mapping[str, Kind]:
    return MappingProxyType(kinds)


COLUMNS: Mapping[What, Mapping[str, Kind]] = MappingProxyType(
    {
        What.CHAPTERS: _columns(
            name=Kind.TEXT,
            branch=Kind.TEXT,
            city=Kind.TEXT,
            latitude=Kind.FRACTION,
            longitude=Kind.FRACTION,
            timezone=Kind.TEXT,
            founded=Kind.DAY,
            channel=Kind.ID,
            languages=Kind.WORDS,
            visibility=Kind.TEXT,
            added_on=Kind.DAY,
            rhythm=Kind.NUMBER,
            functioning=Kind.YES_NO,
            members=Kind.NUMBER,
            members_on=Kind.DAY,
            met=Kind.NUMBER,
            met_on=Kind.DAY,
            **dict.fromkeys(GENDERS, Kind.NUMBER),
            counted=Kind.NUMBER,
            counted_on=Kind.DAY,
            delegate=Kind.TEXT,
            money=Kind.TEXT,
            dues=Kind.TEXT,
        ),
        What.CHECKINS: _columns(
            chapter=Kind.TEXT,
            date=Kind.DAY,
            kind=Kind.TEXT,
            people=Kind.NUMBER,
            format=Kind.TEXT,
            education=Kind.YES_NO,
            with_chapters=Kind.WORDS,
            note=Kind.TEXT,
        ),
        What.REPORTS: _columns(
            chapter=Kind.TEXT,
            period=Kind.MONTH,
            published_on=Kind.DAY,
            members=Kind.NUMBER,
            met=Kind.NUMBER,
            kinds=Kind.WORDS,
            meetings=Kind.NUMBER,
            education=Kind.NUMBER,
            tried=Kind.NUMBER,
            worked=Kind.NUMBER,
            dues=Kind.TEXT,
            changing=Kind.TEXT,
            hard=Kind.TEXT,
            help=Kind.TEXT,
            may_share=Kind.YES_NO,
            quiet=Kind.YES_NO,
            private_note=Kind.TEXT,
        ),
        What.GOALS: _columns(metric=Kind.TEXT, name=Kind.TEXT, target=Kind.NUMBER, start=Kind.DAY, deadline=Kind.DAY),
        What.FIGURES: _columns(goal=Kind.TEXT, date=Kind.DAY, value=Kind.NUMBER),
        What.VALUES: _columns(
            goal=Kind.TEXT,
            metric=Kind.TEXT,
            day=Kind.DAY,
            value=Kind.NUMBER,
            behind=Kind.NUMBER,
            chapters=Kind.NUMBER,
            oldest=Kind.DAY,
        ),
        What.LOG: _columns(
            at=Kind.MOMENT,
            kind=Kind.TEXT,
            chapter=Kind.TEXT,
            branch=Kind.TEXT,
            goal=Kind.TEXT,
            fields=Kind.WORDS,
            made_by=Kind.ID,
        ),
    }
)
"""The columns of each table, in the order in which they are written; an import takes those that it knows and leaves the others."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which server somebody takes out what, and whether of their own chapters alone; nobody (0) is shown nothing that is private."""

    guild_id: int
    user_id: int
    own: bool
    now: datetime


Pages: TypeAlias = AsyncIterator[list[Values]]


def rows(c: Connection, what: What, asked: Asked, progress: Progress) -> Pages:
    """The rows of a table as far as whoever asks may see them, some at a time."""
    return _ROWS[what](c, asked, progress)


# Chapter by chapter


async def _chapters(c: Connection, asked: Asked, progress: Progress) -> Pages:
    policy = await organisations.policy_in_force(c, asked.guild_id)
    async for batch, _ in _batches(c, asked, progress):
        ids = [each.id for each in batch]
        found = await exports.chapters(c, asked.guild_id, ids)
        said = await exports.facts(c, asked.guild_id, ids)
        counts = await exports.counts(c, asked.guild_id, ids, privacy.GENDER)
        yield [_chapter(each, found[each.id], said, counts.get(each.id), policy, asked.now) for each in batch]


def _chapter(
    each: Known, row: Any, said: Mapping[tuple[int, str], str], count: privacy.Count | None, policy: Policy, now: datetime
) -> Values:
    shown = privacy.Shown(None, None) if count is None else privacy.shown_alone(count.cells, policy, insider=each.own)
    told = count is not None and shown.total is not None
    functioning = row.lapses_at is not None and row.lapses_at > now and not row.archived and (row.awake_at is None or row.awake_at <= now)
    return (
        row.name,
        row.country,
        row.city,
        row.latitude,
        row.longitude,
        row.timezone,
        row.founded,
        None if row.channel_id is None else str(row.channel_id),
        tuple(row.languages),
        Visibility(row.visibility).value,
        row.added_on,
        row.rhythm,
        functioning,
        row.members,
        row.members_on,
        row.met,
        row.met_on,
        *(None if shown.cells is None else shown.cells.get(name) for name in GENDERS),
        shown.total,
        count.day if told and count is not None else None,
        *(said.get((each.id, key)) if each.own else None for key in (Key.DELEGATE, Key.MONEY, Key.DUES)),
    )


async def _checkins(c: Connection, asked: Asked, progress: Progress) -> Pages:
    async for batch, names in _batches(c, asked, progress):
        found = await exports.checkins(c, asked.guild_id, [each.id for each in batch])
        partners = await exports.partners(c, asked.guild_id, [row.id for rows in found.values() for row in rows])
        yield [
            (
                each.name,
                row.day,
                row.kind,
                row.people,
                row.format,
                row.education,
                tuple(sorted(names[partner] for partner in partners.get(row.id, ()) if partner in names)),
                row.note,
            )
            for each in batch
            for row in found.get(each.id, ())
        ]


async def _reports(c: Connection, asked: Asked, progress: Progress) -> Pages:
    async for batch, _ in _batches(c, asked, progress):
        found = await exports.reports(c, asked.guild_id, [each.id for each in batch])
        yield [_report(each, row) for each in batch for row in found.get(each.id, ())]


def _report(each: Known, row: Any) -> Values:
    people, activity, words = (row.answers.get(part.value, {}) for part in (Part.PEOPLE, Part.ACTIVITY, Part.WORDS))
    return (
        each.name,
        row.period,
        row.first_published_on,
        *(people.get(name) for name in ("members", "met")),
        tuple(activity.get("kinds", ())),
        *(activity.get(name) for name in ("meetings", "education", "tried", "worked")),
        words.get("dues") if each.own else None,
        *(words.get(name) for name in ("changing", "hard", "help")),
        row.may_share,
        row.quiet,
        (row.words or {}).get("private_note") if each.own else None,
    )


async def _batches(c: Connection, asked: Asked, progress: Progress) -> AsyncIterator[tuple[Sequence[Known], Mapping[int, str]]]:
    """Some of the chapters after others, with the names of all that may be named."""
    wanted = await exports.known(c, asked.guild_id, asked.user_id, own=asked.own)
    seen = await exports.known(c, asked.guild_id, asked.user_id, own=False) if asked.own else wanted
    names = {each.id: each.name for each in seen}
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE], names
        progress(min(start + AT_ONCE, len(wanted)), len(wanted))


# Of the whole organisation


async def _goals(c: Connection, asked: Asked, progress: Progress) -> Pages:
    yield [_goal(each) for each in await goals.in_force(c, asked.guild_id)]
    progress(1, 1)


def _goal(each: Goal) -> Values:
    return (each.metric, each.name, each.target, each.starts, each.deadline)


async def _figures(c: Connection, asked: Asked, progress: Progress) -> Pages:
    called = await _called(c, asked.guild_id)
    yield [(called[row.goal_id], row.day, row.value) for row in await exports.figures(c, asked.guild_id)]
    progress(1, 1)


async def _values(c: Connection, asked: Asked, progress: Progress) -> Pages:
    names, called = await exports.goal_names(c, asked.guild_id), await _called(c, asked.guild_id)
    total, _ = await exports.sizes(c, asked.guild_id)
    after, done = (0, ""), 0
    while page := await exports.values(c, asked.guild_id, after, PAGE):
        yield [(called[row.goal_id], names[row.goal_id][0], row.day, row.value, row.behind, row.chapters, row.oldest) for row in page]
        after = (page[-1].goal_id, page[-1].day.isoformat())
        done += len(page)
        progress(done, total)


async def _log(c: Connection, asked: Asked, progress: Progress) -> Pages:
    called = await _called(c, asked.guild_id)
    _, total = await exports.sizes(c, asked.guild_id)
    after, done = 0, 0
    while page := await exports.changes(c, asked.guild_id, asked.user_id, after, PAGE, own=asked.own):
        yield [
            (
                row.at - timedelta(microseconds=row.at.microsecond),
                row.kind,
                row.chapter,
                row.branch,
                called.get(row.goal_id),
                tuple(row.fields),
                None if row.made_by is None else str(row.made_by),
            )
            for row in page
        ]
        after = page[-1].id
        done += len(page)
        progress(done, total)


async def _called(c: Connection, guild_id: int) -> dict[int, str]:
    """What each goal is called: its name, else what it measures."""
    return {goal_id: name or metric for goal_id, (metric, name) in (await exports.goal_names(c, guild_id)).items()}


_ROWS: Mapping[What, Callable[[Connection, Asked, Progress], Pages]] = {
    What.CHAPTERS: _chapters,
    What.CHECKINS: _checkins,
    What.REPORTS: _reports,
    What.GOALS: _goals,
    What.FIGURES: _figures,
    What.VALUES: _values,
    What.LOG: _log,
}
