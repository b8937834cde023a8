"""The open log as every member can read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain import calendar, changes, checkins, goals
from bot.domain.changes import Topic
from bot.domain.chapters import Chapter
from bot.domain.rights import Action, Caller
from bot.domain.text import Text
from bot.services import access
from db import change_pages
from db.change_pages import Entry
from db.organisations import Organisation
from db.store import Connection, Store

PAGE = 8
NEWEST = (datetime(9999, 12, 30, tzinfo=UTC), 2**63 - 1)
BEGINNING = date(2015, 1, 1)
"""Older than Discord: from here on all there is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, and what its goal is called, if it is about one."""

    entry: Entry
    goal: Text | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log: what it is narrowed to, its lines, and where the next one begins (None at the end)."""

    chapter: Chapter | None
    topic: Topic | None
    since: date
    lines: tuple[Line, ...]
    newest: bool
    following: tuple[datetime, int] | None


async def listed(
    store: Store,
    caller: Caller,
    chapter: str | int | None,
    topic: Topic | None,
    since: str | date | None,
    now: datetime,
    before: tuple[datetime, int] = NEWEST,
) -> LogPage:
    """The lines before this moment and id, newest first; of a chapter that hides only for its own people."""
    async with store.read() as c:
        organisation, found = await _about(c, caller, chapter)
        day = _day(since, calendar.today(now, organisation.zone))
        entries = await change_pages.page(
            c,
            organisation.guild_id,
            caller.user_id,
            before,
            datetime.combine(day, time(), organisation.zone) if day > BEGINNING else datetime.combine(day, time(), UTC),
            PAGE + 1,
            chapter_id=None if found is None else found.id,
            kinds=changes.of_topic(topic) if topic else (),
        )
        shown = await _lines(c, organisation.guild_id, entries[:PAGE])
    last = entries[PAGE - 1] if len(entries) > PAGE else None
    return LogPage(found, topic, day, shown, before == NEWEST, None if last is None else (last.at, last.id))


async def _about(c: Connection, caller: Caller, chapter: str | int | None) -> tuple[Organisation, Chapter | None]:
    if not chapter:
        return await access.organisation(c, caller), None
    scope = await (access.pressed(c, caller, chapter) if isinstance(chapter, int) else access.named(c, caller, chapter))
    scope.require(Action.READ)
    return scope.organisation, scope.chapter


def _day(since: str | date | None, today: date) -> date:
    if since is None:
        return BEGINNING
    day = checkins.parse_day(since, today) if isinstance(since, str) else since
    return min(max(day, BEGINNING), today + timedelta(days=1))


async def _lines(c: Connection, guild_id: int, entries: Sequence[Entry]) -> tuple[Line, ...]:
    named = await change_pages.goals(c, guild_id, sorted({each.goal_id for each in entries if each.goal_id is not None}))
    called = {goal_id: goals.called(each.metric, each.name) for goal_id, each in named.items()}
    return tuple(Line(each, called.get(each.goal_id or 0)) for each in entries)
