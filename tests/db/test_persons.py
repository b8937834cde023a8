"""A person's number is found wherever it stands, and is nowhere any more once it was taken out: not in a row, not in the file."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, String, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from db import persons
from db.store import Store
from db.tables import change, metadata
from db.types import Day, Instant, Json, MonthIndex, UserId

GUILD, OTHER_GUILD = 424242424242, 434343434343
ANA, BEN = 0x5EEDFACECAFE, 0x5EEDFACEBEEF
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
WORDS = {
    "timezone": "UTC",
    "key": "dues",
    "state": "active",
    "visibility": "members",
    "criterion": "reports",
    "part": "words",
    "reason": "left",
    "task": "backup",
    "act": "add",
    "rule": "consent",
    "voice": "aside",
}
WORDS_OF = {("contact", "kind"): "in_touch", ("change", "kind"): "chapter.edit", ("checkin_partner", "state"): "asked",
            ("gathering_chapter", "state"): "asked", ("outbox", "state"): "sent"}  # fmt: skip


def value(column: Column[Any], guild_id: int, person: int, number: int) -> Any:
    """Something that this column takes; a person's number where it holds one, also in what else a message needs."""
    table = column.table.name
    if isinstance(column.type, UserId):
        return person
    if column.name == "guild_id":
        return guild_id
    if column.foreign_keys:
        return None if column.nullable else number
    if isinstance(column.type, Json):
        return {"user_id": person, "by": person} if table in ("outbox", "pending") else ["city"]
    if column.name in {each.info.get("dated") for each in column.table.c}:
        return NOW
    if column.nullable or column.server_default is not None:
        return None
    return number if column.name == "id" else plain(column, person, number)


def plain(column: Column[Any], person: int, number: int) -> Any:
    """Something that fits the column's type, and what it is checked for."""
    table = column.table.name
    if column.name in ("dedup_key", "form_key"):
        return f"{table}:{person if table in ('outbox', 'pending') else ''}:{number}"
    easy = {Instant: NOW, Day: date(2026, 10, 1), MonthIndex: Month(2026, 9), String: f"{number}", Boolean: False}
    return WORDS_OF.get((table, column.name), WORDS.get(column.name, easy.get(type(column.type), number)))


def row(table: Table, guild_id: int, person: int, number: int) -> dict[str, Any]:
    found = {column.name: value(column, guild_id, person, number) for column in table.c}
    if table.name == "standing_fact":
        found["chapter_id"] = number
    return {name: each for name, each in found.items() if each is not None}


async def plant(c: AsyncConnection, guild_id: int, person: int, number: int) -> None:
    """One row in every table, with this person wherever a person can stand."""
    for table in metadata.sorted_tables:
        if "guild_id" in table.c:
            await c.execute(insert(table).values(row(table, guild_id, person, number)))


async def named(c: AsyncConnection, person: int) -> dict[str, int]:
    """How many rows name a person, by column."""
    return {str(column): await c.scalar(select(func.count()).where(column == person)) or 0 for _, column in persons.COLUMNS}


def in_files(database: Path, person: int) -> list[str]:
    """The files in which the number stands, as SQLite writes it or in letters."""
    looked_for = (person.to_bytes(6, "big"), str(person).encode())
    return [file.name for file in sorted(database.parent.glob("chapterhouse.db*")) if any(each in file.read_bytes() for each in looked_for)]


@pytest.fixture
async def planted(store: Store) -> Store:
    async with store.write() as c:
        await plant(c, GUILD, ANA, 1)
        await plant(c, OTHER_GUILD, ANA, 2)
    return store


async def test_a_person_stands_in_every_column_that_was_planted(planted: Store) -> None:
    async with planted.read() as c:
        found = await named(c, ANA)
        shown = {name async for name, _ in persons.rows_of(c, GUILD, ANA)}
    assert [name for name, count in found.items() if count != 2] == []
    assert shown == {table.name for table, _ in persons.COLUMNS}


async def test_whoever_erases_themselves_is_in_no_row_of_this_server_and_in_all_of_the_other(planted: Store) -> None:
    async with planted.write() as c:
        await persons.erase(c, GUILD, ANA)
    async with planted.read() as c:
        assert {name for name, count in (await named(c, ANA)).items() if count != 1} == set()
        assert {name async for name, _ in persons.rows_of(c, GUILD, ANA)} == set()
        for table in metadata.sorted_tables:
            if "guild_id" in table.c and table.name != "pending":
                rows = (await c.execute(select(table).where(table.c.guild_id == GUILD))).all()
                assert str(ANA) not in str(rows), table.name


async def test_nothing_of_them_is_in_the_files(store: Store, database: Path) -> None:
    async with store.write() as c:
        await plant(c, GUILD, ANA, 1)
        # So many rows that pages fill, split and are given back.
        for n in range(10, 600):
            for name in ("checkin", "change", "outbox", "report_version"):
                table = metadata.tables[name]
                at = {"chapter_id": 1} if "chapter_id" in table.c else {"report_id": 1, "version": n}
                await c.execute(insert(table).values(row(table, GUILD, ANA if n % 3 else BEN, n) | at))
    assert in_files(database, ANA) != []
    async with store.write() as c:
        await persons.erase(c, GUILD, ANA)
    await store.empty_log()
    assert in_files(database, ANA) == []
    assert in_files(database, BEN) != []


async def test_a_line_of_the_log_stays_and_says_that_its_name_was_taken_out(planted: Store) -> None:
    async with planted.write() as c:
        await persons.erase(c, GUILD, ANA)
        (line,) = (await c.execute(select(change).where(change.c.guild_id == GUILD))).all()
    assert (line.made_by, line.nameless, line.kind, line.fields) == (None, True, "chapter.edit", ["city"])


async def test_names_of_long_ago_are_taken_out_and_newer_ones_stay(planted: Store) -> None:
    async with planted.write() as c:
        assert await persons.age(c, GUILD, NOW) is False
        before = await named(c, ANA)
        await persons.age(c, GUILD, NOW + timedelta(milliseconds=1))
        after = await named(c, ANA)
    assert set(before.values()) == {2}
    lasting = {str(column) for _, column in persons.COLUMNS if "dated" not in column.info}
    assert {name for name, count in after.items() if count == 2} == lasting
    assert {name for name, count in after.items() if count == 1} == {str(column) for _, column in persons.COLUMNS} - lasting
    assert lasting == {"chapter.duty_user_id", "admin.user_id", "facilitator.user_id", "pending.user_id"}
