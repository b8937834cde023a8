"""The chapter list that so far lived in a spreadsheet, taken over in one transaction or not at all."""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from io import StringIO
from itertools import chain
from pathlib import Path

from bot.domain.chapters import Chapter, fold
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, counted, text
from bot.services import adding
from bot.services.adding import Given, Ground, Newcomer
from db import changes, chapters, organisations
from db.organisations import Organisation
from db.store import Connection, Store

COLUMNS = tuple(each.name for each in fields(Given))
LARGEST_FILE = 20_000_000
BATCH = 250

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Bad:
    """A line of the file that cannot be taken, and why."""

    line: int
    reason: Text


@dataclass(frozen=True, slots=True)
class Different:
    """A chapter that was there already and of which the file says something else."""

    line: int
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: chapters with their line numbers, lines that cannot be taken, and columns that nobody knows."""

    rows: tuple[tuple[int, Newcomer], ...]
    bad: tuple[Bad, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or (`dry_run`) would do; with a bad line nothing was stored."""

    dry_run: bool
    unknown: tuple[str, ...] = ()
    bad: tuple[Bad, ...] = ()
    added: int = 0
    there: int = 0
    branches: tuple[str, ...] = ()
    different: tuple[Different, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether every line could be taken."""
        return not self.bad

    def lines(self) -> list[Text]:
        """The report in sentences."""
        return list(self._sentences())

    def _sentences(self) -> Iterator[Text]:
        if self.unknown:
            yield counted(
                "Unknown column, ignored: {names}.", "Unknown columns, ignored: {names}.", len(self.unknown), names=_list(self.unknown)
            )
        if self.bad:
            yield from (text("Line {line}: {reason}", line=str(bad.line), reason=bad.reason) for bad in self.bad)
            yield counted(
                "Nothing was stored: {n} line cannot be taken. Mend it and import the file again.",
                "Nothing was stored: {n} lines cannot be taken. Mend them and import the file again.",
                len(self.bad),
            )
            return
        if self.dry_run:
            yield counted("{n} chapter would be added.", "{n} chapters would be added.", self.added)
        elif self.added:
            yield counted("{n} chapter was added.", "{n} chapters were added.", self.added)
        else:
            yield text("Nothing has changed.")
        if self.branches:
            yield text("New branches: {names}.", names=_list(self.branches))
        if self.there:
            yield counted(
                "{n} chapter is there already and stays as it is.", "{n} chapters are there already and stay as they are.", self.there
            )
        for each in self.different:
            columns = _list(each.columns)
            yield text("Line {line}: {name} differs, not changed: {columns}.", line=str(each.line), name=each.name, columns=columns)


async def import_chapters(
    store: Store,
    guild_id: int,
    path: Path,
    now: datetime,
    by: int | None = None,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Adds the chapters of a CSV file that are not there yet, or nothing if any line is bad; an unknown server becomes an organisation."""
    async with store.read() as c:
        known = await organisations.find(c, guild_id)
        ground = Ground("UTC", "en", {}) if known is None else await adding.ground(c, known)
    sheet = await asyncio.to_thread(lambda: _sheet(_bytes(path), ground, now))
    report = ImportReport(dry_run, sheet.unknown, sheet.bad)
    if sheet.bad:
        return report
    if dry_run:
        async with store.read() as c:
            wanted, report = await _compare(c, guild_id, sheet, report)
        return replace(report, added=len(wanted))
    async with store.write() as c:
        wanted, report = await _compare(c, guild_id, sheet, report)
        organisation = await _organisation(c, guild_id, now, by)
        branches: tuple[str, ...] = ()
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            branches += (await adding.store(c, organisation, batch, now, by)).branches
            if progress is not None:
                progress(start + len(batch), len(wanted))
    return replace(report, added=len(wanted), branches=tuple(sorted(branches)))


async def _organisation(c: Connection, guild_id: int, now: datetime, by: int | None) -> Organisation:
    if await organisations.create(c, guild_id, now):
        await changes.log(c, guild_id, "organisation.add", now, by)
    found = await organisations.find(c, guild_id)
    assert found is not None
    return found


async def _compare(c: Connection, guild_id: int, sheet: Sheet, report: ImportReport) -> tuple[list[Newcomer], ImportReport]:
    """The chapters of the sheet that are not there yet, and what is to be said of the others."""
    known = await chapters.everything(c, guild_id)
    countries = {branch.id: branch.country for branch in await chapters.branches(c, guild_id)}
    wanted, different = [], []
    for line, row in sheet.rows:
        there = known.get(fold(row.name))
        if there is None:
            wanted.append(row)
        elif columns := _differences(row, there[0], there[1], countries):
            different.append(Different(line, row.name, columns))
    return wanted, replace(report, there=len(sheet.rows) - len(wanted), different=tuple(different))


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
    return tuple(column for column in COLUMNS if column in row.given and pairs[column][0] != pairs[column][1])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(text("The file cannot be read: {reason}.", reason=error.strerror or type(error).__name__)) from error


def _sheet(written: bytes, ground: Ground, now: datetime) -> Sheet:
    header, records = _records(_decoded(written))
    names = [each.strip().casefold() for each in header]
    if "name" not in names:
        raise Refusal(
            text("The file has no column {name}. Its first line must name the columns: {columns}.", name="name", columns=_list(COLUMNS))
        )
    twice = sorted({each for each in names if each in COLUMNS and names.count(each) > 1})
    if twice:
        raise Refusal(text("The file has two columns of one name: {names}. Remove one of them.", names=_list(twice)))
    rows: list[tuple[int, Newcomer]] = []
    bad: list[Bad] = []
    first: dict[str, int] = {}
    for line, record in records:
        try:
            row = _row(record, names)
            seen = first.setdefault(fold(row.name), line) if row.name.strip() else line
            if seen != line:
                raise Refusal(text("{name} stands in line {line} already.", name=row.name[:60], line=str(seen)))
            rows.append((line, adding.settle(row, ground, now)))
        except Refusal as refusal:
            bad.append(Bad(line, refusal.reason))
    unknown = tuple(shown.strip() or "?" for shown, name in zip(header, names, strict=True) if name not in COLUMNS and shown.strip())
    return Sheet(tuple(rows), tuple(bad), unknown)


def _row(record: Sequence[str] | Refusal, names: Sequence[str]) -> Given:
    if isinstance(record, Refusal):
        raise record
    if any(extra.strip() for extra in record[len(names) :]):
        raise Refusal(
            text("This line has {n} columns, but the first line names only {named}. A comma too many?", n=len(record), named=len(names))
        )
    values = {name: value.strip() for name, value in zip(names, record, strict=False) if name in COLUMNS}
    return Given(**{"name": "", **values})


def _records(words: str) -> tuple[list[str], Iterator[tuple[int, list[str] | Refusal]]]:
    """The first line's columns, and each later line that holds anything, with its number; whichever of , ; and tab separates them."""
    first = next((line for line in StringIO(words, newline="") if line.strip()), "")
    read = _read(words, max(",;\t", key=lambda each: len(_known(first, each))))
    _, header = next(read)
    if isinstance(header, Refusal):
        raise header
    return header, read


def _known(first: str, delimiter: str) -> list[str]:
    columns = next(csv.reader([first], delimiter=delimiter), [])
    return [each for each in columns if each.strip().casefold() in COLUMNS]


def _read(words: str, delimiter: str) -> Iterator[tuple[int, list[str] | Refusal]]:
    reader = csv.reader(StringIO(words, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # From here on nobody knows where a line ends.
            yield line, Refusal(text("This line cannot be read: look at its quotation marks. What follows it was not looked at."))
            return
        if any(value.strip() for value in record):
            yield line, record


def _decoded(written: bytes) -> str:
    if len(written) > LARGEST_FILE:
        raise Refusal(text("The file is larger than {most} megabytes. Divide it.", most=LARGEST_FILE // 1_000_000))
    if not written.strip():
        raise Refusal(text("The file is empty. Its first line must name the columns: {columns}.", columns=_list(COLUMNS)))
    encodings = chain(["utf-16"] if written[:2] in (b"\xff\xfe", b"\xfe\xff") else [], ["utf-8-sig", "cp1252", "latin-1"])
    for encoding in encodings:
        try:
            words = written.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in words and words.strip():
            return words
    raise Refusal(text("This is not a CSV file. Save the sheet as CSV (comma-separated values), and import that."))


def _list(names: Sequence[str]) -> Listing:
    return Listing(tuple(names), "comma")
