"""An Excel workbook, read without being trusted: no formula is worked out, and what would unpack to far too much is refused first."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from io import BytesIO
from itertools import chain
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from bot.domain.refusal import Refusal
from bot.domain.text import Listing, text
from bot.services.sheets.rows import EXACT, Cell, Row, Sheet, Unit, empty, key, limited, number, too_wide

LARGEST_UNPACKED = 50_000_000
LARGEST_ENTRIES, LARGEST_SHEETS = 2000, 100
LARGEST_MARKS = 900_000
"""Tags and attributes, of which each takes some hundred bytes of memory."""
MANY, MANY_A_TAG = 10_000, 20
"""So many attributes in one piece, and more than so many for each tag, take a reader minutes."""
LARGEST_ASIDE = 200_000
"""Tags and attributes of a part that is neither a sheet nor its words: styles are read slowly."""
LARGEST_COLUMNS = 200
LAST_ROW = 1_048_576
HEADER_WITHIN = 1000
CHUNK = 1 << 20
SHEETS = ("xl/worksheets/", "xl/sharedStrings")

# What openpyxl leaves out (pictures, rules for entering, styles) is no news to whoever imports a list.
warnings.filterwarnings("ignore", module="openpyxl")

_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["'](?!utf-8["']|us-ascii["'])""", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^<>]*\bref\s*=\s*["']([A-Z0-9:]+)""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


@dataclass(slots=True)
class _Part:
    """What has to be known of one part of the archive before openpyxl reads it."""

    marks: int = 0
    merged: tuple[str, ...] = ()
    formulas: bool = False


def read(written: bytes, named: str | None) -> Sheet:
    """The columns in the first row that holds anything, and each later such row, of the named sheet or the only one with contents."""
    with _readable():
        parts = _inspected(written)
        book = load_workbook(BytesIO(written), read_only=True, data_only=True, keep_links=False)
        chosen = _chosen(book.worksheets, named)
        part = parts[chosen._worksheet_path]  # noqa: SLF001 - openpyxl has no public word for merged cells that are only read
        if part.merged:
            raise Refusal(
                text(
                    "The sheet has merged cells ({cells}). Unmerge them, write into each row what belongs there, and import it again.",
                    cells=Listing(part.merged, "comma"),
                )
            )
        again = load_workbook(BytesIO(written), read_only=True, keep_links=False)[chosen.title] if part.formulas else None
        first, header = next(_rows(chosen, again, LARGEST_COLUMNS + 1, HEADER_WITHIN), (0, []))
    if not header:
        raise empty()
    columns = [cell if isinstance(cell, str) else "" for cell in header]
    if any(columns[LARGEST_COLUMNS:]):
        raise too_wide(LARGEST_COLUMNS)
    while columns and not columns[-1]:
        columns.pop()
    keys = [key(column) for column in columns]
    return Sheet(Unit.ROW, tuple(columns), limited(lambda: _below(first, _rows(chosen, again, len(keys)), keys)))


def _below(header: int, rows: Iterator[tuple[int, list[Cell]]], keys: list[str]) -> Iterator[tuple[int, Row | Refusal]]:
    with _readable():
        for position, cells in rows:
            if position > header:
                yield position, dict(zip(keys, cells, strict=True))


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever a damaged or forged workbook makes openpyxl raise, it is no workbook that can be read."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(
            text("This workbook is damaged, or was not written by a spreadsheet program. Save the sheet as CSV, and import that.")
        ) from error


def _inspected(written: bytes) -> dict[str, _Part]:
    """What each part of the archive holds; refuses one that unpacks to too much, or could unfold into more than it shows."""
    with ZipFile(BytesIO(written)) as archive:
        if len(archive.infolist()) > LARGEST_ENTRIES or sum(each.file_size for each in archive.infolist()) > LARGEST_UNPACKED:
            raise _too_large()
        parts: dict[str, _Part] = {}
        marks = 0
        for each in archive.infolist():
            parts[each.filename] = part = _Part()
            with archive.open(each) as opened:
                _inspect(iter(partial(opened.read, CHUNK), b""), part)
            marks += part.marks
            if marks > LARGEST_MARKS or (part.marks > LARGEST_ASIDE and not each.filename.startswith(SHEETS)):
                raise _too_large()
        return parts


