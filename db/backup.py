"""Copies of the database file: one moment of it, proven sound, and in place only when it is whole."""

import errno
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bot.domain.text import text
from db import faults
from db.faults import StorageFault

PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
PLAIN, SEALED = ".db", ".db.age"
UNFINISHED = ".part"

Seal = Callable[[Path, Path], None]
"""Writes the first file, encrypted, to the second, which is there and empty."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup that this program made."""

    path: Path
    at: datetime
    size: int


def name_of(database: Path, now: datetime, *, sealed: bool) -> str:
    """What a backup of this moment is called."""
    return f"{database.stem}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{SEALED if sealed else PLAIN}"


def all_in(folder: Path, database: Path) -> list[Copy]:
    """The finished backups of this database in a folder, newest first; everything else there is somebody else's."""
    named = re.compile(rf"{re.escape(database.stem)}-(\d{{8}}T\d{{6}})Z(?:{re.escape(PLAIN)}|{re.escape(SEALED)})")
    with named_after(folder):
        files = list(folder.iterdir()) if folder.is_dir() else []
        matches = [(file, moment(match[1])) for file in files if (match := named.fullmatch(file.name)) and file.is_file()]
        found = [Copy(file, at, file.stat().st_size) for file, at in matches if at is not None]
    return sorted(found, key=lambda each: each.at, reverse=True)


def moment(written: str) -> datetime | None:
    """The moment that a backup's name states, None if it states none."""
    try:
        return datetime.strptime(written, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Makes the folder if there is none and keeps a second backup out of it while this one is made; raises StorageFault."""
    with named_after(folder):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0, mode=PRIVATE, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise AnotherBackup(folder) from None
    try:
        yield
    finally:
        lock.release()


class AnotherBackup(StorageFault):
    """For a backup that is being made at the same time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(text("Another backup is being made in {folder}. Wait until it is done.", folder=str(folder)))


def make(database: Path, target: Path, seal: Seal | None = None, *, anew: bool = False) -> int:
    """Copies one moment of the database to a file that is not there yet (or is made `anew`), and returns its size; or leaves nothing."""
    with named_after(target.parent):
        if target.exists() and not anew:
            raise StorageFault(text("There is a file {file} already. Name another one.", file=str(target)))
        unfinished = target.with_name(f".{target.name}{UNFINISHED}")
        plain = unfinished if seal is None else target.with_name(f".{target.name}.plain{UNFINISHED}")
        try:
            copy(database, plain)
            if seal is not None:
                empty(unfinished)
                seal(plain, unfinished)
                plain.unlink()
            to_disk(unfinished)
            size = unfinished.stat().st_size
            unfinished.replace(target)
            to_disk(target.parent)
        finally:
            for file in (plain, unfinished):
                discard(file)
    return size


def copy(database: Path, target: Path) -> None:
    """Writes one moment of the database to a new private file and reads it back; raises StorageFault. People's commands go on meanwhile."""
    discard(target)
    empty(target)
    if not database.exists():
        raise faults.missing(database)
    # Only what the copy lacks is to be told of the copy: a source that is damaged, or no database, has a sentence of its own.
    with faults.named(database), _full(target.parent), closing(_open(database)) as source:
        # It holds a read transaction, in which the log beside the database grows: no checkpoint can shorten it until this is done.
        source.execute("VACUUM INTO ?", [str(target)])
    if (wrong := what_is_wrong(target)) is not None:
        raise StorageFault(text("The backup of {file} could not be read back ({why}). Check the disk.", file=str(database), why=wrong))


def what_is_wrong(file: Path) -> str | None:
    """What SQLite says against the pages of a file that nobody writes, None if it is sound."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
            (said,) = opened.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else str(said)


def discard(file: Path) -> None:
    """Removes a file that was not finished, and what SQLite may have left beside it."""
    for each in (file, *(file.with_name(f"{file.name}{end}") for end in ("-journal", "-wal", "-shm"))):
        with suppress(OSError):
            each.unlink()


def sweep(folder: Path, database: Path) -> None:
    """Removes what a backup left unfinished that was cut off; only inside `alone_in`, where no other is at work."""
    with suppress(OSError):
        for file in folder.glob(f".{_glob(database.stem)}-*{UNFINISHED}*"):
            discard(file)


def thin_out(folder: Path, database: Path, keep: int, now: datetime) -> None:
    """Removes all but the newest `keep` backups; those dated after now, by a clock that was ahead, are left until then."""
    with named_after(folder):
        for old in [each for each in all_in(folder, database) if each.at <= now][keep:]:
            old.path.unlink(missing_ok=True)


@contextmanager
def named_after(folder: Path) -> Iterator[None]:
    """Inside, an error of the file system becomes a StorageFault that names the folder of the backups."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise no_room(folder) from error
        reason = text(
            "The backup could not be written to {folder} ({why}). Let this account write there, or name another folder.",
            folder=str(folder),
            why=error.strerror or type(error).__name__,
        )
        raise StorageFault(reason) from error


def no_room(folder: Path) -> StorageFault:
    """For a backup that does not fit on its disk."""
    return StorageFault(text("There is no room for the backup in {folder}. Make room, or name another folder.", folder=str(folder)))


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
            raise no_room(folder) if _is_full(folder, error) else _unwritten(folder) from error
        raise


def _is_full(folder: Path, error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL or faults.room(folder / PLAIN) < faults.NEXT_TO_NOTHING


def _unwritten(folder: Path) -> StorageFault:
    return StorageFault(text("The backup could not be written to {folder}. Check the disk that holds it.", folder=str(folder)))


def _open(database: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, isolation_level=None)
    opened.execute("PRAGMA temp_store=MEMORY")
    return opened


def empty(file: Path) -> None:
    """Makes an empty file that only its owner may read: what is written into it was never open to others."""
    discard(file)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))


def to_disk(path: Path) -> None:
    """Returns once the file, or what stands in the folder, outlives a power cut."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders, and needs no such order
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _glob(stem: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", stem)
