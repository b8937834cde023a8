"""Who writes holds the file alone, and learns when it is taken away."""

import asyncio
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from db.faults import StorageFault
from db.hold import Hold
from db.store import Store

WHY = r"was deleted, moved or replaced while the bot was running\. The bot stops, so that nothing is written to nowhere\."


async def add(store: Store) -> None:
    async with store.write() as c:
        await c.exec_driver_sql("INSERT INTO scratch DEFAULT VALUES")


async def kept(store: Store) -> int:
    async with store.read() as c:
        return len((await c.exec_driver_sql("SELECT n FROM scratch")).all())


@pytest.mark.parametrize("file", ["", "-wal", "-shm"])
async def test_a_file_that_is_deleted_underneath_takes_nothing_more_and_is_still_read(scratch: Store, database: Path, file: str) -> None:
    await add(scratch)
    assert await kept(scratch) == 1
    Path(f"{database}{file}").unlink()
    assert not scratch.lost.done()
    for _ in range(2):
        with pytest.raises(StorageFault, match=WHY):
            await add(scratch)
    assert await kept(scratch) == 1
    assert (await scratch.lost).reason.values == {"file": str(database)}


async def test_a_file_that_is_replaced_underneath_stays_as_it_was_put_there(scratch: Store, database: Path, template: Path) -> None:
    shutil.copy(template, database.with_name("other"))
    database.with_name("other").rename(database)
    with pytest.raises(StorageFault, match=WHY):
        await add(scratch)
    await scratch.close()
    assert database.read_bytes() == template.read_bytes()


async def test_a_folder_that_is_removed_underneath_takes_nothing_more(scratch: Store, database: Path) -> None:
    shutil.rmtree(database.parent)
    with pytest.raises(StorageFault, match=WHY):
        await add(scratch)


async def test_what_stood_only_in_a_deleted_log_is_in_the_file_after_an_orderly_stop(scratch: Store, database: Path) -> None:
    await add(scratch)
    Path(f"{database}-wal").unlink()
    with pytest.raises(StorageFault, match=WHY):
        scratch.insist()
    await scratch.close()
    with sqlite3.connect(database) as after:
        assert after.execute("SELECT count(*) FROM scratch").fetchone() == (1,)


async def test_a_lock_that_somebody_deletes_is_taken_anew(scratch: Store, database: Path) -> None:
    beside = Path(f"{database}.lock")
    beside.unlink()
    await add(scratch)
    assert beside.read_text().startswith(f"{os.getpid()} ")
    with pytest.raises(StorageFault, match=f"in use by process {os.getpid()} on"):
        await Store.open(f"sqlite+aiosqlite:///{database}")


async def test_whoever_takes_a_deleted_lock_first_keeps_it(scratch: Store, database: Path) -> None:
    Path(f"{database}.lock").unlink()
    other = Hold(database)
    other.take()
    for _ in range(2):
        with pytest.raises(StorageFault, match="is in use by process"):
            await add(scratch)
    assert scratch.lost.done()
    other.release()


async def test_a_change_that_could_not_be_stored_is_remembered_until_one_is(scratch: Store) -> None:
    async with scratch.write() as c:
        await c.exec_driver_sql("PRAGMA max_page_count=1")
    with pytest.raises(StorageFault, match="is full"):
        async with scratch.write() as c:
            await c.exec_driver_sql("CREATE TABLE more (n INTEGER)")
    assert scratch.failing is not None
    assert await kept(scratch) == 0
    assert scratch.failing is not None
    async with scratch.write() as c:
        await c.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert scratch.failing is None


async def test_whoever_waits_too_long_for_a_turn_is_told_so_in_a_sentence(scratch: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scratch._writer is not None
    monkeypatch.setattr(scratch._writer.pool, "_timeout", 0.01)
    async with scratch.write():
        with pytest.raises(StorageFault, match="is too busy"):
            await asyncio.create_task(add(scratch))
    await add(scratch)
