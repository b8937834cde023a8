"""aiosqlite with one trip to its thread for each statement instead of four: cursor, execute, fetch and close go together."""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite


class Cursor:
    """What SQLAlchemy asks of a cursor, answered from rows that came along with the statement."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, operation: str, parameters: Any = ()) -> "Cursor":
        """Runs a statement and fetches what it returns."""
        return await self._run(lambda cursor: cursor.execute(operation, parameters or ()))

    async def executemany(self, operation: str, parameters: Sequence[Any]) -> "Cursor":
        """Runs a statement once for each set of values."""
        return await self._run(lambda cursor: cursor.executemany(operation, parameters))

    async def _run(self, statement: Callable[[sqlite3.Cursor], object]) -> "Cursor":
        self.description, self.rowcount, self.lastrowid, self._rows = await self._connection.in_one_trip(statement)
        return self

    async def fetchone(self) -> Any:
        """The next row, or None."""
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows, so many at the most."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        """All rows that are left."""
        rows, self._rows = list(self._rows), deque()
        return rows

    async def close(self) -> None:
        """Nothing is open any more."""


class Connection(aiosqlite.Connection):
    """A connection whose cursors know their rows as soon as they are executed."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # it waits for nothing, so it is no coroutine
        """A cursor, without asking the thread for one."""
        return Cursor(self)

    async def in_one_trip(self, statement: Callable[[sqlite3.Cursor], object]) -> tuple[Any, int, int | None, deque[Any]]:
        """Description, row count, last row id and rows of a statement that is run in the connection's thread."""

        def run() -> tuple[Any, int, int | None, deque[Any]]:
            cursor = self._conn.cursor()
            try:
                statement(cursor)
                rows = deque(cursor.fetchall()) if cursor.description else deque()
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        outcome: tuple[Any, int, int | None, deque[Any]] = await self._execute(run)  # type: ignore[no-untyped-call]
        return outcome


def connect(path: Path, *, writes: bool) -> Connection:
    """A connection to an existing file, to be awaited; the driver begins no transaction by itself."""
    address = f"{path.as_uri()}?mode={'rw' if writes else 'ro'}"

    def connector() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    connection = Connection(connector, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with the connections that it opens itself
    return connection
