"""Backups: one moment of the database, proven, private, whole or not there at all."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pyrage
import pytest

from bot.locales import plain
from bot.services import backups
from bot.services.backups import NotCarried, Plan
from db import backup, sealing
from db.faults import StorageFault
from db.store import Store

NOW = datetime(2026, 11, 22, 3, 0, 7, tzinfo=UTC)


@pytest.fixture
def plan(database: Path, tmp_path: Path) -> Plan:
    return Plan(database, tmp_path / "backups", keep=3)


def said(fault: pytest.ExceptionInfo[StorageFault]) -> str:
    return plain(fault.value.reason, "en")


def listed(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != ".lock")


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a file that nobody writes."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: opened.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in tables if name != "sqlite_stat1"}


class Writers:
    """Writes pairs of rows, each pair in one transaction, as fast as one connection can: no moment shows half a pair."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._stop = threading.Event()
        self.acknowledged = 0

    def _run(self) -> None:
        with closing(sqlite3.connect(self._database, isolation_level=None, timeout=10)) as opened:
            while not self._stop.is_set():
                n = self.acknowledged + 1
                opened.execute("BEGIN IMMEDIATE")
                for side in ("left", "right"):
                    opened.execute("INSERT INTO pair (n, side, words) VALUES (?, ?, ?)", (n, side, "words " * 50))
                opened.execute("UPDATE latest SET n = ?", (n,))
                opened.execute("COMMIT")
                self.acknowledged = n

    def __enter__(self) -> "Writers":
        with closing(sqlite3.connect(self._database)) as opened:
            opened.executescript("CREATE TABLE pair (n, side, words); CREATE TABLE latest (n); INSERT INTO latest VALUES (0)")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        while self.acknowledged < 200:
            time.sleep(0.001)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_backup_under_load_holds_one_moment_and_all_that_was_acknowledged_before_it(plan: Plan) -> None:
    with Writers(plan.database) as writers:
        before = writers.acknowledged
        made = backups.make(plan, NOW)
        after = writers.acknowledged
    assert after > before
    held = contents(made.path)
    ((latest,),) = held["latest"]
    assert before <= latest <= after + 1
    assert [(n, side) for n, side, _ in held["pair"]] == [(n, side) for n in range(1, latest + 1) for side in ("left", "right")]
    now_there = contents(plan.database)
    assert now_there["pair"][: 2 * latest] == held["pair"]
    assert {name: rows for name, rows in held.items() if name not in {"pair", "latest"}} == {
        name: rows for name, rows in now_there.items() if name not in {"pair", "latest"}
    }


def test_a_backup_is_named_by_its_moment_and_only_its_owner_reads_it(plan: Plan) -> None:
    mask = os.umask(0)
    try:
        made = backups.make(plan, NOW)
    finally:
        os.umask(mask)
    assert made.path.name == "chapterhouse-20261122T030007Z.db"
    assert made.size == made.path.stat().st_size > 10_000
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(plan.folder.stat().st_mode) == 0o700
    assert backups.made(plan, NOW) == [backup.Copy(made.path, NOW.replace(microsecond=0), made.size)]


def test_only_the_oldest_of_its_own_go_and_only_once_the_new_one_is_there(plan: Plan) -> None:
    for day in range(5):
        backups.make(plan, NOW + timedelta(days=day))
        strangers = ("chapterhouse-20200101.db", "other-20200101T000000Z.db", "chapterhouse-20200101T000000Z.db.txt", "minutes.txt")
        for name in strangers:
            (plan.folder / name).write_text("not ours")
    assert listed(plan.folder) == sorted(
        [*strangers, *(f"chapterhouse-202611{day}T030007Z.db" for day in (24, 25, 26))],
    )


def test_a_clock_that_was_ahead_makes_no_backup_go_that_is_newer_than_it_seems(plan: Plan) -> None:
    ahead = backups.make(plan, NOW + timedelta(days=400)).path
    for day in range(4):
        backups.make(plan, NOW + timedelta(days=day))
    assert ahead.exists()
    assert [each.at.day for each in backups.made(plan, NOW + timedelta(days=3))] == [25, 24, 23]


