"""aiosqlite with no trip to its thread for what is short, and one for any other statement instead of four.

A trip wakes a sleeping thread and then the event loop: on an idle virtual machine that takes longer than most reads do.
"""

import math
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import aiosqlite

SHORT = 0.004
"""Seconds of work with which a read may keep the event loop; one that takes longer is interrupted, and done again in the thread."""
STEPS = 500
"""Steps of SQLite's machine between two looks at the clock: some microseconds."""
LONG_AFTER = 3
"""A read that was interrupted so many times goes to the thread at once."""

BEGIN = "BEGIN IMMEDIATE"
ONE_ROW = "INSERT INTO"
"""How what adds a row begins, or the few of one thing: all others are made with executemany."""

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

        def statement(cursor: sqlite3.Cursor) -> object:
            return cursor.execute(operation, parameters or ())

        return self._keep(self._connection.at_once(operation, statement) or await self._connection.in_one_trip(statement))

    async def executemany(self, operation: str, parameters: Sequence[Any]) -> "Cursor":
        """Runs a statement once for each set of values."""
        return self._keep(await self._connection.in_one_trip(lambda cursor: cursor.executemany(operation, parameters)))

    def _keep(self, outcome: Outcome) -> "Cursor":
        self.description, self.rowcount, self.lastrowid, self._rows = outcome
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

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._asked = self._done = 0
        self._interrupted: Counter[str] = Counter()

    def cursor(self) -> Cursor:  # type: ignore[override]  # it waits for nothing, so it is no coroutine
        """A cursor, without asking the thread for one."""
        return Cursor(self)

    async def begin(self) -> None:
        """Takes the right to write: at once if it is free, and otherwise with the patience that the connection was opened with."""
        if not self._free():
            return await self._begin()
        (patience,) = self._conn.execute("PRAGMA busy_timeout").fetchone()
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            self._conn.execute(BEGIN)
            return None
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={patience}")
        return await self._begin()

    async def _begin(self) -> None:
        await self.in_one_trip(lambda cursor: cursor.execute(BEGIN))

    def _free(self) -> bool:
        """Whether the thread has nothing to do: what it works at must be done before anything else is."""
        return self._asked == self._done

    async def _execute(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        def counted() -> Any:
            try:
                return fn(*args, **options)
            finally:
                self._done += 1

        self._asked += 1
        return await super()._execute(counted)  # type: ignore[no-untyped-call]

    def at_once(self, operation: str, statement: Callable[[sqlite3.Cursor], object]) -> Outcome | None:
        """What a short statement comes to, or None if it is not one, or if the thread is busy; then nothing has changed."""
        if not self._free():
            return None
        if operation.startswith(ONE_ROW):
            return self._outcome(statement)
        if (self.writes and not operation.startswith("SELECT")) or self._interrupted[operation] >= LONG_AFTER:
            return None
        return self._if_short(operation, statement)

    def _if_short(self, operation: str, read: Callable[[sqlite3.Cursor], object]) -> Outcome | None:
        """A read changes nothing, so that it may be interrupted; a change would take its whole transaction with it."""
        began = time.thread_time()
        self._conn.set_progress_handler(lambda: time.thread_time() - began > SHORT, STEPS)
        try:
            return self._outcome(read)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            self._interrupted[operation] += 1
            return None
        finally:
            self._conn.set_progress_handler(None, 0)

    async def in_one_trip(self, statement: Callable[[sqlite3.Cursor], object]) -> Outcome:
        """What a statement comes to that is run in the connection's thread."""
        outcome: Outcome = await self._execute(self._outcome, statement)
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
        opened = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        _teach_angles(opened)
        return opened

    connection = Connection(connector, iter_chunk_size=64)
    connection.writes = writes
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with the connections that it opens itself
    return connection


def _teach_angles(connection: sqlite3.Connection) -> None:
    """Sine and cosine in statements: some builds of SQLite leave them out."""
    for name, of in (("sin", math.sin), ("cos", math.cos)):
        try:
            connection.execute(f"SELECT {name}(0.0)")
        except sqlite3.OperationalError:
            connection.create_function(name, 1, of, deterministic=True)
