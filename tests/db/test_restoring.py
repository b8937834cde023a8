"""Going back to a backup: only to a sound one of ours, never while the bot runs, and with the old or the new there at every moment."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from bot.locales import plain
from bot.services import backups
from bot.services.backups import Plan
from db import backup, changes, migrations, restoring, upkeep
from db.faults import StorageFault
from db.store import Store
from tests import asked

T0 = datetime(2026, 11, 20, 3, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
ASIDE = "chapterhouse-replaced-20261122T140509Z.db"


def said(fault: pytest.ExceptionInfo[StorageFault]) -> str:
    return plain(fault.value.reason, "en")


def zones(file: Path) -> list[str]:
    """What a database holds: the zones of its organisations."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        return [zone for (zone,) in opened.execute("SELECT timezone FROM organisation ORDER BY guild_id")]


async def add(database: Path, guild_id: int, zone: str, at: datetime) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    async with store.write() as c:
        await asked.create(c, guild_id, at, zone)
        await changes.log(c, guild_id, "setup.change", at, 7)
    await store.close()


@pytest.fixture
async def copy(database: Path, tmp_path: Path) -> Path:
    """A backup that holds one organisation, of a database that holds two by now."""
    await add(database, 1, "Europe/Paris", T0 - timedelta(hours=5))
    made = backups.make(Plan(database, tmp_path / "backups", 3), T0).path
    await add(database, 2, "Asia/Tokyo", T0 + timedelta(hours=5))
    return made


def crashed(database: Path) -> None:
    """Adds an organisation that stands only in the log beside the database, as after a crash."""
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("INSERT INTO organisation (guild_id, timezone, language, created_at, next_at) VALUES (3, 'UTC', 'en', 0, 0)")
        for end in ("", "-wal"):
            shutil.copy(f"{database}{end}", f"{database}{end}.kept")
    for end in ("", "-wal"):
        Path(f"{database}{end}.kept").replace(f"{database}{end}")


async def test_what_the_backup_held_is_there_and_the_replaced_one_is_kept(copy: Path, database: Path) -> None:
    crashed(database)
    done = await restoring.restore(copy, database, NOW)
    assert sorted(each.name for each in database.parent.iterdir()) == ["backups", ASIDE, "chapterhouse.db", "chapterhouse.db.lock"]
    assert zones(database) == ["Europe/Paris"]
    assert done.replaced == database.with_name(ASIDE)
    assert zones(done.replaced) == ["Europe/Paris", "Asia/Tokyo", "UTC"]
    assert (done.held.servers, done.held.chapters, done.held.newest) == (1, 0, T0 - timedelta(hours=5))
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert zones(copy) == ["Europe/Paris"]
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    async with store.read() as c:
        assert await upkeep.restored(c) == upkeep.Restored(T0 - timedelta(hours=5), NOW.replace(microsecond=0))
    await store.close()


async def test_a_damaged_database_is_kept_as_it_is_with_its_log(copy: Path, database: Path) -> None:
    crashed(database)
    database.write_bytes(b"These are the minutes of our first meeting." * 100)
    log = Path(f"{database}-wal").read_bytes()
    done = await restoring.restore(copy, database, NOW)
    assert done.replaced is not None
    assert done.replaced.read_bytes().startswith(b"These are the minutes")
    assert Path(f"{done.replaced}-wal").read_bytes() == log
    assert zones(database) == ["Europe/Paris"]


async def test_a_new_machine_has_nothing_to_replace(copy: Path, tmp_path: Path) -> None:
    done = await restoring.restore(copy, tmp_path / "new" / "ours.db", NOW)
    assert done.replaced is None
    assert zones(tmp_path / "new" / "ours.db") == ["Europe/Paris"]


async def test_while_the_bot_runs_nothing_is_replaced_and_it_is_named(copy: Path, database: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    try:
        with pytest.raises(StorageFault) as fault:
            await restoring.restore(copy, database, NOW)
    finally:
        await store.close()
    assert f"is in use by process {os.getpid()} on" in said(fault)
    assert zones(database) == ["Europe/Paris", "Asia/Tokyo"]


def alter(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as opened:
        opened.executescript(f"{sql};")


def garble(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(8192)
        opened.write(b"\xff" * 8192)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.unlink(), "There is no file {file}. Name a backup."),
        (lambda file: file.write_bytes(b""), "The file {file} is no backup of this program's database. Name another file."),
        (
            lambda file: file.write_bytes(b"minutes" * 999),
            "The backup {file} is damaged, or is no database (file is not a database). Take another",
        ),
        (garble, "The backup {file} is damaged, or is no database"),
        (lambda file: file.write_bytes(file.read_bytes()[:30000]), "The backup {file} is damaged, or is no database"),
        (
            lambda file: alter(file, "DROP TABLE alembic_version"),
            "The file {file} is no backup of this program's database. Name another file.",
        ),
        (
            lambda file: alter(file, "UPDATE alembic_version SET version_num = '9999'"),
            "The database {file} is newer than this program. Install the newer version, or restore an older backup.",
        ),
    ],
)
async def test_what_is_no_sound_backup_of_ours_is_refused_and_changes_nothing(
    spoil: Callable[[Path], object], why: str, copy: Path, database: Path
) -> None:
    spoil(copy)
    with pytest.raises(StorageFault) as fault:
        await restoring.restore(copy, database, NOW)
    assert said(fault).startswith(why.format(file=copy))
    assert sorted(each.name for each in database.parent.iterdir()) == ["backups", "chapterhouse.db", "chapterhouse.db.lock"]
    assert zones(database) == ["Europe/Paris", "Asia/Tokyo"]