def test_a_second_backup_at_the_same_time_is_refused_and_spoils_nothing(plan: Plan) -> None:
    with backup.alone_in(plan.folder):
        (plan.folder / ".chapterhouse-20261122T030007Z.db.part").write_text("being made")
        with pytest.raises(backup.AnotherBackup) as fault:
            backups.make(plan, NOW)
        assert said(fault) == f"Another backup is being made in {plan.folder}. Wait until it is done."
        assert listed(plan.folder) == [".chapterhouse-20261122T030007Z.db.part"]


def test_what_a_killed_backup_left_is_swept_by_the_next(plan: Plan) -> None:
    plan.folder.mkdir()
    for name in (".chapterhouse-20261121T030007Z.db.part", ".chapterhouse-20261121T030007Z.db.age.plain.part-journal"):
        (plan.folder / name).write_bytes(b"half a backup")
    (plan.folder / ".minutes.part").write_text("not ours")
    backups.make(plan, NOW)
    assert listed(plan.folder) == [".minutes.part", "chapterhouse-20261122T030007Z.db"]


def test_a_backup_killed_at_any_moment_leaves_a_whole_one_or_none(plan: Plan) -> None:
    with closing(sqlite3.connect(plan.database)) as opened:
        opened.execute("CREATE TABLE big (words)")
        opened.executemany("INSERT INTO big VALUES (randomblob(?))", [(900,)] * 20_000)
        opened.commit()
    halves = 0
    for n, pause in enumerate((0.01, 0.02, 0.04, 0.06, 0.1, 0.15)):
        process = get_context("fork").Process(target=backups.make, args=(plan, NOW - timedelta(days=9 - n)))
        process.start()
        time.sleep(pause)
        process.kill()
        process.join()
        if plan.folder.exists():
            halves += any(name.endswith(".part") for name in listed(plan.folder))
            assert all(backup.what_is_wrong(each.path) is None for each in backup.all_in(plan.folder, plan.database))
    assert halves
    backups.make(plan, NOW)
    assert all(name.endswith("Z.db") for name in listed(plan.folder))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk of its own can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_nothing_half_and_every_old_backup(database: Path, small_disk: Path) -> None:
    plan = Plan(database, small_disk / "backups", keep=1)
    old = backups.make(plan, NOW).path
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("CREATE TABLE big AS SELECT randomblob(6000000) AS words")
        opened.commit()
    with pytest.raises(StorageFault) as fault:
        backups.make(plan, NOW + timedelta(days=1))
    assert said(fault) == f"There is no room for the backup in {plan.folder}. Make room, or name another folder."
    assert listed(plan.folder) == [old.name]
    assert backup.what_is_wrong(old) is None


def test_a_folder_that_cannot_be_made_is_named(database: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFault) as fault:
        backups.make(Plan(database, tmp_path / "file" / "backups", 3), NOW)
    assert said(fault).startswith(f"The backup could not be written to {tmp_path}/file/backups (Not a directory). ")


def test_a_damaged_database_makes_no_backup_and_keeps_the_sound_ones(plan: Plan) -> None:
    backups.make(plan, NOW)
    with plan.database.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * 8192)
    with pytest.raises(StorageFault) as fault:
        backups.make(plan, NOW + timedelta(days=1))
    assert "is damaged. Restore your latest backup." in said(fault)
    assert listed(plan.folder) == ["chapterhouse-20261122T030007Z.db"]


def test_a_database_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageFault) as fault:
        backups.make(Plan(tmp_path / "none.db", tmp_path / "backups", 3), NOW)
    assert said(fault).startswith(f"There is no database {tmp_path}/none.db yet.")
    assert not (tmp_path / "none.db").exists()


async def test_the_bot_writes_on_while_a_backup_reads(store: Store, plan: Plan) -> None:
    async with store.write() as c:
        await c.exec_driver_sql("CREATE TABLE entry (n INTEGER PRIMARY KEY, words TEXT)")
    done = asyncio.create_task(asyncio.to_thread(backups.make, plan, NOW))
    written = 0
    while not done.done():
        async with asyncio.timeout(2), store.write() as c:
            await c.exec_driver_sql("INSERT INTO entry (words) VALUES ('x')")
            written += 1
    assert (await done).path.exists()
    assert written


