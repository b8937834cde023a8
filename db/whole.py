"""All that one organisation has stored, table by table as plain data, so that it can be put into another database as it was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from math import isfinite
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from db.tables import (
    branch,
    chapter,
    composition,
    duty_note,
    goal,
    intake,
    intake_row,
    metadata,
    organisation,
    outbox,
    pending,
    scoreboard,
    stale,
    summary,
    trend_link,
    unreachable,
    upkeep,
)
from db.types import Day, Instant, Json, MonthIndex, UserId

LARGEST = 2**53
"""No id is as large as this; ids that Discord gives are, but are never moved."""

LEFT_BEHIND = frozenset(table.name for table in (intake, intake_row, outbox, pending, scoreboard, upkeep))
"""What is on its way to somebody, waits for some days, stands in one server alone, or is the program's own."""

NOT_FOR_ALL = frozenset(table.name for table in (summary, trend_link, stale, unreachable, duty_note))
"""What an archive for coordinators leaves out as a whole: how a chapter stands on dues, sums that nobody sees, who cannot be reached, and
notes to one person."""

PLACES = frozenset(
    {
        "coordinator_role",
        "facilitator_role",
        "facilitators_channel",
        "reports_channel",
        "channel_id",
        "role_id",
        "post_channel_id",
        "post_message_id",
        "message_id",
    }
)
"""Columns that name something of one Discord server, which means nothing in another."""

SWITCHES = frozenset({"slug", "public_name", "public_since"})
"""Columns that say what stands on the internet: an archive changes nothing about that, whoever restores it."""

_LOOSE = {("change", "branch_id"): branch.name, ("change", "goal_id"): goal.name}
"""Columns that name a row which may be gone by now."""

