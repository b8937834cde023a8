"""A file of chapters, read into named columns and numbered rows: CSV, an Excel workbook, or JSON, as the end of its name says."""

from collections.abc import Collection
from pathlib import Path

from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.files import contents
from bot.services.sheets import csv_file, json_file, workbook
from bot.services.sheets.rows import Sheet, empty

LARGEST_FILE = 10_000_000
ZIPPED, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read(path: Path, wanted: Collection[str], sheet: str | None) -> Sheet:
    """The columns and rows of a file; `wanted` are the keys of the columns that are looked for. Refuses what cannot be read, or safely."""
    kind = path.suffix.casefold()
    if kind not in {".csv", ".tsv", ".txt", ".json", ".xlsx", ".xlsm"}:
        raise Refusal(
            text("A file named “{name}” cannot be read. Save the list as .xlsx, .csv or .json, and import that.", name=path.name[-60:])
        )
    written = _bytes(path)
    if kind in {".xlsx", ".xlsm"}:
        return workbook.read(_workbook(written), sheet)
    if sheet is not None:
        raise Refusal(text("Only an Excel workbook has sheets: leave {option} out.", option="--sheet"))
    return json_file.read(written) if kind == ".json" else csv_file.read(_plain(written), wanted)


def _bytes(path: Path) -> bytes:
    try:
        written = contents(path, LARGEST_FILE)
    except OSError as error:
        raise Refusal(text("The file cannot be read: {reason}.", reason=error.strerror or type(error).__name__)) from error
    if len(written) > LARGEST_FILE:
        raise Refusal(text("The file is larger than {most} megabytes. Divide it.", most=LARGEST_FILE // 1_000_000))
    if not written.strip():
        raise empty()
    return written


def _workbook(written: bytes) -> bytes:
    if written.startswith(OLD_OFFICE):
        raise Refusal(
            text("This workbook is locked with a password, or older than Excel 2007. Save it as .xlsx without a password, and import that.")
        )
    if not written.startswith(ZIPPED):
        raise Refusal(text("This is not an Excel workbook, though its name ends in .xlsx. If it is CSV, let its name end in .csv."))
    return written


def _plain(written: bytes) -> bytes:
    if written.startswith((ZIPPED, OLD_OFFICE)):
        raise Refusal(text("This is not a CSV file but a workbook. Let its name end in .xlsx, or save the sheet as CSV."))
    if written.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        raise Refusal(text("This is not a CSV file but JSON. Let its name end in .json."))
    return written
