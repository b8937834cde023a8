"""Tables as files: CSV that no spreadsheet runs, workbooks with typed cells, and JSON with a schema."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from bot.domain.calendar import Month
from bot.domain.exports import Format, What
from bot.domain.formulas import defused
from bot.services.exports.tables import COLUMNS, Kind, Value, Values

SCHEMA = "chapterhouse-export-1"
"""Names docs/export.schema.json in every JSON export."""
LAST_ROW = 1_048_576
"""Of a sheet; what does not fit stands on another one."""
NOTHING = ""

Write: TypeAlias = Callable[[Sequence[Values]], None]


@dataclass(frozen=True, slots=True)
class Head:
    """Which table a file holds, of which server, and when it was made."""

    what: What
    guild_id: int
    now: datetime


def opened(file: Path, written: Format, head: Head) -> AbstractContextManager[Write]:
    """Writes the rows it is given into a file, as they come; it is whole only once this ends without an error."""
    return {Format.CSV: _csv, Format.XLSX: _workbook, Format.JSON: _json}[written](file, head)


@contextmanager
def _csv(file: Path, head: Head) -> Iterator[Write]:
    # With its mark spreadsheet programs know that it is UTF-8; in quotation marks no other separator parts a text.
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(COLUMNS[head.what])
        yield lambda rows: writer.writerows([_written(value) for value in row] for row in rows)


def _written(value: Value) -> str | int | float:
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return value
        case str():
            return defused(value)
        case tuple():
            return defused(", ".join(value))
        case datetime():
            return _moment(value)
        case _:
            return str(value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def _workbook(file: Path, head: Head) -> Iterator[Write]:
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = head.now.astimezone(UTC).replace(tzinfo=None)
    kinds = tuple(COLUMNS[head.what].values())
    sheets: list[Any] = []
    room = 0

    def write(rows: Sequence[Values]) -> None:
        nonlocal room
        for row in rows:
            if room == 0:
                sheets.append(_sheet(book, head.what, len(sheets)))
                room = LAST_ROW - 1
            sheets[-1].append([_cell(sheets[-1], value, kind) for value, kind in zip(row, kinds, strict=True)])
            room -= 1

    yield write
    if not sheets:
        _sheet(book, head.what, 0)
    book.save(file)


def _sheet(book: Workbook, what: What, number: int) -> Any:
    sheet: Any = book.create_sheet(what if number == 0 else f"{what} {number + 1}")
    sheet.freeze_panes = "A2"
    header = []
    for column in COLUMNS[what]:
        cell = WriteOnlyCell(sheet, value=column)
        cell.font = Font(bold=True)
        header.append(cell)
    sheet.append(header)
    return sheet


_SHOWN_AS: Mapping[Kind, str] = {Kind.DAY: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm:ss"}


def _cell(sheet: Any, value: Value, kind: Kind) -> Any:
    match value:
        case None | () | "":
            return None
        case bool() | int() | float():
            return value
        case datetime() | date():
            moment: Any = value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
            cell = WriteOnlyCell(sheet, value=moment)
            cell.number_format = _SHOWN_AS[kind]
            return cell
        case _:
            words = ILLEGAL_CHARACTERS_RE.sub("", ", ".join(value) if isinstance(value, tuple) else str(value))
            if not words.startswith("="):
                return words
            cell = WriteOnlyCell(sheet, value=words)
            # What begins so is a formula to openpyxl, unless it is told otherwise.
            cell.data_type = "s"
            return cell


@contextmanager
def _json(file: Path, head: Head) -> Iterator[Write]:
    names = tuple(COLUMNS[head.what])
    first = {"schema": SCHEMA, "what": head.what.value, "guild_id": str(head.guild_id), "made_at": _moment(head.now)}
    between = "\n"
    with file.open("w", encoding="utf-8") as target:
        target.write(json.dumps(first)[:-1] + ', "rows": [')

        def write(rows: Sequence[Values]) -> None:
            nonlocal between
            for row in rows:
                plain = {name: _plain(value) for name, value in zip(names, row, strict=True)}
                target.write(between + json.dumps(plain, ensure_ascii=False))
                between = ",\n"

        yield write
        target.write("\n]}\n")


def _plain(value: Value) -> Any:
    match value:
        case tuple():
            return list(value)
        case datetime():
            return _moment(value)
        case date() | Month():
            return str(value)
        case _:
            return value
