"""One file, one writer, no word lost, and a clear sentence when something is wrong with the file."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

import db.store
from db.faults import StorageFault
from db.store import Store

NOBODY = 65534


def address(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def add(connection: AsyncConnection, n: int) -> None:
    await connection.exec_driver_sql("INSERT INTO scratch VALUES (?)", (n,))


async def kept(connection: AsyncConnection) -> list[int]:
    return list((await connection.exec_driver_sql("SELECT n FROM scratch ORDER BY n")).scalars())


async def pragma(connection: AsyncConnection, name: str) -> object:
    return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()


async def fault_of(path: Path, *, writer: bool = True) -> str:
    """The sentence with which this file is refused."""
    with pytest.raises(StorageFault) as caught:
        await Store.open(address(path), writer=writer)
    return str(caught.value)


# Reading and writing


async def test_what_was_written_is_read_by_everybody_at_once(scratch: Store) -> None:
    async with scratch.write() as connection:
        await add(connection, 1)
    async with scratch.read() as connection:
        assert await kept(connection) == [1]


async def test_a_reader_sees_what_was_committed_while_it_was_reading(scratch: Store) -> None:
    async with scratch.read() as reader:
        assert await kept(reader) == []
        await asyncio.create_task(add_alone(scratch, 1))
        assert await kept(reader) == [1]


async def test_a_snapshot_stays_as_it_was_until_it_is_given_back(scratch: Store) -> None:
    async with scratch.snapshot() as reader:
        assert await kept(reader) == []
        await asyncio.create_task(add_alone(scratch, 1))
        assert await kept(reader) == []
    with pytest.raises(StorageFault):
        async with scratch.snapshot() as reader:
            await add(reader, 2)
    for _ in range(4):
        async with scratch.read() as reader, asyncio.timeout(5):
            assert await kept(reader) == [1]


async def test_nothing_is_read_before_it_is_committed(scratch: Store) -> None:
    async def look() -> list[int]:
        async with scratch.read() as connection:
            return await kept(connection)

    async with scratch.write() as connection:
        await add(connection, 1)
        assert await kept(connection) == [1]
        assert await asyncio.create_task(look()) == []


async def test_an_error_leaves_nothing_of_its_transaction(scratch: Store) -> None:
    async def fail() -> None:
        async with scratch.write() as connection:
            await add(connection, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with scratch.write() as connection:
        assert await kept(connection) == []


async def test_a_broken_rule_of_the_tables_is_no_fault_of_the_file(scratch: Store) -> None:
    async def add_twice() -> None:
        async with scratch.write() as connection:
            await add(connection, 1)
            await add(connection, 1)

    with pytest.raises(IntegrityError):
        await add_twice()
    async with scratch.read() as connection:
        assert await kept(connection) == []


async def test_a_writer_that_is_cancelled_leaves_nothing_and_blocks_nobody(scratch: Store) -> None:
    inside, never = asyncio.Event(), asyncio.Event()

    async def linger() -> None:
        async with scratch.write() as connection:
            await add(connection, 1)
            inside.set()
            await never.wait()

    task = asyncio.create_task(linger())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add_alone(scratch, 2)
    async with scratch.read() as connection:
        assert await kept(connection) == [2]


async def test_a_statement_that_is_cancelled_midway_leaves_nothing_and_blocks_nobody(scratch: Store) -> None:
    inside = asyncio.Event()

    async def toil() -> None:
        async with scratch.write() as connection:
            await add(connection, 1)
            inside.set()
            await connection.exec_driver_sql(LONG_TOIL)
            raise AssertionError

    task = asyncio.create_task(toil())
    await inside.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add_alone(scratch, 2)
    async with scratch.read() as connection:
        assert await kept(connection) == [2]


LONG_TOIL = "WITH RECURSIVE c(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM c LIMIT 100000) INSERT INTO scratch SELECT n FROM c"


async def add_alone(store: Store, n: int) -> None:
    async with store.write() as connection:
        await add(connection, n)


async def test_many_who_read_and_then_write_at_once_take_turns(scratch: Store) -> None:
    async def add_the_next() -> None:
        async with scratch.write() as connection:
            await add(connection, len(await kept(connection)))

    await asyncio.gather(*(add_the_next() for _ in range(25)))
    async with scratch.read() as connection:
        assert await kept(connection) == list(range(25))


async def test_more_readers_than_connections_take_turns(scratch: Store) -> None:
    async def look() -> list[int]:
        async with scratch.read() as connection:
            return await kept(connection)

    assert await asyncio.gather(*(look() for _ in range(20))) == [[]] * 20


@pytest.mark.parametrize("outer", ["read", "write"])
@pytest.mark.parametrize("inner", ["read", "write"])
async def test_a_task_that_holds_a_connection_gets_no_second_one(scratch: Store, outer: str, inner: str) -> None:
    async with getattr(scratch, outer)():
        with pytest.raises(RuntimeError, match="already holds a connection: pass that one on"):
            async with getattr(scratch, inner)():
                pass
    async with scratch.write() as connection:
        await add(connection, 1)


async def test_a_task_started_inside_a_transaction_waits_for_its_end(scratch: Store) -> None:
    async with scratch.write() as connection:
        later = asyncio.create_task(add_alone(scratch, 2))
        await asyncio.sleep(0)
        await add(connection, 1)
    await later
    async with scratch.read() as connection:
        assert await kept(connection) == [1, 2]


async def test_a_reader_can_change_nothing(scratch: Store) -> None:
    with pytest.raises(StorageFault):
        async with scratch.read() as connection:
            await add(connection, 1)


async def test_a_store_opened_for_reading_has_no_writer(database: Path) -> None:
    store = await Store.open(address(database), writer=False)
    with pytest.raises(RuntimeError, match="opened for reading"):
        store.write()
    await store.close()


async def test_connections_are_set_as_measured(store: Store) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only", "wal_autocheckpoint")
    async with store.write() as connection:
        assert [await pragma(connection, name) for name in names] == ["wal", 2, 1, 5000, 0, 1000]
    async with store.read() as connection:
        assert [await pragma(connection, name) for name in names] == ["wal", 2, 1, 5000, 1, 0]


async def test_at_the_next_start_sqlite_knows_how_many_rows_there_are_of_each_kind(scratch: Store, database: Path) -> None:
    async with scratch.write() as connection:
        await connection.exec_driver_sql("CREATE INDEX ix_scratch ON scratch (n)")
        for n in range(50):
            await add(connection, n)
    await scratch.close()
    again = await Store.open(address(database))
    async with again.read() as connection:
        known = await connection.exec_driver_sql("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_scratch'")
        assert known.scalar() == "50 1"
    await again.close()


async def test_a_row_that_points_nowhere_is_refused(scratch: Store) -> None:
    async with scratch.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE child (n INTEGER REFERENCES scratch(n))")
    with pytest.raises(IntegrityError):
        async with scratch.write() as connection:
            await connection.exec_driver_sql("INSERT INTO child VALUES (7)")


# Closing


async def test_closing_waits_for_whoever_is_still_writing(scratch: Store, database: Path) -> None:
    async with scratch.write() as connection:
        closing = asyncio.create_task(scratch.close())
        for n in range(50):
            await add(connection, n)
        assert not closing.done()
    await closing
    with sqlite3.connect(database) as after:
        assert after.execute("SELECT count(*) FROM scratch").fetchone() == (50,)


async def test_a_closed_store_lends_nothing_and_leaves_one_file(scratch: Store, database: Path) -> None:
    await scratch.close()
    with pytest.raises(RuntimeError, match="closed"):
        async with scratch.write():
            pass
    assert sorted(file.name for file in database.parent.iterdir()) == ["chapterhouse.db", "chapterhouse.db.lock"]


async def test_a_program_that_is_killed_loses_nothing_that_it_had_acknowledged(database: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ACKNOWLEDGE, address(database)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(20)]
    child.kill()
    acknowledged += [int(line) for line in child.stdout.read().split()]
    child.wait()
    assert Path(f"{database}-wal").stat().st_size > 0
    for writer in (False, True):
        store = await Store.open(address(database), writer=writer)
        async with store.read() as connection:
            assert set(acknowledged) <= set(await kept(connection))
            assert await pragma(connection, "integrity_check") == "ok"
        await store.close()


ACKNOWLEDGE = """
import asyncio, itertools, sys
from db.store import Store

