"""What a file of chapters holds, whatever program wrote it: named columns, and row after row with its number."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.domain.refusal import Refusal
from bot.domain.text import Text, text

LARGEST_ROWS = 50_000
EXACT = 10**15
"""From here on a number in a sheet may have lost digits."""

Cell: TypeAlias = str | tuple[str, ...] | Refusal
"""What stands in one place of a file: words, several of them, or why what stands there cannot be read."""

Row: TypeAlias = Mapping[str, Cell]
"""The cells of one row by `key` of their column; an empty one may be missing."""


class Unit(StrEnum):
    """What the rows of a file are counted in."""

    LINE = "line"
    ROW = "row"
    ENTRY = "entry"

    def first(self, number: int) -> Text:
        """Its name and number where a sentence begins."""
        match self:
            case Unit.LINE:
                return text("Line {number}", number=str(number))
            case Unit.ROW:
                return text("Row {number}", number=str(number))
            case Unit.ENTRY:
                return text("Entry {number}", number=str(number))

    def within(self, number: int) -> Text:
        """Its name and number inside a sentence."""
        match self:
            case Unit.LINE:
                return text("line {number}", number=str(number))
            case Unit.ROW:
                return text("row {number}", number=str(number))
            case Unit.ENTRY:
                return text("entry {number}", number=str(number))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns as they are written there, and its rows, each to be read once; `doubt` says what a person should look at."""

    unit: Unit
    columns: tuple[str, ...]
    rows: Iterator[tuple[int, Row | Refusal]]
    doubt: Text | None = None


def key(column: str) -> str:
    """A column's name as it is compared."""
    return column.strip().casefold()


def number(value: float) -> str:
    """A number as people write it: without a fraction where there is none."""
    return str(int(value)) if isinstance(value, int) or (value.is_integer() and abs(value) < EXACT) else repr(value)


def empty() -> Refusal:
    """For a file or sheet in which nothing stands."""
    return Refusal(text("The file is empty. Its first line must name the columns, {column} at least.", column="name"))


def too_many() -> Refusal:
    """For a file with more rows than can be taken at once."""
    return Refusal(text("The file has more than {most} rows. Divide it.", most=LARGEST_ROWS))


def too_wide(most: int) -> Refusal:
    """For a file with more columns than a list of chapters can have."""
    return Refusal(text("The file has more than {most} columns. Keep those that are needed.", most=most))


def limited(rows: Callable[[], Iterator[tuple[int, Row | Refusal]]]) -> Iterator[tuple[int, Row | Refusal]]:
    """The rows themselves; refuses more than can be taken at once, and a file that has none."""
    seen = 0
    for seen, row in enumerate(rows(), 1):
        if seen > LARGEST_ROWS:
            raise too_many()
        yield row
    if not seen:
        raise Refusal(text("The file names its columns, but has no chapters below them."))
