"""Backups as an operator meets them: the commands that make one and put it back."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyrage

from db import changes, organisations
from db.store import Store
from tests.small_discord import start
from tests.test_cli import NOWHERE, ended

LONG_AGO = datetime(2020, 1, 1, 9, 30, tzinfo=UTC)


async def opened(folder: Path) -> Store:
    """The database of this folder, as the running bot has it open."""
    store = await Store.open(f"sqlite+aiosqlite:///{folder}/chapterhouse.db")
    async with store.write() as c:
        if await organisations.create(c, 7, LONG_AGO):
            await changes.log(c, 7, "setup.change", LONG_AGO, 1)
    return store


async def test_a_backup_is_made_beside_the_running_bot_and_goes_back_once_it_is_stopped(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    status, out, err = await ended(await start(NOWHERE, tmp_path, "backup", CHAPTERHOUSE_BACKUP_COMMAND="/nowhere/at-all"))
    (made,) = (tmp_path / "backups").glob("chapterhouse-*.db")
    assert status == 1
    assert "was made, but not copied elsewhere: /nowhere/at-all: No such file or directory." in err
    assert out.startswith(f"The backup {made} is made and was read back (")
    status, _, err = await ended(await start(NOWHERE, tmp_path, "restore", str(made), "--yes"))
    assert status == 1
    assert "is in use by process" in err
    assert err.count("\n") == 1
    await store.close()
    status, out, err = await ended(await start(NOWHERE, tmp_path, "restore", str(made), "--yes"))
    (replaced,) = tmp_path.glob("chapterhouse-replaced-*.db")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"{made} is restored: 1 server, 0 chapters, the newest entry of 1 January 2020 09:30 UTC.",
        f"The database before is kept as {replaced}. Delete it once you do not need it any more.",
        "Next: run check, then start the bot. What may have gone out since the backup is looked for before it is sent again.",
    ]


async def test_a_backup_to_a_place_of_ones_own_is_encrypted_and_not_carried_away(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    secret = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(secret))
    settings = {"CHAPTERHOUSE_BACKUP_PUBLIC_KEY": str(secret.to_public()), "CHAPTERHOUSE_BACKUP_COMMAND": "/nowhere/at-all"}
    status, out, err = await ended(await start(NOWHERE, tmp_path, "backup", "--to", "mine.age", **settings))
    assert (status, err) == (0, "")
    assert "mine.age is made" in out
    with closing(sqlite3.connect(tmp_path / "chapterhouse.db")) as there:
        there.execute("UPDATE organisation SET timezone = 'Asia/Tokyo'")
        there.commit()
    status, _, err = await ended(await start(NOWHERE, tmp_path, "restore", "mine.age", "--identity", "key", "--yes"))
    assert (status, err) == (0, "")
    with closing(sqlite3.connect(tmp_path / "chapterhouse.db")) as there:
        assert there.execute("SELECT timezone FROM organisation").fetchall() == [("UTC",)]