async def main():
    store = await Store.open(sys.argv[1])
    async with store.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE scratch (n INTEGER PRIMARY KEY)")
    for n in itertools.count():
        async with store.write() as connection:
            await connection.exec_driver_sql("INSERT INTO scratch VALUES (?)", (n,))
        print(n, flush=True)

asyncio.run(main())
"""


# Where the file is and whose it is


async def test_the_file_and_its_folder_are_made_and_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a new" / "folder #1 50%" / "chapterhouse.db"
    store = await Store.open(address(path))
    async with store.read():
        modes = {file.name.removeprefix(path.name): file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    await store.close()
    assert modes == {"": 0o600, "-wal": 0o600, "-shm": 0o600, ".lock": 0o600}


async def test_a_file_that_others_could_read_is_made_private(database: Path) -> None:
    database.chmod(0o644)
    store = await Store.open(address(database))
    await store.close()
    assert database.stat().st_mode & 0o777 == 0o600


async def test_a_relative_address_lies_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = await Store.open("sqlite+aiosqlite:///here.db")
    await store.close()
    assert store.path == tmp_path / "here.db"
    assert store.path.exists()


async def test_a_second_writer_is_told_who_holds_the_file(store: Store, database: Path) -> None:
    assert await fault_of(database) == (
        f"The database {database} is in use by process {os.getpid()} on {socket.gethostname()}. Stop that one first, then try again."
    )


async def test_a_writer_in_another_process_keeps_us_out_until_it_is_gone(database: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ACKNOWLEDGE, address(database)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGSTOP)
    assert f"in use by process {child.pid} on " in await fault_of(database)
    child.kill()
    child.communicate()
    store = await Store.open(address(database))
    await store.close()


async def test_readers_come_and_go_while_a_writer_holds_the_file(scratch: Store, database: Path) -> None:
    reader = await Store.open(address(database), writer=False)
    await add_alone(scratch, 1)
    async with reader.read() as connection:
        assert await kept(connection) == [1]
    await reader.close()
    await add_alone(scratch, 2)


async def test_a_fault_lets_go_of_the_file(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert await fault_of(database) == await fault_of(database)


# One clear sentence for each fault


async def test_a_file_that_another_program_keeps_locked(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.store, "PATIENCE", 20)
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    sentence = f"The database {database} is locked by another program. Close that program, then try again."
    assert await fault_of(database) == sentence
    other.close()


async def test_a_program_that_locks_the_file_while_we_run(scratch: Store, database: Path) -> None:
    async with scratch.write() as connection:
        await pragma(connection, "busy_timeout=20")
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFault, match="is locked by another program"):
        await add_alone(scratch, 1)
    other.close()
    await add_alone(scratch, 2)


@pytest.mark.parametrize("writer", [True, False])
async def test_a_file_that_is_no_database(tmp_path: Path, writer: bool) -> None:
    path = tmp_path / "notes.db"
    path.write_text("Buy milk. " * 1000)
    assert await fault_of(path, writer=writer) == f"The file {path} is not a database. Name another file, or restore your latest backup."
    assert path.read_text() == "Buy milk. " * 1000


@pytest.mark.parametrize("writer", [True, False])
async def test_a_damaged_database(database: Path, writer: bool) -> None:
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xaa" * (database.stat().st_size - 4096))
    assert await fault_of(database, writer=writer) == f"The database {database} is damaged. Restore your latest backup."


@pytest.mark.parametrize("writer", [True, False])
async def test_a_database_from_a_newer_version(database: Path, writer: bool) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert await fault_of(database, writer=writer) == (
        f"The database {database} is newer than this program. Install the newer version, or restore an older backup."
    )


@pytest.mark.parametrize("writer", [True, False])
async def test_a_database_of_another_program(tmp_path: Path, writer: bool) -> None:
    path = tmp_path / "music.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE album (title TEXT)")
    assert await fault_of(path, writer=writer) == f"The database {path} belongs to another program. Name another file."


async def test_a_reader_finds_no_file(tmp_path: Path) -> None:
    path = tmp_path / "chapterhouse.db"
    assert await fault_of(path, writer=False) == f"There is no database {path} yet. Start the bot once: it makes one."
    assert not path.exists()


async def test_a_reader_finds_tables_from_before(tmp_path: Path) -> None:
    path = tmp_path / "chapterhouse.db"
    path.touch()
    assert (
        await fault_of(path, writer=False)
        == f"The database {path} is older than this program. Start the bot once: it brings it up to date."
    )


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    path = tmp_path / "taken" / "inside" / "chapterhouse.db"
    assert await fault_of(path) == f"The folder of the database {path} cannot be made. Make it yourself, or name another place."


async def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    mode = tmp_path.stat().st_mode
    assert (
        await fault_of(tmp_path) == f"The database {tmp_path} cannot be opened. It has to be a file that this account may read and write."
    )
    assert tmp_path.stat().st_mode == mode


async def test_a_file_that_may_not_be_written(template: Path) -> None:
    with folder_for_anybody() as folder:
        path = folder / "chapterhouse.db"
        path.write_bytes(template.read_bytes())
        path.chmod(0o444)
        with without_privileges():
            sentence = await fault_of(path)
    assert sentence == f"The database {path} cannot be written. Let this account write the file and its folder."


async def test_a_folder_that_may_not_be_written(template: Path) -> None:
    with folder_for_anybody() as folder:
        path = folder / "chapterhouse.db"
        path.write_bytes(template.read_bytes())
        folder.chmod(0o555)
        with without_privileges():
            sentence = await fault_of(path)
        folder.chmod(0o755)
    assert sentence == f"The database {path} cannot be written. Let this account write the file and its folder."


async def test_a_full_disk_loses_only_the_transaction_that_found_no_room(scratch: Store, database: Path) -> None:
    await add_alone(scratch, 1)
    async with scratch.write() as connection:
        pages = await pragma(connection, "page_count")
        await pragma(connection, f"max_page_count={pages}")

    async def add_too_much() -> None:
        async with scratch.write() as connection:
            await add(connection, 2)
            await connection.exec_driver_sql("CREATE TABLE more (n INTEGER)")

    with pytest.raises(StorageFault) as caught:
        await add_too_much()
    assert (
        str(caught.value)
        == f"The disk that holds the database {database} is full. Make room; a bot that is running then goes on by itself."
    )
    async with scratch.read() as connection:
        assert await kept(connection) == [1]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://localhost/chapterhouse",
        "chapterhouse.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        "",
    ],
)
async def test_an_address_that_names_no_sqlite_file(url: str) -> None:
    with pytest.raises(StorageFault, match=r"is not understood\. Write it like sqlite\+aiosqlite:///chapterhouse\.db\."):
        await Store.open(url)


@contextmanager
def folder_for_anybody() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@contextmanager
def without_privileges() -> Iterator[None]:
    """The administrator may write everything: such a test has to be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