async def test_the_database_itself_is_no_backup(copy: Path, database: Path) -> None:
    with pytest.raises(StorageFault) as fault:
        await restoring.restore(database, database, NOW)
    assert said(fault) == f"{database} is the database itself. Name a backup."


async def test_an_encrypted_backup_needs_its_secret_key(copy: Path, database: Path, tmp_path: Path) -> None:
    secret = pyrage.x25519.Identity.generate()
    sealed = backups.make(Plan(database, tmp_path / "sealed", 3, str(secret.to_public())), T0).path
    with pytest.raises(StorageFault) as fault:
        await restoring.restore(sealed, database, NOW)
    assert said(fault) == f"The backup {sealed} is encrypted. Name the file with the secret key: --identity FILE."
    (tmp_path / "key").write_text("no key")
    with pytest.raises(StorageFault) as fault:
        await restoring.restore(sealed, database, NOW, tmp_path / "key")
    assert said(fault).startswith(f"There is no secret key in {tmp_path}/key")
    (tmp_path / "key").write_text(str(secret))
    whole = sealed.read_bytes()
    sealed.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    with pytest.raises(StorageFault) as fault:
        await restoring.restore(sealed, database, NOW, tmp_path / "key")
    assert said(fault) == f"The backup {sealed} is damaged: it cannot be decrypted. Take another one."
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(".")) == []
    sealed.write_bytes(whole)
    await add(database, 3, "UTC", NOW)
    await restoring.restore(sealed, database, NOW, tmp_path / "key")
    assert zones(database) == ["Europe/Paris", "Asia/Tokyo"]


async def test_a_crash_at_any_step_leaves_the_old_or_the_new(
    copy: Path, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, moments = tmp_path / "place" / "chapterhouse.db", tmp_path / "moments"
    place.parent.mkdir()
    shutil.copy(database, place)
    crashed(place)
    steps = 0

    def noted(change: Callable[..., Any]) -> Callable[..., Any]:
        """Keeps the folder as a kill before this change would leave it."""

        def changes(*words: Any, **options: Any) -> Any:
            nonlocal steps
            steps += 1
            shutil.copytree(place.parent, moments / str(steps))
            return change(*words, **options)

        return changes

    for owner, name in ((Path, "unlink"), (Path, "replace"), (os, "link"), (backup, "to_disk"), (backup, "copy"), (restoring, "_settle")):
        monkeypatch.setattr(owner, name, noted(getattr(owner, name)))
    await restoring.restore(copy, place, NOW)
    monkeypatch.undo()
    found = [zones(moments / str(step + 1) / place.name) for step in range(steps)]
    old, new = ["Europe/Paris", "Asia/Tokyo", "UTC"], ["Europe/Paris"]
    assert steps > 10
    assert found == [old] * found.count(old) + [new] * found.count(new)
    assert found.count(old) > 10
    assert found.count(new) > 0
    assert all(backup.what_is_wrong(moments / str(step + 1) / place.name) is None for step in range(steps))


# Before an upgrade


async def test_an_older_database_is_copied_before_it_is_brought_up_to_date(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(database, 1, "Europe/Paris", T0)
    step = tmp_path / "steps" / "0002_next.py"
    step.parent.mkdir()
    step.write_text(
        'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\nbranch_labels = depends_on = None\n'
        "def upgrade() -> None:\n    op.execute(\"UPDATE organisation SET timezone = 'UTC'\")\n"
    )
    monkeypatch.setattr(migrations, "VERSIONS", (*migrations.VERSIONS, step.parent))
    store = await Store.open(f"sqlite+aiosqlite:///{database}", backups=tmp_path / "backups")
    await store.close()
    kept = tmp_path / "backups" / "chapterhouse-before-0002.db"
    assert (zones(database), zones(kept)) == (["UTC"], ["Europe/Paris"])
    assert await restoring.restore(kept, database, NOW)
    assert zones(database) == ["UTC"]


async def test_without_room_for_that_copy_nothing_is_changed(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alter(database, "UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setattr("db.store.standing", lambda _: migrations.Standing.OLDER)
    (tmp_path / "backups").write_text("in the way")
    with pytest.raises(StorageFault) as fault:
        await Store.open(f"sqlite+aiosqlite:///{database}", backups=tmp_path / "backups")
    assert said(fault).startswith(f"The backup could not be written to {tmp_path}/backups (File exists).")
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)