def _inspect(chunks: Iterator[bytes], part: _Part) -> None:
    first = next(chunks, b"")
    if first.startswith(_WIDE) or _ENCODING.search(first[:500]):
        raise BadZipFile("no spreadsheet program writes XML so")
    if not first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return  # a picture and the like, which nobody reads as XML
    before = b""
    for chunk in chain([first], chunks):
        seen = before + chunk
        if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
            raise BadZipFile("no spreadsheet program writes document types")
        tags, attributes = chunk.count(b"<"), chunk.count(b"=")
        if not tags and len(chunk) == CHUNK:
            raise BadZipFile("no spreadsheet program writes so much between two tags")
        if attributes > MANY and attributes > tags * MANY_A_TAG:
            raise BadZipFile("no spreadsheet program writes so many attributes")
        part.marks += tags + attributes
        part.formulas = part.formulas or _FORMULA.search(seen) is not None
        part.merged = part.merged or tuple(found.decode() for found in _MERGED.findall(seen)[:3])
        before = chunk[-200:]


def _too_large() -> Refusal:
    return Refusal(text("This workbook unpacks to more than can be read safely. Save the sheet as CSV, and import that."))


def _chosen(sheets: list[Any], named: str | None) -> Any:
    if len(sheets) > LARGEST_SHEETS:
        raise Refusal(text("The workbook has more than {most} sheets. Keep those that are needed.", most=LARGEST_SHEETS))
    if len({sheet._worksheet_path for sheet in sheets}) < len(sheets):  # noqa: SLF001 - read as often as it is named
        raise BadZipFile("no spreadsheet program writes two sheets in one part")
    if named is not None:
        found = next((sheet for sheet in sheets if key(sheet.title) == key(named)), None)
        if found is None:
            there = _titles(sheets)
            raise Refusal(text("There is no sheet “{name}”. The workbook has {there}.", name=named[:60], there=there))
        return found
    filled = [sheet for sheet in sheets if sheet.sheet_state == "visible" and _holds_anything(sheet)]
    if not filled:
        raise empty()
    if len(filled) > 1:
        there = _titles(filled)
        raise Refusal(text("The workbook has several sheets: {there}. Say which one with {option}.", there=there, option="--sheet"))
    return filled[0]


def _titles(sheets: list[Any]) -> Listing:
    return Listing(tuple(sheet.title[:60] for sheet in sheets))


def _holds_anything(sheet: Any) -> bool:
    return any(cell.value is not None for _, cells in _cells(sheet, LARGEST_COLUMNS, HEADER_WITHIN) for cell in cells)


def _cells(sheet: Any, width: int, last: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    # What a sheet says of its own size may be wrong; what it says of a row's place may be beyond all sheets.
    sheet.reset_dimensions()
    return enumerate(sheet.iter_rows(max_row=last, max_col=width), 1)


def _rows(sheet: Any, again: Any, width: int, last: int = LAST_ROW) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that hold anything; `again` is the same sheet with its formulas, by which it is known which of them have no result."""
    behind = None if again is None else _cells(again, width, last)
    for position, cells in _cells(sheet, width, last):
        others = cells if behind is None else next(behind)[1]
        row = [_written(cell, other.data_type == "f") for cell, other in zip(cells, others, strict=True)]
        if any(row):
            yield position, row


def _written(cell: Any, formula: bool) -> Cell:
    """What a person sees in a cell, as words."""
    match cell.value:
        case None if formula and cell.data_type != "str":
            return Refusal(
                text("This cell holds a formula without its result. Open the file in a spreadsheet program, save it, try again.")
            )
        case None:
            return ""
        case _ if cell.data_type == "e":
            return Refusal(text("This cell holds the error {error}.", error=str(cell.value)[:60]))
        case bool(value):
            return str(value).lower()
        case int() | float() if abs(cell.value) >= EXACT:
            return Refusal(
                text("Spreadsheets keep only 15 digits of a number. Format the column as text, then copy the id there from Discord again.")
            )
        case int() | float():
            return number(cell.value)
        case datetime():
            return (cell.value.date() if cell.value.time() == time() else cell.value).isoformat()
        case _:
            return str(cell.value).strip()
