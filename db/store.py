"""The database file: one connection that writes, two that read, and one program at a time that may write."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

from sqlalchemy import URL, AdaptedConnection, event, make_url
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from db import backup, driver, faults
from db.faults import StorageFault
from db.hold import Hold, held
from db.migrations import Standing, newest_step, standing, upgrade

Connection: TypeAlias = AsyncConnection
"""What `read()` and `write()` lend, for those above who pass it on and run no statement of their own."""

READERS = 2

PATIENCE = 5000
"""Milliseconds to wait for another program that has begun to change the file."""

TURN = 120
"""Seconds to wait for one's turn: five hundred people who press at once are all served, each told meanwhile that it takes longer."""
BRIEFLY = 50

SAMPLE = 400
"""Rows that are looked at in each index: some milliseconds with ten years of ten thousand chapters."""

# Overwritten with zeros is what is deleted: a text that was taken out must not be found in the file.
_WRITER = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000", "journal_size_limit=67108864", "secure_delete=ON")
_READER = ("query_only=ON", "wal_autocheckpoint=0")


class Store:
    """An open database. A task holds at most one of its connections at a time: functions below take the connection that they shall use."""

    def __init__(self, path: Path, writer: AsyncEngine | None, readers: AsyncEngine, hold: Hold | None, closing: AsyncExitStack) -> None:
        self.path = path
        self.failing: StorageFault | None = None
        """Why the newest change could not be stored; None as soon as one is."""
        self.lost: asyncio.Future[StorageFault] = asyncio.get_running_loop().create_future()
        """Done when the file was taken away, or taken over: nothing can be stored any more, so the program has to stop."""
        self.changes = 0
        """How often something may have been stored since the file was opened: while it stays the same, so does all that was read."""
        self._writer = writer
        self._readers = readers
        self._hold = hold
        self._closing = closing
        self._closed = False
        self._sampled_at = path.stat().st_size
        self._borrowers: set[asyncio.Task[object] | None] = set()

    @classmethod
    async def open(cls, url: str, *, writer: bool = True, backups: Path | None = None) -> "Store":
        """Opens the file at this address, or raises StorageFault; a writer makes it, brings it up to date and keeps other writers out.

        An older one is copied to the folder `backups` first, if that is given.
        """
        path = database_path(url)
        with faults.named(path):
            async with AsyncExitStack() as undo:
                hold = undo.enter_context(held(path)) if writer else None
                engine = await _open_writer(path, undo, backups) if writer else None
                _insist_on_a_file(path)
                readers = _engine(path, READERS, _READER, writes=False)
                undo.push_async_callback(_retire, readers, READERS)
                if hold:
                    undo.enter_context(hold.watch())
                if not writer:
                    async with readers.connect() as connection:
                        await connection.run_sync(_check_is_current, path)
                return cls(path, engine, readers, hold, undo.pop_all())

    async def close(self) -> None:
        """Waits for whoever still holds a connection, then closes: readers first, the writer last, so that only it tidies up the file."""
        self._closed = True
        await self._closing.aclose()

    def insist(self) -> None:
        """Raises StorageFault, from then on each time, if the file that was opened is no longer there or no longer this program's."""
        if self.lost.done():
            raise self.lost.result()
        try:
            if self._hold is not None:
                self._hold.insist()
        except StorageFault as fault:
            self.lost.set_result(fault)
            raise

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that sees and changes the newest state; committed at the end, undone by an error. Never wait for Discord inside."""
        if self._writer is None:
            raise RuntimeError("this store was opened for reading")
        return self._change(self._writer)

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection on which each query sees all that was committed before it, and which refuses to change anything."""
        return self._lend(self._readers.connect())

    def snapshot(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection like that of `read`, on which all queries see one and the same moment."""
        return self._lend(self._still())

    async def can_be_written(self) -> None:
        """Takes the right to write and gives it back, changing nothing; raises what keeps people's entries out."""
        self.insist()
        if self._writer is None:
            raise RuntimeError("this store was opened for reading")
        async with self._lend(self._writer.begin()):
            pass
        if self.failing is not None:
            raise self.failing

    @asynccontextmanager
    async def _change(self, writer: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            self.insist()
            async with self._lend(writer.begin()) as connection:
                yield connection
        except StorageFault as fault:
            self.failing = fault
            raise
        finally:
            # Who gives up waiting does not learn whether it was stored.
            self.changes += 1
        self.failing = None

    async def empty_log(self) -> None:
        """Moves what the write-ahead log holds into the database and empties it: pages of before a deletion stand in it for long.

        Whoever reads at this moment is not waited for: then it stays as it is, until the next time.
        """
        if self._writer is None:
            raise RuntimeError("this store was opened for reading")
        # Nothing is lost if it cannot be done now.
        with suppress(StorageFault):
            async with self._lend(self._writer.connect()) as connection:
                await connection.run_sync(_empty_log)

    async def keep_in_the_picture(self) -> None:
        """Has SQLite sample the tables anew once the file has doubled since it last did: a plan made for few rows is slow with many."""
        size = self.path.stat().st_size
        if self._writer is None or size < 2 * self._sampled_at:
            return
        async with self._lend(self._writer.connect()) as connection:
            await connection.run_sync(_look_at_the_sizes)
        # Samples are read by a connection that is opened.
        await self._readers.dispose()
        self._sampled_at = size

    @asynccontextmanager
    async def _still(self) -> AsyncIterator[AsyncConnection]:
        async with self._readers.connect() as connection:
            await connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                await connection.exec_driver_sql("ROLLBACK")

    @asynccontextmanager
    async def _lend(self, lent: AbstractAsyncContextManager[AsyncConnection]) -> AsyncIterator[AsyncConnection]:
        if self._closed:
            raise RuntimeError("this store is closed")
        task = asyncio.current_task()
        if task in self._borrowers:
            raise RuntimeError("this task already holds a connection: pass that one on")
        self._borrowers.add(task)
        try:
            with faults.named(self.path):
                async with lent as connection:
                    yield connection
        finally:
            self._borrowers.discard(task)


def database_path(url: str) -> Path:
    """The file that this address names; raises StorageFault unless it is a SQLite file."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise faults.unsupported(url) from None
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"} or address.query:
        raise faults.unsupported(address.render_as_string())
    return Path(str(address.database)).resolve()


async def _open_writer(path: Path, undo: AsyncExitStack, backups: Path | None) -> AsyncEngine:
    engine = _engine(path, 1, _WRITER, writes=True)
    undo.push_async_callback(_retire, engine, 1)
    event.listen(engine.sync_engine, "begin", _begin_at_once)
    async with engine.connect() as connection:
        # SQLite changes a table by rebuilding it: enforced keys would delete the rows that point to it. In a transaction they stay as set.
        await connection.run_sync(_enforce_keys, "OFF")
        async with connection.begin():
            await connection.run_sync(_bring_up_to_date, path, backups)
        await connection.run_sync(_enforce_keys, "ON")
        # A bot can do without: what is wrong with the file is said by whoever needs what stands there.
        with suppress(sqlite3.Error):
            await connection.run_sync(_look_at_the_sizes)
    return engine


def _insist_on_a_file(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError:
        raise faults.missing(path) from None
    except OSError as error:
        raise faults.unopenable(path) from error


def _begin_at_once(connection: SyncConnection) -> None:
    """Takes the right to write before the first read: one taken later is refused if anything was written in between."""
    cast(AdaptedConnection, connection.connection.dbapi_connection).run_async(driver.Connection.begin)


def _enforce_keys(connection: SyncConnection, switch: str) -> None:
    _set(connection.connection, f"foreign_keys={switch}")


def _look_at_the_sizes(connection: SyncConnection) -> None:
    """Lets SQLite sample how many rows there are of each kind: without that it guesses which index is the shortest way to them."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA analysis_limit={SAMPLE}")
    cursor.execute("ANALYZE")
    cursor.close()


def _empty_log(connection: SyncConnection) -> None:
    _set(connection.connection, f"busy_timeout={BRIEFLY}", "wal_checkpoint(TRUNCATE)", f"busy_timeout={PATIENCE}")


def _bring_up_to_date(connection: SyncConnection, path: Path, backups: Path | None) -> None:
    found = standing(connection)
    if found not in {Standing.EMPTY, Standing.OLDER}:
        return _refuse(found, path)
    if found is Standing.OLDER and backups is not None:
        # Whoever upgrades is there to make room: without a way back nothing is changed.
        with backup.alone_in(backups):
            backup.make(path, backups / f"{path.stem}-before-{newest_step()}.db", anew=True)
    try:
        with faults.named(path):
            upgrade(connection)
    except StorageFault:
        raise
    except Exception as error:
        raise faults.upgrade_failed(path) from error


def _check_is_current(connection: SyncConnection, path: Path) -> None:
    _refuse(standing(connection), path)


def _refuse(found: Standing, path: Path) -> None:
    match found:
        case Standing.EMPTY | Standing.OLDER:
            raise faults.older(path)
        case Standing.NEWER:
            raise faults.newer(path)
        case Standing.FOREIGN:
            raise faults.foreign(path)
        case Standing.CURRENT:
            return


def _engine(path: Path, connections: int, pragmas: tuple[str, ...], *, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=partial(driver.connect, path, writes=writes),
        skip_autocommit_rollback=not writes,
        hide_parameters=True,  # what people write must not reach a log through an error
        pool_size=connections,
        max_overflow=0,
        pool_timeout=TURN,
        pool_reset_on_return=None,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _set(connection, f"busy_timeout={PATIENCE}", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-2000", *pragmas)

    return engine


def _set(connection: DBAPIConnection | PoolProxiedConnection, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _retire(engine: AsyncEngine, connections: int) -> None:
    async with AsyncExitStack() as all_of_them:
        for _ in range(connections):
            # A file that was taken away cannot be opened once more, which is no reason to keep what is open.
            with suppress(DBAPIError):
                await all_of_them.enter_async_context(engine.connect())
    await engine.dispose()
