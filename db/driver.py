"""aiosqlite with no trip to its thread for a short read, and one for any other statement instead of four.

A trip wakes a sleeping thread and then the event loop: on an idle virtual machine that takes longer than most reads do.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import aiosqlite

SHORT = 0.004
"""Seconds that a read may keep the event loop; one that takes longer is interrupted, and done again in the thread."""
STEPS = 500
"""Steps of SQLite's machine between two looks at the clock: some microseconds."""

Outcome: TypeAlias = tuple[Any, int, int | None, deque[Any]]


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
        return await self._run(lambda cursor: cursor.execute(operation, parameters or ()), reads=self._connection.reads(operation))

    async def executemany(self, operation: str, parameters: Sequence[Any]) -> "Cursor":
        """Runs a statement once for each set of values."""
        return await self._run(lambda cursor: cursor.executemany(operation, parameters))

    async def _run(self, statement: Callable[[sqlite3.Cursor], object], *, reads: bool = False) -> "Cursor":
        outcome = self._connection.at_once(statement) if reads else None
        self.description, self.rowcount, self.lastrowid, self._rows = outcome or await self._connection.in_one_trip(statement)
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

    writes = True

    def cursor(self) -> Cursor:  # type: ignore[override]  # it waits for nothing, so it is no coroutine
        """A cursor, without asking the thread for one."""
        return Cursor(self)

    def reads(self, operation: str) -> bool:
        """Whether a statement changes nothing, so that it may be interrupted: all that a reader runs, and a writer's plain SELECT."""
        return not self.writes or operation.startswith("SELECT")

    def at_once(self, read: Callable[[sqlite3.Cursor], object]) -> Outcome | None:
        """What a read comes to, or None if it is not a short one; a read that is interrupted has changed nothing."""
        began = time.monotonic()
        self._conn.set_progress_handler(lambda: time.monotonic() - began > SHORT, STEPS)
        try:
            return self._outcome(read)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return None
        finally:
            self._conn.set_progress_handler(None, 0)

    async def in_one_trip(self, statement: Callable[[sqlite3.Cursor], object]) -> Outcome:
        """What a statement comes to that is run in the connection's thread."""
        outcome: Outcome = await self._execute(self._outcome, statement)  # type: ignore[no-untyped-call]
        return outcome

    def _outcome(self, statement: Callable[[sqlite3.Cursor], object]) -> Outcome:
        cursor = self._conn.cursor()
        try:
            statement(cursor)
            rows = deque(cursor.fetchall()) if cursor.description else deque()
            return cursor.description, cursor.rowcount, cursor.lastrowid, rows
        finally:
            cursor.close()


def connect(path: Path, *, writes: bool) -> Connection:
    """A connection to an existing file, to be awaited; the driver begins no transaction by itself."""
    address = f"{path.as_uri()}?mode={'rw' if writes else 'ro'}"

    def connector() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    connection = Connection(connector, iter_chunk_size=64)
    connection.writes = writes
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with the connections that it opens itself
    return connection
