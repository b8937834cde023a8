"""Putting a backup in the place of the database: proven before, all at once, and without losing what was there."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine

from bot.domain.text import text
from db import backup, faults, sealing, upkeep
from db.faults import StorageFault
from db.hold import alone
from db.migrations import Standing, standing
from db.store import Store
from db.upkeep import Held


@dataclass(frozen=True, slots=True)
class Restored:
    """What the database holds now, and where the one stands that it replaced."""

    held: Held
    replaced: Path | None


async def restore(file: Path, database: Path, now: datetime, identity: Path | None = None) -> Restored:
    """Puts a backup in the place of the database, brought up to date, or raises StorageFault and changes nothing."""
    _insist_on_a_backup(file, database)
    with backup.named_after(database.parent), alone(database), _scratch(database) as unfinished:
        _fetch(file, identity, unfinished)
        _judge(file, unfinished)
        held = await _bring_up_to_date(unfinished, now)
        backup.to_disk(unfinished)
        replaced = _put_aside(database, now)
        unfinished.replace(database)
        backup.to_disk(database.parent)
    return Restored(held, replaced)


def _insist_on_a_backup(file: Path, database: Path) -> None:
    if not file.is_file():
        raise StorageFault(text("There is no file {file}. Name a backup.", file=str(file)))
    if database.exists() and file.samefile(database):
        raise StorageFault(text("{file} is the database itself. Name a backup.", file=str(file)))
    with backup.named_after(database.parent):
        database.parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def _scratch(database: Path) -> Iterator[Path]:
    unfinished = database.with_name(f".{database.name}.restoring")
    try:
        yield unfinished
    finally:
        backup.discard(unfinished)
        unfinished.with_name(f"{unfinished.name}.lock").unlink(missing_ok=True)


def _fetch(file: Path, identity: Path | None, target: Path) -> None:
    """Copies a backup, decrypted if it is encrypted, to a private file."""
    if not sealing.is_sealed(file):
        if (wrong := backup.what_is_wrong(file)) is not None:
            raise _damaged(file, wrong)
        # Through SQLite, so that what still stands in a log beside a copied file comes along.
        return backup.copy(file.resolve(), target)
    if identity is None:
        raise StorageFault(
            text("The backup {file} is encrypted. Name the file with the secret key: {option}.", file=str(file), option="--identity FILE")
        )
    opened = target.with_name(f"{target.name}.opened")
    try:
        backup.empty(opened)
        sealing.unseal(file, identity, opened)
        if (wrong := backup.what_is_wrong(opened)) is not None:
            raise _damaged(file, wrong)
        opened.replace(target)
    finally:
        backup.discard(opened)
    return None


def _damaged(file: Path, why: str) -> StorageFault:
    return StorageFault(text("The backup {file} is damaged, or is no database ({why}). Take another one.", file=str(file), why=why))


def _judge(file: Path, fetched: Path) -> None:
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(f"{fetched.as_uri()}?mode=ro&immutable=1", uri=True))
    try:
        with engine.connect() as connection:
            found = standing(connection)
    finally:
        engine.dispose()
    if found in {Standing.EMPTY, Standing.FOREIGN}:
        raise StorageFault(text("The file {file} is no backup of this program's database. Name another file.", file=str(file)))
    if found is Standing.NEWER:
        raise faults.newer(file)


async def _bring_up_to_date(fetched: Path, now: datetime) -> Held:
    store = await Store.open(f"sqlite+aiosqlite:///{fetched}")
    try:
        async with store.write() as c:
            await upkeep.note_restored(c, await upkeep.newest_moment(c), now)
            return await upkeep.held(c)
    finally:
        await store.close()


def _put_aside(database: Path, now: datetime) -> Path | None:
    """Gives the database, with what SQLite wrote beside it, a second name, and takes away what would be read into its successor."""
    beside = [database.with_name(f"{database.name}{end}") for end in ("-wal", "-journal")]
    aside = database.with_name(f"{database.stem}-replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{database.suffix}")
    there = database.exists()
    if there:
        _settle(database)
        _link(database, aside)
    for file in beside:
        # A log that could not be taken into its database, because that is damaged, stays beside it.
        if there and file.exists() and file.stat().st_size:
            _link(file, aside.with_name(f"{aside.name}{file.name.removeprefix(database.name)}"))
    backup.to_disk(database.parent)
    for file in (*beside, database.with_name(f"{database.name}-shm")):
        file.unlink(missing_ok=True)
    backup.to_disk(database.parent)
    return aside if there else None


def _settle(database: Path) -> None:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _link(file: Path, other: Path) -> None:
    """A second name for the same file, so that at every moment one of them is there; a copy where the disk knows no such names."""
    try:
        os.link(file, other)
    except FileExistsError:
        raise StorageFault(text("There is a file {file} already. Move it away first.", file=str(other))) from None
    except OSError:
        backup.empty(other)
        shutil.copyfile(file, other)
        backup.to_disk(other)
