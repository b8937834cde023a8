"""From a file to chapters: what each of its rows comes to."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.domain.chapters import NAME_LENGTH, fold
from bot.domain.refusal import Refusal
from bot.domain.text import Text, counted, text
from bot.domain.writing import line
from bot.services import adding
from bot.services.adding import Given, Ground, Newcomer
from bot.services.taking import table
from bot.services.taking.kinds import Kind
from bot.services.taking.table import Bad, Chosen, Table


@dataclass(frozen=True, slots=True)
class Settled:
    """What a file comes to: chapters with their rows' numbers, rows that cannot be taken, unknown columns, and rows that are not meant."""

    taken: Table
    rows: tuple[tuple[int, Newcomer], ...]
    bad: tuple[Bad, ...]
    unknown: tuple[str, ...]
    aside: int
    doubt: Text | None


def settled(path: Path, chosen: Chosen, ground: Ground, now: datetime) -> Settled:
    """The chapters of a file, each filled in from its own row; refuses a file that cannot be read, or has no names."""
    return settle(table.read(path, Kind.CHAPTERS, chosen), ground, now)


def settle(taken: Table, ground: Ground, now: datetime, most: int = table.MOST_BAD) -> Settled:
    """The chapters that the rows of a file come to; refuses a file of which more rows than `most` cannot be taken."""
    rows: list[tuple[int, Newcomer]] = []
    bad: list[Bad] = []
    first: dict[str, int] = {}
    for number, row in taken.rows:
        try:
            given = Given(**{"name": "", **taken.given(row)})
            # As it will be stored: two that differ only in unseen marks are one.
            name = line(given.name)
            seen = first.setdefault(fold(name), number) if 0 < len(name) <= NAME_LENGTH else number
            if seen != number:
                raise Refusal(text("“{name}” stands in {place} already.", name=name[:60], place=taken.unit.within(seen)))
            rows.append((number, adding.settle(given, ground, now)))
        except Refusal as refusal:
            bad.append(Bad(taken.unit.first(number), refusal.reason, number))
            if len(bad) > most:
                raise table.hopeless(bad[0]) from refusal
    return Settled(taken, tuple(rows), tuple(bad), taken.unknown, taken.aside, taken.doubt)


def unplaced(at: Text, row: Newcomer) -> Text:
    """That it cannot be told which of several towns a chapter is in, and what would tell."""
    return counted(
        "{place}: there is {n} town called {city}, so where {name} is stays open. Its branch, time zone or coordinates tell.",
        "{place}: there are {n} towns called {city}, so where {name} is stays open. Its branch, time zone or coordinates tell.",
        row.called_so,
        place=at,
        city=row.city or "",
        name=row.name,
    )
