"""The rows of a file that are meant, by the names of our columns; whatever kind of file it is, and whatever it holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.chapters import fold
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, text
from bot.services import sheets
from bot.services.sheets.rows import Cell, Row, Sheet, Unit, key
from bot.services.taking.kinds import COLUMNS, NEEDED, PLACE, REASON, Kind, plain_name, recognised

SHOWN = 20
LONGEST_WORDS = 5000
MOST_BAD = 500
"""With more of them a file is another one than was meant, or its columns are."""
LISTS = frozenset({"admins", "kinds", "with_chapters"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a file is meant: for some of our columns the file's own, the values that a row must have, and the sheet of a workbook."""

    columns: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sheet: str | None = None
    typed: bool = True
    """Whether somebody typed a command for it, with options."""

    @classmethod
    def of(cls, mapped: Sequence[str], only: Sequence[str], sheet: str | None, kind: Kind = Kind.CHAPTERS) -> "Chosen":
        """From words such as `name=title`, `city=location.city` and `tags=Brigade`; of several values for one column any will do."""
        columns: dict[str, str] = {}
        for ours, theirs in (_pair(each, "--map name=title") for each in mapped):
            if key(ours) not in COLUMNS[kind]:
                raise Refusal(
                    text("There is no column “{column}” to fill in. There is {columns}.", column=ours[:60], columns=listed(COLUMNS[kind]))
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
    """A row of the file that cannot be taken: where it stands, why, and its number."""

    at: Text
    reason: Text
    number: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows that are meant, each with its number; `taken` gives the key of the file's column for each of ours."""

    kind: Kind
    unit: Unit
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Row | Refusal], ...]
    taken: Mapping[str, str]
    unknown: tuple[str, ...]
    aside: int
    doubt: Text | None

    def given(self, row: Row | Refusal) -> dict[str, str]:
        """What a row gives for our columns, as words; refuses one that cannot be read."""
        if isinstance(row, Refusal):
            raise row
        return {ours: _words(ours, theirs, row.get(theirs, "")) for ours, theirs in self.taken.items()}

    def column(self, ours: str) -> Iterator[str]:
        """What all rows give for one of our columns."""
        theirs = self.taken.get(ours)
        for _, row in self.rows if theirs is not None else ():
            if not isinstance(row, Refusal) and isinstance(cell := row.get(theirs or "", ""), str):
                yield cell


def read(path: Path, kind: Kind | None, chosen: Chosen) -> Table:
    """The rows of a file; without a kind it is known by its columns. Refuses a file that cannot be read, or lacks what is needed."""
    ours = COLUMNS[kind] if kind else {column for columns in COLUMNS.values() for column in columns}
    wanted = {key(column) for column in (*ours, *chosen.columns.values(), *chosen.only)}
    sheet = sheets.read(path, wanted, chosen.sheet)
    kind = kind or recognised(sheet.columns)
    taken = _taken(sheet, kind, chosen)
    _check_only(sheet, chosen.only)
    rows, aside = [], 0
    for number, row in sheet.rows:
        if isinstance(row, Refusal) or all(_is_one(row.get(column, ""), values) for column, values in chosen.only.items()):
            rows.append((number, row))
        else:
            aside += 1
    if aside and not rows:
        raise Refusal(text("No row of the file is one of those that {option} asks for.", option="--only"))
    used = {*taken.values(), *chosen.only, REASON, PLACE}
    unknown = tuple(column for column in sheet.columns if column and key(column) not in used)
    return Table(kind, sheet.unit, sheet.columns, tuple(rows), taken, unknown, aside, sheet.doubt)


def hopeless(first: Bad) -> Refusal:
    """For a file of which hardly a row can be taken."""
    return Refusal(
        text(
            "More than {most} rows cannot be taken. Look whether this is the right file. The first of them: {place}: {reason}",
            most=MOST_BAD,
            place=first.at,
            reason=first.reason,
        )
    )


def _taken(sheet: Sheet, kind: Kind, chosen: Chosen) -> dict[str, str]:
    """The key of the file's column that each of ours is taken from: the mapped one, else the one of the same name."""
    there, columns = [key(column) for column in sheet.columns], chosen.columns
    plain = {plain_name(column): key(column) for column in reversed(sheet.columns)}
    taken = {}
    for ours in COLUMNS[kind]:
        theirs = key(columns[ours]) if ours in columns else plain.get(ours, ours)
        if theirs in there:
            taken[ours] = theirs
        elif ours in columns:
            missing = columns[ours][:60]
            raise Refusal(text("The file has no column “{column}”. It has {there}.", column=missing, there=first_of(sheet.columns)))
    for needed in NEEDED[kind]:
        if needed not in taken:
            raise _lacking(sheet, kind, needed, typed=chosen.typed)
    twice = sorted({column for column in taken.values() if there.count(column) > 1})
    if twice:
        raise Refusal(text("The file has two columns of one name: {names}. Remove one of them.", names=first_of(twice)))
    return taken


def _lacking(sheet: Sheet, kind: Kind, column: str, *, typed: bool) -> Refusal:
    if kind is Kind.CHAPTERS and typed:
        return Refusal(
            text(
                "The file has no column {name}. It has {there}. Say which one holds the names: {option}.",
                name="name",
                there=first_of(sheet.columns),
                option="--map name=COLUMN",
            )
        )
    return Refusal(
        text(
            "The file has no column {name}, which is needed. It has {there}. Let its first line name {needed}.",
            name=column,
            there=first_of(sheet.columns),
            needed=Listing(NEEDED[kind]),
        )
    )


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


def _words(ours: str, theirs: str, cell: Cell) -> str:
    if isinstance(cell, Refusal):
        raise Refusal(text("{column}: {reason}", column=theirs[:60], reason=cell.reason))
    if isinstance(cell, tuple) and len(cell) > 1 and ours not in LISTS:
        raise Refusal(text("{column}: a list stands here, but one value is meant.", column=theirs[:60]))
    words = (" " if ours == "admins" else ", ").join(cell) if isinstance(cell, tuple) else cell
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
