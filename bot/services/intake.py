"""From a file to chapters: which of its columns are meant, which of its rows, and what each row comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path

from bot.domain.chapters import NAME_LENGTH, fold
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, text
from bot.domain.writing import line
from bot.services import adding, sheets
from bot.services.adding import Given, Ground, Newcomer
from bot.services.sheets.rows import Cell, Row, Sheet, Unit, key

COLUMNS = tuple(each.name for each in fields(Given))
SHOWN = 20
LONGEST_WORDS = 5000
MOST_BAD = 500
"""With more of them a file is another one than was meant, or its columns are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a file is meant: for some of our columns the file's own, the values that a row must have, and the sheet of a workbook."""

    columns: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sheet: str | None = None

    @classmethod
    def of(cls, mapped: Sequence[str], only: Sequence[str], sheet: str | None) -> "Chosen":
        """From words such as `name=title`, `city=location.city` and `tags=Brigade`; of several values for one column any will do."""
        columns: dict[str, str] = {}
        for ours, theirs in (_pair(each, "--map name=title") for each in mapped):
            if key(ours) not in COLUMNS:
                raise Refusal(
                    text("There is no column “{column}” to fill in. There is {columns}.", column=ours[:60], columns=listed(COLUMNS))
                )
            if key(ours) in columns:
                raise Refusal(text("{option} names {column} twice.", option="--map", column=ours))
            columns[key(ours)] = theirs
        wanted: dict[str, frozenset[str]] = {}
        for column, value in (_pair(each, "--only type=Chapter") for each in only):
            wanted[key(column)] = wanted.get(key(column), frozenset()) | {fold(value)}
        return cls(columns, wanted, sheet)


def _pair(written: str, example: str) -> tuple[str, str]:
    left, _, right = (part.strip() for part in written.partition("="))
    if not left or not right:
        raise Refusal(text("“{written}” cannot be read. Write it like {example}.", written=written[:60], example=example))
    return left, right


@dataclass(frozen=True, slots=True)
class Bad:
    """A row of the file that cannot be taken, where it stands, and why."""

    at: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class Settled:
    """What a file comes to: chapters with their rows' numbers, rows that cannot be taken, unknown columns, and rows that are not meant."""

    unit: Unit
    rows: tuple[tuple[int, Newcomer], ...]
    bad: tuple[Bad, ...]
    unknown: tuple[str, ...]
    aside: int
    doubt: Text | None


def settled(path: Path, chosen: Chosen, ground: Ground, now: datetime) -> Settled:
    """The chapters of a file, each filled in from its own row; refuses a file that cannot be read, or has no names."""
    wanted = {key(column) for column in (*COLUMNS, *chosen.columns.values(), *chosen.only)}
    sheet = sheets.read(path, wanted, chosen.sheet)
    taken = _taken(sheet, chosen.columns)
    _check_only(sheet, chosen.only)
    rows: list[tuple[int, Newcomer]] = []
    bad: list[Bad] = []
    first: dict[str, int] = {}
    aside = 0
    for number, row in sheet.rows:
        if not isinstance(row, Refusal) and not all(_is_one(row.get(column, ""), values) for column, values in chosen.only.items()):
            aside += 1
            continue
        try:
            given = _given(row, taken)
            # As it will be stored: two that differ only in unseen marks are one.
            name = line(given.name)
            seen = first.setdefault(fold(name), number) if 0 < len(name) <= NAME_LENGTH else number
            if seen != number:
                raise Refusal(text("“{name}” stands in {place} already.", name=name[:60], place=sheet.unit.within(seen)))
            rows.append((number, adding.settle(given, ground, now)))
        except Refusal as refusal:
            bad.append(Bad(sheet.unit.first(number), refusal.reason))
            if len(bad) > MOST_BAD:
                raise _hopeless(bad[0]) from refusal
    if aside and not rows and not bad:
        raise Refusal(text("No row of the file is one of those that {option} asks for.", option="--only"))
    used = {*taken.values(), *chosen.only}
    unknown = tuple(column for column in sheet.columns if column and key(column) not in used)
    return Settled(sheet.unit, tuple(rows), tuple(bad), unknown, aside, sheet.doubt)


def _hopeless(first: Bad) -> Refusal:
    return Refusal(
        text(
            "More than {most} rows cannot be taken. Look whether this is the right file. The first of them: {place}: {reason}",
            most=MOST_BAD,
            place=first.at,
            reason=first.reason,
        )
    )


def _taken(sheet: Sheet, columns: Mapping[str, str]) -> dict[str, str]:
    """The key of the file's column that each of ours is taken from: the mapped one, else the one of the same name."""
    there = [key(column) for column in sheet.columns]
    taken = {ours: key(columns.get(ours, ours)) for ours in COLUMNS if key(columns.get(ours, ours)) in there}
    for ours, theirs in columns.items():
        if ours not in taken:
            raise Refusal(text("The file has no column “{column}”. It has {there}.", column=theirs[:60], there=first_of(sheet.columns)))
    if "name" not in taken:
        raise Refusal(
            text(
                "The file has no column {name}. It has {there}. Say which one holds the names: {option}.",
                name="name",
                there=first_of(sheet.columns),
                option="--map name=COLUMN",
            )
        )
    twice = sorted({column for column in taken.values() if there.count(column) > 1})
    if twice:
        raise Refusal(text("The file has two columns of one name: {names}. Remove one of them.", names=first_of(twice)))
    return taken


def _check_only(sheet: Sheet, only: Mapping[str, frozenset[str]]) -> None:
    there = {key(column) for column in sheet.columns}
    for column in only:
        if column not in there:
            raise Refusal(text("The file has no column “{column}”. It has {there}.", column=column[:60], there=first_of(sheet.columns)))


def _is_one(cell: Cell, values: frozenset[str]) -> bool:
    """Whether a cell says one of these, or is a list that holds one."""
    if isinstance(cell, Refusal):
        return False
    return any(fold(each) in values for each in (cell if isinstance(cell, tuple) else (cell,)) if len(each) <= LONGEST_WORDS)


def _given(row: Row | Refusal, taken: Mapping[str, str]) -> Given:
    if isinstance(row, Refusal):
        raise row
    return Given(**{"name": "", **{ours: _words(ours, theirs, row.get(theirs, "")) for ours, theirs in taken.items()}})


def _words(ours: str, theirs: str, cell: Cell) -> str:
    if isinstance(cell, Refusal):
        raise Refusal(text("{column}: {reason}", column=theirs[:60], reason=cell.reason))
    if isinstance(cell, tuple) and len(cell) > 1 and ours != "admins":
        raise Refusal(text("{column}: a list stands here, but one value is meant.", column=theirs[:60]))
    words = " ".join(cell) if isinstance(cell, tuple) else cell
    if len(words) > LONGEST_WORDS:
        raise Refusal(text("{column}: far too much stands here: more than {most} characters.", column=theirs[:60], most=LONGEST_WORDS))
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in words):
        raise Refusal(text("{column}: a sign stands here that is no letter of any language.", column=theirs[:60]))
    return words


def first_of(columns: Sequence[str]) -> Listing:
    """The first of the file's columns: JSON may have hundreds."""
    return listed([*(column[:60] for column in columns[:SHOWN]), *(["…"] if len(columns) > SHOWN else [])])


def listed(names: Sequence[str]) -> Listing:
    """Names, one after the other."""
    return Listing(tuple(names), "comma")
