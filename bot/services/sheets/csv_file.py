"""Comma-separated values as people save them: with any usual separator, in UTF-8, UTF-16 or an old Windows encoding."""

import csv
from collections.abc import Collection, Iterator
from io import StringIO
from itertools import chain

from bot.domain.formulas import as_was
from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.services.sheets.rows import Row, Sheet, Unit, empty, key, limited, too_many, too_wide

OLD_ENCODINGS = ("cp1252", "latin-1")
LARGEST_COLUMNS = 200
LARGEST_MARKS = 10_000
"""Separators in one line, of which a column's long text may hold some."""
LONGEST_HEADER = 100_000
LARGEST_LINES = 1_000_000


def read(written: bytes, wanted: Collection[str]) -> Sheet:
    """The first line's columns, and each later line that holds anything; whichever of , ; and tab gives the most wanted columns."""
    words, doubt = _decoded(written)
    first = next((line for line in StringIO(words, newline="") if line.strip()), "")
    if len(first) > LONGEST_HEADER:
        raise too_wide(LARGEST_COLUMNS)
    lines = _lines(words, max(",;\t", key=lambda each: _found(first, each, wanted)))
    _, header = next(lines, (0, empty()))
    if isinstance(header, Refusal):
        raise header
    if len(header) > LARGEST_COLUMNS and any(column.strip() for column in header[LARGEST_COLUMNS:]):
        raise too_wide(LARGEST_COLUMNS)
    header = header[:LARGEST_COLUMNS]
    keys = [key(column) for column in header]
    return Sheet(Unit.LINE, tuple(column.strip() for column in header), limited(lambda: _rows(lines, keys)), doubt)


def _found(first: str, delimiter: str, wanted: Collection[str]) -> tuple[int, int]:
    columns = next(csv.reader([first], delimiter=delimiter), [])
    return sum(key(each) in wanted for each in columns), len(columns)


def _rows(lines: Iterator[tuple[int, list[str] | Refusal]], keys: list[str]) -> Iterator[tuple[int, Row | Refusal]]:
    for number, record in lines:
        if isinstance(record, Refusal):
            yield number, record
        elif any(extra.strip() for extra in record[len(keys) :]):
            reason = text(
                "This line has {n} columns, but the first line names only {named}. A comma too many?", n=len(record), named=len(keys)
            )
            yield number, Refusal(reason)
        else:
            yield number, {column: as_was(value.strip()) for column, value in zip(keys, record, strict=False)}


def _lines(words: str, delimiter: str) -> Iterator[tuple[int, list[str] | Refusal]]:
    reader = csv.reader(_narrow(words, delimiter), delimiter=delimiter, strict=True)
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


def _narrow(words: str, delimiter: str) -> Iterator[str]:
    # Millions of separators would become millions of values before anybody could count them.
    for number, line in enumerate(StringIO(words, newline=""), 1):
        if number > LARGEST_LINES:
            raise too_many()
        if line.count(delimiter) > LARGEST_MARKS:
            raise too_wide(LARGEST_COLUMNS)
        yield line


def _decoded(written: bytes) -> tuple[str, Text | None]:
    for encoding in chain(_wide(written), ["utf-8-sig"], OLD_ENCODINGS):
        try:
            words = written.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in words:
            continue
        if not words.strip():
            raise empty()
        return words, _doubt(words) if encoding in OLD_ENCODINGS else None
    raise Refusal(text("This is not a CSV file. Save the sheet as CSV (comma-separated values), and import that."))


def _wide(written: bytes) -> list[str]:
    if written[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    return {(True, False): ["utf-16-be"], (False, True): ["utf-16-le"]}.get((written[:1] == b"\0", written[1:2] == b"\0"), [])


def _doubt(words: str) -> Text | None:
    """An old encoding does not say which one it is: only people see whether their words are right."""
    strange = next((word for word in words.replace(",", " ").replace(";", " ").split() if not word.isascii()), None)
    if strange is None:
        return None  # spaces of another width are all there is
    return text("The file is not written in UTF-8, but was read as Western European. Is this word right: {word}?", word=strange[:60])
