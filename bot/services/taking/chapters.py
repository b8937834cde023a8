"""Chapters that come in: those whose names are free are added, of others the file's details take the place of what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.chapters import Chapter, fold
from bot.domain.text import Text, text
from bot.services import access, adding, intake
from bot.services.adding import Newcomer
from bot.services.taking.ground import Different, Found, Ground
from bot.services.taking.table import Bad, Table
from db import chapters, past
from db.store import Connection


@dataclass(frozen=True, slots=True)
class NewChapter:
    """A chapter to be added."""

    newcomer: Newcomer

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return text("{name}", name=self.newcomer.name)


@dataclass(frozen=True, slots=True)
class ChangedChapter:
    """A chapter that is there: the columns that are to be otherwise, as they are and as they will be; `country` if its branch changes."""

    chapter_id: int
    name: str
    fields: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    country: str | None

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return text("{name}", name=self.name)


async def settle(c: Connection, taken: Table, ground: Ground) -> Found:
    """What the rows come to; a name is never said to be a hidden chapter's."""
    there = await adding.ground(c, ground.organisation)
    settled = intake.settle(taken, there, ground.now, most=len(taken.rows))
    countries = {branch.id: branch.country for branch in await chapters.branches(c, ground.guild_id)}
    known = {number: ground.chapters[fold(row.name)] for number, row in settled.rows if fold(row.name) in ground.chapters}
    first_days = await past.first_days(c, ground.guild_id, sorted({chapter.id for chapter, _ in known.values()}))
    found = Found(bad=list(settled.bad))
    for number, row in settled.rows:
        if number not in known:
            found.added.append(NewChapter(row))
            if row.called_so:
                found.open.append(intake.unplaced(taken.unit.first(number), row))
            continue
        chapter, admins = known[number]
        if chapter.id in ground.hidden:
            found.refused(taken, number, access.name_is_taken(chapter))
            continue
        _compare(found, taken, number, row, chapter, admins, countries, first_days.get(chapter.id))
    found.bad.sort(key=lambda bad: bad.number)
    return found


def _compare(
    found: Found,
    taken: Table,
    number: int,
    row: Newcomer,
    chapter: Chapter,
    admins: frozenset[int],
    countries: Mapping[int, str],
    first_day: date | None,
) -> None:
    at = taken.unit.first(number)
    after = _after(row, chapter)
    if first_day is not None and after.get("founded", first_day) > first_day:
        reason = text("{chapter} checked in on {day} already, so it was founded by then.", chapter=chapter.name, day=first_day)
        found.bad.append(Bad(at, reason, number))
        return
    country = None if chapter.branch_id is None else countries[chapter.branch_id]
    moved = "branch" in row.given and row.country != country
    # Who is admin, and how a name is spelt, is changed by people alone.
    kept = [name for name, differs in (("name", row.name != chapter.name), ("admins", _other_admins(row, admins))) if differs]
    if kept or (chapter.archived and (after or moved)):
        found.different.append(Different(at, text("{name}", name=chapter.name), (*kept, *after)))
    if chapter.archived or not (after or moved):
        found.left += 1
        return
    before = {name: getattr(chapter, name) for name in after}
    if moved:
        before["branch_id"] = chapter.branch_id
    fields = tuple(sorted({*after, *(["branch"] if moved else [])}))
    found.changed.append(ChangedChapter(chapter.id, chapter.name, fields, before, after, row.country if moved else None))


def _other_admins(row: Newcomer, admins: frozenset[int]) -> bool:
    return "admins" in row.given and frozenset(row.admins) != admins


def _after(row: Newcomer, chapter: Chapter) -> dict[str, Any]:
    pairs = {
        "city": ("city", row.city),
        "latitude": ("latitude", row.latitude),
        "longitude": ("longitude", row.longitude),
        "timezone": ("timezone", row.timezone),
        "founded": ("founded", row.founded),
        "channel": ("channel_id", row.channel_id),
    }
    given = {name: value for column, (name, value) in pairs.items() if column in row.given}
    return {name: value for name, value in given.items() if value != getattr(chapter, name)}
