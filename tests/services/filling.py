"""Rows in every table for one server, made from the tables' own definitions, with texts that are awkward wherever a text can stand."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Float, Integer, LargeBinary, String, Table, insert, select

from bot.domain.calendar import Month
from bot.domain.checkins import Kind
from bot.domain.goals import METRICS
from db.store import Connection, Store
from db.tables import metadata, upkeep
from db.types import Day, Instant, Json, MonthIndex, UserId

AT = datetime(2026, 3, 29, 0, 59, 59, 999000, tzinfo=UTC)
AWKWARD = (
    '=HYPERLINK("x")',
    "'=1+1",
    " \t@cmd",
    "a,b;c\t\"d\" 'e'",
    "line\nbreak\r\nand\u2028more\u0085",
    "-5",
    "été ŁÓDŹ 👩‍👩‍👧 \u202eabc\u202c",
    '{"a": [1, null]}',
    "\ufeff\u200bzero",
    "\\n \\u0000 %s {n} 'x",
)
ROWS = len(AWKWARD)
_FIXED: dict[tuple[str, str], Any] = {
    ("organisation", "timezone"): "Europe/London",
    ("organisation", "language"): "en",
    ("chapter", "timezone"): "Asia/Kolkata",
    ("chapter", "languages"): ["en", "pt"],
    ("chapter", "visibility"): "members",
    ("chapter", "loosens_to"): None,
    ("chapter", "loosens_at"): None,
    ("standing_fact", "branch_id"): None,
    ("report_part", "answers"): {},
    ("report_version", "answers"): {},
}


async def fill(store: Store, guild_id: int) -> None:
    """Puts some rows of one server into every table, so that each column holds a value in at least one of them."""
    async with store.write() as c:
        # These name rows of others without the database knowing.
        for table in sorted(metadata.sorted_tables, key=lambda each: each.name in {"composition_sum", "change"}):
            if table is not upkeep and "guild_id" in table.c:
                rows = 1 if table.name in {"organisation", "scoreboard", "stale"} else ROWS
                for number in range(rows):
                    await c.execute(insert(table), await _row(c, table, guild_id, number))


async def _row(c: Connection, table: Table, guild_id: int, number: int) -> dict[str, Any]:
    choices = _choices(table)
    made: dict[str, Any] = {}
    for column in table.c:
        if column.name == "id" and column.primary_key:
            continue
        if column.name == "guild_id":
            made["guild_id"] = guild_id
        elif (table.name, column.name) in _FIXED:
            made[column.name] = _FIXED[table.name, column.name]
        elif column.foreign_keys:
            made[column.name] = await _one_of(c, column, guild_id, number)
        elif column.name in choices:
            made[column.name] = choices[column.name][number % len(choices[column.name])]
        else:
            made[column.name] = await _value(c, table, column, guild_id, number)
    return made


def _choices(table: Table) -> dict[str, list[str]]:
    """What the checks of a table let some of its columns be."""
    written = (str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint))
    found = (re.fullmatch(r"(\w+) IN \((.*)\)", each) for each in written)
    return {each[1]: re.findall(r"'(\w+)'", each[2]) for each in found if each is not None}


async def _one_of(c: Connection, column: Column[Any], guild_id: int, number: int) -> int:
    (key,) = column.foreign_keys
    parent = key.column.table
    ids = (await c.scalars(select(parent.c.id).where(parent.c.guild_id == guild_id).order_by(parent.c.id))).all()
    return int(ids[number % len(ids)])


async def _value(c: Connection, table: Table, column: Column[Any], guild_id: int, number: int) -> Any:
    match table.name, column.name:
        case "checkin", "kind":
            return list(Kind)[number % len(Kind)].value
        case "checkin", "format":
            return ("in_person", "online", "hybrid", None)[number % 4]
        case "goal", "metric":
            return METRICS[number % len(METRICS)]
        case "composition", "counts":
            return {"women": 20 + number, "men": 2 if number % 2 else 30}
        case "policy", "value":
            return 45
        case "branch", "country":
            return "ABCDEFGHIJ"[number] + "X"
    return await _pointing(c, table, column, guild_id, number) or _any(column, guild_id, number)


async def _pointing(c: Connection, table: Table, column: Column[Any], guild_id: int, number: int) -> Any:
    """What names rows of other tables without the database knowing."""
    tables = metadata.tables
    match table.name, column.name:
        case "checkin_version", "fields":
            chapters = [await _one_of(c, tables["admin"].c.chapter_id, guild_id, each) for each in (number, number + 1)]
            return {"note": AWKWARD[number], "partners": chapters, "withdrawn": False}
        case "composition_sum", "sources":
            counted = tables["composition"].c
            source = (await c.scalars(select(counted.id).where(counted.guild_id == guild_id).order_by(counted.id))).all()[number]
            return {await _one_of(c, tables["admin"].c.chapter_id, guild_id, number): source}
        case "change", "branch_id":
            return await _one_of(c, tables["gathering"].c.branch_id, guild_id, number)
        case "change", "goal_id":
            return await _one_of(c, tables["goal_figure"].c.goal_id, guild_id, number)
    return None


def _any(column: Column[Any], guild_id: int, number: int) -> Any:
    kind = column.type
    if isinstance(kind, Instant):
        return AT + timedelta(hours=number, milliseconds=number)
    if isinstance(kind, Day):
        return date(2026, 2, 20) + timedelta(days=number)
    if isinstance(kind, MonthIndex):
        return Month(2026, 1).plus(number)
    if isinstance(kind, Json):
        return [AWKWARD[number]]
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Float):
        return -0.1 * number
    if isinstance(kind, UserId | BigInteger):
        return 2**62 + number
    if isinstance(kind, Integer):
        return 1 + number % 4
    if isinstance(kind, LargeBinary):
        return b"\0" + bytes([number])
    assert isinstance(kind, String)
    length = kind.length or 5000
    unique = f"{guild_id % 1000}-{number}"
    return (AWKWARD[number] if length > 20 else "")[: max(length - len(unique), 0)] + unique[-length:]