# A named place


def test_a_named_file_or_folder_takes_a_backup_and_no_file_is_overwritten(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    assert backups.make_at(plan, tmp_path / "shelf", NOW).path == tmp_path / "shelf" / "chapterhouse-20261122T030007Z.db"
    assert backups.make_at(plan, tmp_path / "mine.db", NOW).path == tmp_path / "mine.db"
    with pytest.raises(StorageFault) as fault:
        backups.make_at(plan, tmp_path / "mine.db", NOW)
    assert said(fault) == f"There is a file {tmp_path}/mine.db already. Name another one."
    assert contents(tmp_path / "mine.db") == contents(plan.database)


# Encrypted


def test_an_encrypted_backup_is_read_with_the_secret_key_alone_and_no_plain_copy_stays(plan: Plan, tmp_path: Path) -> None:
    secret = pyrage.x25519.Identity.generate()
    sealed = Plan(plan.database, plan.folder, 3, str(secret.to_public()))
    made = backups.make(sealed, NOW)
    assert listed(plan.folder) == ["chapterhouse-20261122T030007Z.db.age"]
    assert sealing.is_sealed(made.path)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert b"SQLite format" not in made.path.read_bytes()
    (tmp_path / "key").write_text(f"# created by age-keygen\n{secret}\n")
    (tmp_path / "other").write_text(str(pyrage.x25519.Identity.generate()))
    sealing.unseal(made.path, tmp_path / "key", tmp_path / "opened.db")
    assert contents(tmp_path / "opened.db") == contents(plan.database)
    with pytest.raises(StorageFault) as fault:
        sealing.unseal(made.path, tmp_path / "other", tmp_path / "again.db")
    assert "was not encrypted to the key in" in said(fault)


def test_a_failed_encryption_leaves_no_plain_copy(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pyrage, "encrypt_file", fails)
    with pytest.raises(StorageFault) as fault:
        backups.make(Plan(plan.database, plan.folder, 3, str(pyrage.x25519.Identity.generate().to_public())), NOW)
    assert "There is no room" in said(fault)
    assert listed(plan.folder) == []


# Carried elsewhere


def carrier(tmp_path: Path, script: str) -> str:
    file = tmp_path / "carry away"
    file.write_text(f"#!{sys.executable}\nimport os, pathlib, sys, time\n{script}\n")
    file.chmod(0o700)
    return f"'{file}' --to 'the attic; echo'"


def test_the_command_gets_the_finished_file_without_a_shell_and_without_the_token(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN", "secret")
    command = carrier(
        tmp_path, f"pathlib.Path({str(tmp_path / 'told')!r}).write_text(repr((sys.argv[1:], 'CHAPTERHOUSE_TOKEN' in os.environ)))"
    )
    backups.carry(Plan(plan.database, plan.folder, 3, command=command), tmp_path / "a copy.db")
    assert (tmp_path / "told").read_text() == repr((["--to", "the attic; echo", f"{tmp_path}/a copy.db"], False))


@pytest.mark.parametrize(
    ("script", "why"),
    [("print('my password'); sys.exit(3)", "the command ended with 3"), ("time.sleep(60)", "the command took too long")],
)
def test_a_command_that_fails_or_hangs_is_told_by_how_it_ended(script: str, why: str, plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(NotCarried) as fault:
        backups.carry(Plan(plan.database, plan.folder, 3, command=carrier(tmp_path, script)), tmp_path / "copy.db", longest=1)
    assert said(fault) == (
        f"The backup {tmp_path}/copy.db was made, but not copied elsewhere: {why}. Mend the command in the configuration (backup.command)."
    )


def test_a_command_that_is_not_there_is_named(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(NotCarried) as fault:
        backups.carry(Plan(plan.database, plan.folder, 3, command="/nowhere/at-all"), tmp_path / "copy.db")
    assert "/nowhere/at-all: No such file or directory" in said(fault)