_TABLES = {table.name: table for table in metadata.sorted_tables if table.name not in LEFT_BEHIND}
TABLES = tuple(_TABLES)
"""The names of the tables, in the order in which rows can be put into them."""

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The ids that the rows of a table have, from the lowest to the highest, and by how much they are moved."""

    low: int
    high: int
    by: int = 0

    @classmethod
    def beyond(cls, low: int, high: int, top: int) -> "Span":
        """Ids that stay as they are where all lie beyond those in use; else moved beyond those and beyond what they were.

        So an old button, which names an old id, leads to what it led to before or to nothing.
        """
        if not 0 < low <= high < LARGEST:
            raise ValueError("these are no ids")
        return cls(low, high, 0 if low > top else max(top, high) - low + 1)


@dataclass(frozen=True, slots=True)
class Move:
    """Into which server rows are put, how the ids of each table are moved, and whether it is the server that they come from."""

    guild_id: int
    same_server: bool
    spans: Mapping[str, Span] = field(default_factory=dict)

    def id(self, table: str, old: int) -> int:
        """What an id of this table becomes; raises ValueError for one that none of its rows has."""
        made = self.loose(table, old)
        if made is None:
            raise ValueError("an id that no row has")
        return made

    def loose(self, table: str, old: int) -> int | None:
        """What an id of this table becomes, None for one that none of its rows has."""
        span = self.spans.get(table)
        if type(old) is not int:
            raise ValueError("this is no id")
        return None if span is None or not span.low <= old <= span.high else old + span.by


# Out


def columns(name: str) -> tuple[str, ...]:
    """What is told of each row of a table: all but the server, which is the same for all, and whether it stands on the internet."""
    return tuple(column.name for column in _TABLES[name].c if column.name not in {"guild_id", *SWITCHES})


def numbered(name: str) -> bool:
    """Whether the rows of a table have an id that the database gave."""
    return "id" in _TABLES[name].c


async def count(c: AsyncConnection, guild_id: int, name: str) -> int:
    """How many rows of a table belong to this server."""
    table = _TABLES[name]
    return (await c.scalar(select(func.count()).select_from(table).where(table.c.guild_id == guild_id))) or 0


async def page(
    c: AsyncConnection, guild_id: int, name: str, after: tuple[Any, ...] | None, most: int, *, hidden: bool
) -> tuple[list[Plain], tuple[Any, ...] | None]:
    """The rows of a table that follow, in the order of their key, and where the next ones begin; with those of hidden chapters or not."""
    table = _TABLES[name]
    key = tuple(table.primary_key.columns)
    rows = _rows(name, hidden)
    asked = rows.where(table.c.guild_id == guild_id).limit(most)
    if after is not None:
        asked = asked.where(key[0] > after[0] if len(key) == 1 else tuple_(*key) > tuple_(*after))
    found = (await c.execute(asked)).all()
    if not found:
        return [], None
    last = found[-1]._mapping
    names = columns(name)
    plain = [{each: _plain(row._mapping[each]) for each in names if row._mapping[each] is not None} for row in found]
    return plain, tuple(last[column.name] for column in key) if len(found) == most else None


@cache
def _rows(name: str, hidden: bool) -> Select[Any]:
    table = _TABLES[name]
    rows = select(*table.c).order_by(*table.primary_key.columns)
    return rows if hidden else rows.where(*_seen(table))


def _seen(table: Table) -> list[ColumnElement[bool]]:
    """That a row, and every row that it belongs to, is of no hidden chapter."""
    if table is chapter:
        return [chapter.c.visibility != Visibility.HIDDEN.value]
    hides = select(chapter.c.id).where(chapter.c.visibility == Visibility.HIDDEN.value)
    kept = []
    for column, of in _pointing(table):
        parent = _TABLES[of]
        if parent is chapter:
            kept.append(or_(column.is_(None), column.not_in(hides)))
        elif "chapter_id" in parent.c:
            unseen = select(parent.c.id).where(parent.c.chapter_id.in_(hides))
            kept.append(or_(column.is_(None), column.not_in(unseen)))
    return kept


def _pointing(table: Table) -> list[tuple[Column[Any], str]]:
    """The columns that name rows of other tables."""
    return [(column, key.column.table.name) for column in table.c for key in column.foreign_keys]


async def hidden_ids(c: AsyncConnection, guild_id: int) -> frozenset[int]:
    """The ids of the chapters that hide."""
    hides = chapter.c.visibility == Visibility.HIDDEN.value
    return frozenset(await c.scalars(select(chapter.c.id).where(chapter.c.guild_id == guild_id, hides)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Month) else value


# In


async def highest(c: AsyncConnection, name: str) -> int:
    """The highest id that any server has in a table."""
    return (await c.scalar(select(func.max(_TABLES[name].c.id)))) or 0


async def is_taken(c: AsyncConnection, guild_id: int) -> bool:
    """Whether this server has anything beside what a set-up gives it."""
    for table in (chapter, branch):
        if await c.scalar(select(func.count()).select_from(table).where(table.c.guild_id == guild_id)):
            return True
    return False


async def empty(c: AsyncConnection, guild_id: int) -> Plain:
    """Removes all that this server has, and returns which places it was set up with, and whether it has a public page."""
    found = (await c.execute(select(organisation).where(organisation.c.guild_id == guild_id))).one_or_none()
    await c.execute(delete(organisation).where(organisation.c.guild_id == guild_id))
    return {} if found is None else {name: value for name, value in found._mapping.items() if name in PLACES | SWITCHES}


async def put(c: AsyncConnection, name: str, rows: Sequence[Plain], named: Sequence[str], move: Move) -> None:
    """Puts plain rows into a table, with their ids moved; raises ValueError for what no such table can hold."""
    table = _TABLES[name]
    places = frozenset() if move.same_server else PLACES
    of = dict(_ids(name))
    read = [(each, table.c[each], of.get(each), each in places, (name, each) in _LOOSE) for each in named]
    made = []
    for row in rows:
        if not row.keys() <= set(named):
            raise ValueError("a column that was not named")
        values: Plain = {"guild_id": move.guild_id}
        for each, column, target, place, loose in read:
            value = None if place else _stored(column, row.get(each))
            if target is not None and value is not None:
                value = move.loose(target, value) if loose else move.id(target, value)
            values[each] = value
        _move_within(name, values, move)
        made.append(values)
    if made:
        try:
            await c.execute(insert(table), made)
        except IntegrityError:
            # Its own words would hold what people wrote.
            raise ValueError("a row that cannot stand beside the others") from None


@cache
def _ids(name: str) -> tuple[tuple[str, str], ...]:
    """The columns whose values are ids that the database gives, with the table that gave them."""
    table = _TABLES[name]
    found = {column.name: of for column, of in _pointing(table) if of != organisation.name}
    found |= {column: of for (where, column), of in _LOOSE.items() if where == name}
    return (*found.items(), *((("id", name),) if numbered(name) else ()))


def _move_within(name: str, values: Plain, move: Move) -> None:
    """Moves the ids that stand inside plain data."""
    if name == "checkin_version":
        partners = [move.loose(chapter.name, each) for each in values["fields"]["partners"]]
        values["fields"] = {**values["fields"], "partners": [each for each in partners if each is not None]}
    elif name == "composition_sum":
        pairs = ((move.loose(chapter.name, int(of)), move.loose(composition.name, each)) for of, each in values["sources"].items())
        values["sources"] = {of: each for of, each in pairs if of is not None and each is not None}


def _stored(column: Column[Any], value: Any) -> Any:
    """The value that the plain one stands for; raises ValueError if this column cannot hold it."""
    if value is None:
        if not column.nullable:
            raise ValueError("a value is missing")
        return None
    for kind, plain, read in _READERS:
        if isinstance(column.type, kind):
            if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool and kind is not Json):
                raise ValueError("a value of another kind")
            return read(column.type, value)
    raise ValueError("a column of an unknown kind")


def _moment(_kind: Any, value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment


def _number(_kind: Any, value: int) -> int:
    if abs(value) >= 2**63:
        raise ValueError("a number is too large")
    return value


def _fraction(_kind: Any, value: float) -> float:
    if not isfinite(value):
        raise ValueError("this is no number")
    return value


def _text(kind: String, value: str) -> str:
    if "\0" in value or (kind.length is not None and len(value) > kind.length):
        raise ValueError("a text that does not fit")
    return value


# The first kind that a column is of says how its values are read.
_READERS: tuple[tuple[Any, Any, Callable[[Any, Any], Any]], ...] = (
    (Json, object, lambda _kind, value: value),
    (Boolean, bool, lambda _kind, value: value),
    (Instant, str, _moment),
    (Day, str, lambda _kind, value: date.fromisoformat(value)),
    (MonthIndex, str, lambda _kind, value: Month.parse(value)),
    (Float, (int, float), _fraction),
    ((Integer, UserId), int, _number),
    (String, str, _text),
)


async def chapter_ids(c: AsyncConnection, guild_id: int) -> list[int]:
    """The ids of all chapters of this server."""
    return list(await c.scalars(select(chapter.c.id).where(chapter.c.guild_id == guild_id)))
