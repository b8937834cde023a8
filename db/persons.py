"""All that is stored about one person, wherever it stands: found, shown, and taken out. Which columns these are, the tables say."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, String, Table, bindparam, delete, or_, select, tuple_, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from db.tables import admin, change, facilitator, metadata, outbox, pending, report, report_version
from db.types import Id, Instant, Snowflake, UserId

AT_ONCE = 500


def _columns() -> Iterator[tuple[Table, Column[Any]]]:
    for table in metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, UserId):
                yield table, column


COLUMNS = tuple(_columns())
"""Every column that holds a person's number."""
_GUILD, _USER, _BEFORE = bindparam("guild", type_=Snowflake), bindparam("person", type_=UserId), bindparam("before", type_=Instant)


def _here(table: Table) -> ColumnElement[bool]:
    """Of this server; what was typed in a direct message belongs to whoever typed it, wherever it was meant for."""
    return or_(table.c.guild_id == _GUILD, table.c.guild_id.is_(None)) if table is pending else table.c.guild_id == _GUILD


def _without(table: Table, column: Column[Any], *of: ColumnElement[bool]) -> Any:
    """Takes the person out, and the row with them where it says nothing without them."""
    if not column.nullable or (table is outbox and column is outbox.c.user_id):
        return delete(table).where(*of)
    nameless = {"nameless": True} if table is change else {}
    return update(table).where(*of).values({column.name: None, **nameless})


_TABLES = tuple(dict.fromkeys(table for table, _ in COLUMNS))
_FIND = {
    table: select(table).where(_here(table), or_(*(column == _USER for of, column in COLUMNS if of is table))).order_by(*table.primary_key)
    for table in _TABLES
}
_CAUSED = select(outbox.c.id, outbox.c.state, outbox.c.payload).where(_here(outbox), outbox.c.by_user_id == _USER)
_ERASE = [_without(table, column, _here(table), column == _USER) for table, column in COLUMNS]
_TYPED_BY_OTHERS = delete(pending).where(_here(pending), type_coerce(pending.c.entry, String).contains(bindparam("number", type_=String)))
_POSTED: Any = (
    select(report.c.id, report.c.chapter_id, report.c.period)
    .where(
        _here(report),
        or_(
            report.c.published_by == _USER,
            report.c.id.in_(select(report_version.c.report_id).where(_here(report_version), report_version.c.published_by == _USER)),
        ),
    )
    .order_by(report.c.id)
)
_LOOKED_AFTER = tuple(
    select(table.c.chapter_id).where(_here(table), table.c.user_id == _USER).order_by(table.c.chapter_id) for table in (admin, facilitator)
)


async def chapters_of(c: AsyncConnection, guild_id: int, user_id: int) -> tuple[list[int], list[int]]:
    """The chapters that a person is admin of, and those that they look after, archived ones too."""
    asked = {"guild": guild_id, "person": user_id}
    admins, facilitators = [list(await c.scalars(query, asked)) for query in _LOOKED_AFTER]
    return admins, facilitators


async def rows_of(c: AsyncConnection, guild_id: int, user_id: int) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Every row of this server that names a person, some at a time, with the name of its table."""
    for table, query in _FIND.items():
        async with c.stream(query, {"guild": guild_id, "person": user_id}) as rows:
            async for some in rows.mappings().partitions(AT_ONCE):
                yield table.name, [{name: _plain(value) for name, value in row.items()} for row in some]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Month) else value


async def published(c: AsyncConnection, guild_id: int, user_id: int) -> list[tuple[int, int, Month]]:
    """The reports that a person published or corrected: id, chapter and month."""
    return [tuple(row) for row in await c.execute(_POSTED, {"guild": guild_id, "person": user_id})]


async def erase(c: AsyncConnection, guild_id: int, user_id: int) -> None:
    """Takes a person's number out of every row of this server; what waits in the outbox for them goes as well."""
    asked = {"guild": guild_id, "person": user_id}
    for row in (await c.execute(_CAUSED, asked)).all():
        if row.state == "waiting":
            await c.execute(delete(outbox).where(outbox.c.id == row.id))
        else:
            payload = {name: value for name, value in row.payload.items() if name != "by"}
            await c.execute(update(outbox).where(outbox.c.id == row.id).values(payload=payload))
    for statement in _ERASE:
        await c.execute(statement, asked)
    await c.execute(_TYPED_BY_OTHERS, {"guild": guild_id, "number": str(user_id)})


# What is old


def _aged(table: Table, column: Column[Any]) -> ColumnElement[bool]:
    key = [*table.primary_key]
    old = select(*key).where(_here(table), table.c[column.info["dated"]] < _BEFORE, *([column.isnot(None)] if column.nullable else []))
    few = old.limit(bindparam("most", type_=Id))
    return tuple_(*key).in_(few) if len(key) > 1 else key[0].in_(few)


def _age(table: Table, column: Column[Any]) -> Any:
    # A message of long ago is nobody's any more; what it was about stands in other rows.
    return delete(table).where(_aged(table, column)) if table is outbox else _without(table, column, _aged(table, column))


_AGE = [_age(table, column) for table, column in COLUMNS if "dated" in column.info]


async def age(c: AsyncConnection, guild_id: int, before: datetime) -> bool:
    """Takes people out of some of what is older than this; says whether there may be more."""
    asked = {"guild": guild_id, "before": before, "most": AT_ONCE}
    taken = [(await c.execute(statement, asked)).rowcount for statement in _AGE]
    return max(taken) >= AT_ONCE
