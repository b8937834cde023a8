"""The database file: one connection that writes, two that read, and one program at a time that may write."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from db import faults
from db.faults import fault_in
from db.migrations import Standing, standing, upgrade

READERS = 2
PRIVATE = 0o600

_EVERY = ("busy_timeout=5000", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-8000")
_WRITER = (*_EVERY, "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000", "journal_size_limit=67108864")
_READER = (*_EVERY, "query_only=ON", "wal_autocheckpoint=0")


class Store:
    """An open database. A task holds at most one of its connections at a time: functions below take the connection that they shall use."""

    def __init__(self, path: Path, writer: AsyncEngine | None, readers: AsyncEngine, closing: AsyncExitStack) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._closing = closing
        self._closed = False
        self._borrowers: set[asyncio.Task[object] | None] = set()

    @classmethod
    async def open(cls, url: str, *, writer: bool = True) -> "Store":
        """Opens the file at this address, or raises StorageFault; a writer makes it, brings it up to date and keeps other writers out."""
        path = database_path(url)
        if not (writer or path.exists()):
            raise faults.missing(path)
        try:
            async with AsyncExitStack() as undo:
                engine = await _open_writer(path, undo) if writer else None
                readers = await _open_readers(path, undo)
                return cls(path, engine, readers, undo.pop_all())
        except DBAPIError as error:
            raise fault_in(error, path) or error from error

    async def close(self) -> None:
        """Waits for whoever still holds a connection, then closes: readers first, the writer last, so that only it tidies up the file."""
        self._closed = True
        await self._closing.aclose()

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that sees and changes the newest state; committed at the end, undone by an error. Never wait for Discord inside."""
        if self._writer is None:
            raise RuntimeError("this store was opened for reading")
        return self._lend(self._writer.begin())

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection on which each query sees all that was committed before it, and which refuses to change anything."""
        return self._lend(self._readers.connect())

    @asynccontextmanager
    async def _lend(self, lent: AbstractAsyncContextManager[AsyncConnection]) -> AsyncIterator[AsyncConnection]:
        if self._closed:
            raise RuntimeError("this store is closed")
        task = asyncio.current_task()
        if task in self._borrowers:
            raise RuntimeError("this task already holds a connection: pass that one on")
        self._borrowers.add(task)
        try:
            async with lent as connection:
                yield connection
        except DBAPIError as error:
            raise fault_in(error, self.path) or error from error
        finally:
            self._borrowers.discard(task)


def database_path(url: str) -> Path:
    """The file that this address names; raises StorageFault unless it is a SQLite file."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise faults.unsupported(url) from None
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        raise faults.unsupported(address.render_as_string())
    return Path(str(address.database)).resolve()


async def _open_writer(path: Path, undo: AsyncExitStack) -> AsyncEngine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise faults.no_folder(path) from error
    try:
        undo.enter_context(_only_writer(path))
        _make_private(path)
    except OSError as error:
        raise faults.unwritable(path) from error
    engine = _engine(path, "rw", 1, _WRITER)
    undo.push_async_callback(_retire, engine, 1)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    async with engine.connect() as connection:
        # SQLite changes a table by rebuilding it: enforced keys would delete the rows that point to it. In a transaction they stay as set.
        await connection.run_sync(_enforce_keys, "OFF")
        async with connection.begin():
            await connection.run_sync(_bring_up_to_date, path)
        await connection.run_sync(_enforce_keys, "ON")
    return engine


async def _open_readers(path: Path, undo: AsyncExitStack) -> AsyncEngine:
    engine = _engine(path, "ro", READERS, _READER)
    undo.push_async_callback(_retire, engine, READERS)
    async with engine.connect() as connection:
        await connection.run_sync(_insist_on_current, path)
    return engine


def _enforce_keys(connection: Connection, switch: str) -> None:
    _set(connection.connection, f"foreign_keys={switch}")


def _bring_up_to_date(connection: Connection, path: Path) -> None:
    found = standing(connection)
    if found in {Standing.EMPTY, Standing.OLDER}:
        try:
            upgrade(connection)
        except Exception as error:
            raise fault_in(error, path) or faults.upgrade_failed(path) from error
    else:
        _insist_on_current(connection, path)


def _insist_on_current(connection: Connection, path: Path) -> None:
    match standing(connection):
        case Standing.EMPTY | Standing.OLDER:
            raise faults.older(path)
        case Standing.NEWER:
            raise faults.newer(path)
        case Standing.FOREIGN:
            raise faults.foreign(path)
        case Standing.CURRENT:
            pass


def _engine(path: Path, mode: str, connections: int, pragmas: tuple[str, ...]) -> AsyncEngine:
    address = URL.create("sqlite+aiosqlite", database=path.as_uri(), query={"mode": mode, "uri": "true"})
    engine = create_async_engine(address, pool_size=connections, max_overflow=0, connect_args={"isolation_level": None})

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        _set(connection, *pragmas)

    return engine


def _set(connection: DBAPIConnection | PoolProxiedConnection, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _retire(engine: AsyncEngine, connections: int) -> None:
    async with AsyncExitStack() as all_of_them:
        for _ in range(connections):
            await all_of_them.enter_async_context(engine.connect())
    await engine.dispose()


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Holds the lock beside the file, in which the holder's process and machine are written for whoever is refused."""
    beside = path.with_name(f"{path.name}.lock")

    def sign(descriptor: int) -> None:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()}".encode(), 0)

    lock = FileLock(beside, timeout=0, mode=PRIVATE, thread_local=False, on_acquired=sign)
    try:
        lock.acquire()
    except Timeout:
        pid, _, host = beside.read_text(errors="replace").partition(" ")
        raise faults.in_use(path, pid or "?", host or "?") from None
    try:
        yield
    finally:
        lock.release()


def _make_private(path: Path) -> None:
    """Makes the file if there is none, and keeps it and what SQLite writes beside it from everybody but its owner."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, PRIVATE))
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with suppress(FileNotFoundError, PermissionError):
            file.chmod(PRIVATE)
