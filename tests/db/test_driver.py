"""What is short is done at once, and what is not keeps nobody waiting."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from db import driver
from db.driver import Connection, Cursor

LONG = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {}) SELECT count(*) FROM c"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    file = tmp_path / "driver.db"
    with sqlite3.connect(file) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE scratch (n INTEGER, thread INTEGER)")
    made.close()
    return file


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Connection]:
    async with driver.connect(path, writes=True) as connection:
        yield connection


@pytest.fixture
async def reader(path: Path) -> AsyncIterator[Connection]:
    async with driver.connect(path, writes=False) as connection:
        yield connection


async def seen_from(connection: Connection) -> Callable[[], bool]:
    """Makes a SQL function that notes whether it is called in the event loop's thread; answers what it noted last."""
    here, noted = threading.get_ident(), []

    def whence() -> int:
        noted.append(threading.get_ident() == here)
        return 1

    await connection.create_function("whence", 0, whence)
    return lambda: noted[-1]


async def rows(connection: Connection, statement: str) -> list[tuple[object, ...]]:
    return await (await connection.cursor().execute(statement)).fetchall()


async def test_a_short_read_is_done_at_once(reader: Connection) -> None:
    at_once = await seen_from(reader)
    await rows(reader, "SELECT whence()")
    assert at_once()


async def test_a_long_read_is_finished_in_the_thread(reader: Connection) -> None:
    at_once = await seen_from(reader)
    assert await rows(reader, f"SELECT ({LONG.format(200_000)}) + whence() * 0") == [(200_000,)]
    assert not at_once()


async def test_a_read_that_is_always_long_goes_to_the_thread_without_being_tried(reader: Connection) -> None:
    at_once = await seen_from(reader)
    statement = f"SELECT whence() + ({LONG.format(200_000)}) * 0"
    tried = []
    for _ in range(driver.LONG_AFTER + 1):
        assert await rows(reader, statement) == [(1,)]
        tried.append(reader._interrupted[statement])
    assert tried == [1, 2, 3, 3]
    assert not at_once()


async def test_one_row_is_added_at_once_and_any_other_change_in_the_thread(writer: Connection) -> None:
    at_once = await seen_from(writer)
    await writer.begin()
    await writer.cursor().execute("INSERT INTO scratch VALUES (?, whence())", (1,))
    assert at_once()
    await writer.cursor().execute("UPDATE scratch SET thread = whence()")
    assert not at_once()
    await writer.cursor().executemany("INSERT INTO scratch VALUES (?, whence())", [(2,), (3,)])
    assert not at_once()
    await writer.commit()
    assert await rows(writer, "SELECT n FROM scratch") == [(1,), (2,), (3,)]


async def test_nothing_is_done_at_once_while_the_thread_is_at_work(writer: Connection) -> None:
    at_once = await seen_from(writer)
    going, go_on = threading.Event(), threading.Event()

    def hold() -> int:
        going.set()
        go_on.wait()
        return 1

    await writer.create_function("hold", 0, hold)
    await writer.cursor().execute("INSERT INTO scratch VALUES (1, 1)")
    first = asyncio.create_task(Cursor(writer).execute("UPDATE scratch SET n = hold()"))
    while not going.is_set():
        await asyncio.sleep(0)
    second = asyncio.create_task(rows(writer, "SELECT whence()"))
    await asyncio.sleep(0)
    assert not second.done()
    go_on.set()
    await asyncio.gather(first, second)
    assert not at_once()


async def test_whoever_wants_to_write_waits_for_another_program_without_holding_up_this_one(writer: Connection, path: Path) -> None:
    await writer.execute("PRAGMA busy_timeout=5000")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(writer.begin())
    await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("ROLLBACK")
    await waiting
    assert await rows(writer, "PRAGMA busy_timeout") == [(5000,)]
    other.close()
