"""What holds for all tests, and what several folders share: a real database for each test, and a record of what is asked of it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from db.store import Store

# Two busy cores make a single example slow now and then; CI looks at the same examples every time, so that it fails only for a change.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

# All that is stored waits until the disk has it: thousands of tests need not, where there is a disk in memory with room enough.
IN_MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
if os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

# Working statements out anew for the store of every test took two fifths of the time of all tests.
COMPILED: LRUCache[Any, Any] = LRUCache(5000)


@event.listens_for(Engine, "engine_connect")
def _share(connection: Connection) -> None:
    connection.engine._compiled_cache = COMPILED


SQLiteDialect_aiosqlite.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
SQLiteDialect_aiosqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with every table and no row, made once."""
    path = tmp_path_factory.mktemp("template") / "template.db"

    async def make() -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{path}")
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Path:
    """A file of this test's own with every table and no row; nobody has it open."""
    return Path(shutil.copy(template, tmp_path / "chapterhouse.db"))


@pytest.fixture
async def store(database: Path) -> AsyncIterator[Store]:
    """This test's own empty database, open for writing."""
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    yield store
    await store.close()


class Statements(list[tuple[str, Any]]):
    """The statements run since the test began, or since `clear()`: each with its parameters, as the database got it."""

    async def plans(self, store: Store) -> list[str]:
        """How SQLite would go about each of them: a plan with SCAN reads a whole table or index, one with SEARCH does not."""
        asked = list(self)
        async with store.read() as connection:
            found = [(await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)).all() for sql, parameters in asked]
        self[:] = asked
        return ["\n".join(row.detail for row in rows) for rows in found]


@pytest.fixture
def statements() -> Iterator[Statements]:
    """A record of all SQL that this test runs from here on, on any store: `assert len(statements) <= 3`."""
    seen = Statements()

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        seen.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
