"""The chapter list that so far lived in a spreadsheet, taken over in one transaction or not at all."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.domain.chapters import Chapter, fold
from bot.domain.text import Text, counted, text
from bot.services import adding, intake
from bot.services.adding import Ground, Newcomer
from bot.services.intake import Settled
from bot.services.taking import storing, telling
from bot.services.taking.kinds import COLUMNS, Kind
from bot.services.taking.table import SHOWN, Bad, Chosen, Table, first_of, listed
from db import chapters, organisations
from db.store import Connection, Store

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Different:
    """A chapter that was there already and of which the file says something else."""

    at: Text
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or (`dry_run`) would do; with a bad row nothing was stored, unless bad rows were to be left out (`skip_bad`)."""

    taken: Table
    dry_run: bool
    skip_bad: bool
    unknown: tuple[str, ...] = ()
    bad: tuple[Bad, ...] = ()
    aside: int = 0
    doubt: Text | None = None
    added: int = 0
    there: int = 0
    branches: tuple[str, ...] = ()
    different: tuple[Different, ...] = ()
    open: tuple[Text, ...] = ()

    @property
    def stored(self) -> bool:
        """Whether what could be taken was stored, or would be."""
        return self.skip_bad or not self.bad

    def faults(self) -> list[Text]:
        """Each row that cannot be taken, and what became of the others, in sentences."""
        lines = [text("{place}: {reason}", place=bad.at, reason=bad.reason) for bad in self.bad]
        if not self.bad:
            return []
        if self.skip_bad:
            return [*lines, counted("{n} row was left out.", "{n} rows were left out.", len(self.bad))]
        last = counted(
            "Nothing was stored: {n} row cannot be taken. Mend it, or leave it out with {option}.",
            "Nothing was stored: {n} rows cannot be taken. Mend them, or leave them out with {option}.",
            len(self.bad),
            option="--skip-bad",
        )
        return [*lines, last]

    def lines(self) -> list[Text]:
        """What the file is like and what was stored, in sentences."""
        return [*self._read(), *(self._done() if self.stored else ())]

    def _read(self) -> Iterator[Text]:
        if self.doubt is not None:
            yield self.doubt
        if self.unknown:
            names = first_of(self.unknown)
            yield counted("Column ignored: {names}.", "Columns ignored: {names}.", len(self.unknown), names=names)
        if self.aside:
            yield counted(
                "{n} row was passed over, as {option} asks.", "{n} rows were passed over, as {option} asks.", self.aside, option="--only"
            )

    def _done(self) -> Iterator[Text]:
        if self.dry_run:
            yield counted("{n} chapter would be added.", "{n} chapters would be added.", self.added)
        elif self.added:
            yield counted("{n} chapter was added.", "{n} chapters were added.", self.added)
        else:
            yield text("Nothing has changed.")
        if self.branches:
            yield text("New branches: {names}.", names=listed(self.branches))
        yield from telling.open_lines(self.open[:SHOWN], len(self.open))
        if self.there:
            yield counted(
                "{n} chapter is there already and stays as it is.", "{n} chapters are there already and stay as they are.", self.there
            )
        for each in self.different:
            columns = listed(each.columns)
            yield text("{place}: {name} differs, not changed: {columns}.", place=each.at, name=each.name, columns=columns)


async def import_chapters(
    store: Store,
    guild_id: int,
    path: Path,
    now: datetime,
    by: int | None = None,
    *,
    chosen: Chosen | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Adds the chapters of a file that are not there yet; with a bad row none, or all others. An unknown server becomes an organisation."""
    async with store.read() as c:
        known = await organisations.find(c, guild_id)
        ground = Ground("UTC", "en", {}) if known is None else await adding.ground(c, known)
    # In a thread, because a file may hold thousands of rows.
    settled = await asyncio.to_thread(intake.settled, path, chosen or Chosen(), ground, now)
    report = ImportReport(settled.taken, dry_run, skip_bad, settled.unknown, settled.bad, settled.aside, settled.doubt)
    if not report.stored:
        return report
    if dry_run:
        async with store.read() as c:
            wanted, report = await _compare(c, guild_id, settled, report)
        return replace(report, added=len(wanted))
    async with store.write() as c:
        wanted, report = await _compare(c, guild_id, settled, report)
        organisation = await storing.organisation_of(c, guild_id, now, by)
        branches = await storing.add_chapters(c, organisation, wanted, now, by, progress or storing.nothing)
    return replace(report, added=len(wanted), branches=branches)


async def _compare(c: Connection, guild_id: int, settled: Settled, report: ImportReport) -> tuple[list[Newcomer], ImportReport]:
    """The chapters of the file that are not there yet, and what is to be said of the others."""
    known = await chapters.everything(c, guild_id)
    countries = {branch.id: branch.country for branch in await chapters.branches(c, guild_id)}
    wanted, different, unclear = [], [], []
    for number, row in settled.rows:
        there = known.get(fold(row.name))
        if there is None:
            wanted.append(row)
            if row.called_so:
                unclear.append(intake.unplaced(settled.taken.unit.first(number), row))
        elif columns := _differences(row, there[0], there[1], countries):
            different.append(Different(settled.taken.unit.first(number), row.name, columns))
    return wanted, replace(report, there=len(settled.rows) - len(wanted), different=tuple(different), open=tuple(unclear))


def _differences(row: Newcomer, there: Chapter, admins: frozenset[int], countries: Mapping[int, str]) -> tuple[str, ...]:
    """The columns in which the file gives something else than is stored; what it leaves empty differs from nothing."""
    pairs: dict[str, tuple[object, object]] = {
        "name": (row.name, there.name),
        "branch": (row.country, None if there.branch_id is None else countries[there.branch_id]),
        "city": (row.city, there.city),
        "latitude": (row.latitude, there.latitude),
        "longitude": (row.longitude, there.longitude),
        "timezone": (row.timezone, there.timezone),
        "founded": (row.founded, there.founded),
        "channel": (row.channel_id, there.channel_id),
        "admins": (frozenset(row.admins), admins),
    }
    return tuple(column for column in COLUMNS[Kind.CHAPTERS] if column in row.given and pairs[column][0] != pairs[column][1])
