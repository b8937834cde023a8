"""What the tables say of themselves: why each is there, who sees it, how long it is kept, and what each column is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column

from db.tables import metadata
from db.types import UserId


@dataclass(frozen=True, slots=True)
class Kept:
    """One column: `person` if it holds somebody's number, `ages` if that goes when it is old, with its `row` or alone."""

    name: str
    what: str
    person: bool
    ages: bool
    row: bool
    seen: str | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """One table."""

    name: str
    why: str
    seen: str
    kept: str
    columns: tuple[Kept, ...]


def shelves() -> Iterator[Shelf]:
    """Every table, by name."""
    for name in sorted(metadata.tables):
        table = metadata.tables[name]
        columns = tuple(_kept(column) for column in table.c)
        yield Shelf(name, table.info["why"], table.info["seen"], table.info["kept"], columns)


def _kept(column: Column[Any]) -> Kept:
    person = isinstance(column.type, UserId)
    return Kept(column.name, column.doc or "", person, "dated" in column.info, not column.nullable, column.info.get("seen"))
