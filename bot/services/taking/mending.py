"""The rows of a file that could not be taken, with the reason beside each, as a file that can be mended and sent again."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from bot.domain.formulas import defused
from bot.domain.refusal import Refusal
from bot.domain.text import Text
from bot.services.sheets.rows import Cell, key
from bot.services.taking.kinds import PLACE, REASON
from bot.services.taking.table import Bad, Table

WORKBOOKS = frozenset({"xlsx", "xlsm"})
LONGEST_CELL = 32_000


def to_mend(taken: Table, bad: Iterable[Bad], suffix: str, say: Callable[[Text], str]) -> tuple[str, bytes]:
    """The ending of the file's name and what is in it: in the form in which it came."""
    columns = [column for column in taken.columns if key(column) not in (PLACE, REASON)]
    records = list(_records(taken, bad, columns, say))
    if suffix == "json":
        names = [PLACE, *columns, REASON]
        return "json", json.dumps([_named(names, each) for each in records], ensure_ascii=False, indent=1).encode()
    header = [PLACE, *columns, REASON]
    flat = [[", ".join(cell) if isinstance(cell, tuple) else cell for cell in each] for each in records]
    return ("xlsx", _workbook(header, flat)) if suffix in WORKBOOKS else ("csv", _csv(header, flat))


def _records(taken: Table, bad: Iterable[Bad], columns: list[str], say: Callable[[Text], str]) -> Iterator[list[str | tuple[str, ...]]]:
    rows = dict(taken.rows)
    for each in bad:
        row = rows[each.number]
        cells = [""] * len(columns) if isinstance(row, Refusal) else [_readable(row.get(key(column), "")) for column in columns]
        yield [str(each.number), *cells, say(each.reason)]


def _readable(cell: Cell) -> str | tuple[str, ...]:
    return "" if isinstance(cell, Refusal) else cell


def _named(names: list[str], record: list[str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    return {name: cell for name, cell in zip(names, record, strict=True) if cell}


def _csv(header: list[str], records: list[list[str]]) -> bytes:
    written = StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([[defused(cell) for cell in each] for each in (header, *records)])
    return written.getvalue().encode("utf-8-sig")


def _workbook(header: list[str], records: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    sheet.freeze_panes = "A2"
    for each in (header, *records):
        row = []
        for words in each:
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", words)[:LONGEST_CELL])
            cell.data_type = "s"
            row.append(cell)
        sheet.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()