async def test_what_is_deleted_is_in_no_file_once_nobody_reads_any_more(scratch: Store, database: Path) -> None:
    def on_disk() -> bool:
        return any(b"quince" in file.read_bytes() for file in database.parent.glob(f"{database.name}*"))

    async with scratch.write() as c:
        await c.exec_driver_sql("CREATE TABLE words (said TEXT)")
        await c.exec_driver_sql("INSERT INTO words VALUES (?)", ("quince " * 1000,))
    await scratch.empty_log()
    async with scratch.write() as c:
        await c.exec_driver_sql("DELETE FROM words")
    assert on_disk()
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM words").fetchall()
        async with scratch.write() as c:
            await add(c, 1)
        await scratch.empty_log()
    await scratch.empty_log()
    assert not on_disk()
    async with scratch.read() as c:
        assert await kept(c) == [1]
    assert await pragma_of_writer(scratch, "busy_timeout") == 5000


async def test_what_grew_while_it_was_open_is_read_by_the_index_that_is_short_now(scratch: Store) -> None:
    async def plan() -> str:
        async with scratch.read() as c:
            rows = await c.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM entry WHERE server = 1 AND chapter IN (1, 2, 3) AND day > 0")
            return str(rows.all())

    async with scratch.write() as c:
        await c.exec_driver_sql("CREATE TABLE entry (server INTEGER, chapter INTEGER, day INTEGER, note TEXT)")
        await c.exec_driver_sql("CREATE INDEX by_chapter ON entry (chapter)")
        await c.exec_driver_sql("CREATE INDEX by_server ON entry (server, day)")
    await scratch.keep_in_the_picture()
    assert "by_server" in await plan()
    async with scratch.write() as c:
        rows = [(n // 10, n, "n" * 400) for n in range(2000)]
        await c.exec_driver_sql("INSERT INTO entry VALUES (1, ?, ?, ?)", rows)
    await scratch.empty_log()
    await scratch.keep_in_the_picture()
    assert "by_chapter" in await plan()


async def pragma_of_writer(store: Store, name: str) -> object:
    async with store.write() as c:
        return await pragma(c, name)
