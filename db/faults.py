"""What can be wrong with the database, in one sentence for the person who runs the program."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoTurn

from bot.domain.text import Text, counted, text

NEXT_TO_NOTHING = 1 << 20
"""Bytes: with less room than this, what the disk reports is that it is full, whatever else SQLite calls it."""

LITTLE = 100 << 20
"""Bytes: some weeks of a large organisation, with what is copied beside the file in a backup or an upgrade."""


class StorageFault(Exception):
    """The database cannot be used as it is: `reason` tells the operator why and what to do next."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.msgid.format_map(reason.values))
        self.reason = reason


def of_the_place(path: Path) -> StorageFault | None:
    """What would keep a bot from storing anything in this file soon, as far as its disk and its rights tell; it changes nothing."""
    if not all(os.access(each, os.W_OK) for each in (path, path.parent)):
        return unwritable(path)
    if room(path) < NEXT_TO_NOTHING:
        return disk_full(path)
    return scarce(path) if room(path) < LITTLE else None


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Inside, an error of SQLite that speaks of the file or its disk becomes a StorageFault; any other error stays as it is."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        fault = _FAULTS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        if fault is None:
            raise
        raise fault(path) from error
    except NoTurn as error:
        raise busy(path) from error


def unsupported(url: str) -> StorageFault:
    """For an address that names no SQLite file."""
    return StorageFault(text("The database address {url} is not understood. Write it like sqlite+aiosqlite:///chapterhouse.db.", url=url))


def in_use(path: Path, pid: str, host: str) -> StorageFault:
    """For a second writer: who holds the file already."""
    reason = text(
        "The database {file} is in use by process {pid} on {host}. Stop that one first, then try again.", file=str(path), pid=pid, host=host
    )
    return StorageFault(reason)


def no_folder(path: Path) -> StorageFault:
    """For a folder that is not there and cannot be made."""
    return StorageFault(text("The folder of the database {file} cannot be made. Make it yourself, or name another place.", file=str(path)))


def missing(path: Path) -> StorageFault:
    """For a reader that finds no file."""
    return StorageFault(text("There is no database {file} yet. Start the bot once: it makes one.", file=str(path)))


def unopenable(path: Path) -> StorageFault:
    """For a path at which no file can be opened."""
    return StorageFault(
        text("The database {file} cannot be opened. It has to be a file that this account may read and write.", file=str(path))
    )


def unwritable(path: Path) -> StorageFault:
    """For a file or folder that this account may not write."""
    return StorageFault(text("The database {file} cannot be written. Let this account write the file and its folder.", file=str(path)))


def locked(path: Path) -> StorageFault:
    """For a file on which somebody else has begun a change."""
    return StorageFault(text("The database {file} is locked by another program. Close that program, then try again.", file=str(path)))


def busy(path: Path) -> StorageFault:
    """For a change that waited too long for those before it."""
    return StorageFault(
        text("The database {file} is too busy. If another program uses it, close that program; if not, look at the disk.", file=str(path))
    )


def lost(path: Path) -> StorageFault:
    """For a file that is no longer the one that was opened."""
    reason = text(
        "The database {file}, or a file beside it, was deleted, moved or replaced while the bot was running. The bot stops, "
        "so that nothing is written to nowhere. Put back the files or your latest backup, then start again.",
        file=str(path),
    )
    return StorageFault(reason)


def no_database(path: Path) -> StorageFault:
    """For a file with other contents."""
    return StorageFault(text("The file {file} is not a database. Name another file, or restore your latest backup.", file=str(path)))


class Damaged(StorageFault):
    """A page of the file holds nonsense; what stands on others can still be read and written."""


def damaged(path: Path) -> StorageFault:
    """For a database whose pages contradict each other."""
    return Damaged(text("The database {file} is damaged. Restore your latest backup.", file=str(path)))


def disk_full(path: Path) -> StorageFault:
    """For a change that found no room."""
    return StorageFault(
        text("The disk that holds the database {file} is full. Make room; a bot that is running then goes on by itself.", file=str(path))
    )


def disk_broken(path: Path) -> StorageFault:
    """For a disk that did not do as it was told, be it for want of room."""
    if room(path) < NEXT_TO_NOTHING:
        return disk_full(path)
    return StorageFault(text("The disk that holds the database {file} reports an error. Check the disk, then start again.", file=str(path)))


def scarce(path: Path) -> StorageFault:
    """For a disk on which a change may soon find no room."""
    megabytes = room(path) >> 20
    sentence = counted(
        "The disk that holds the database {file} has only {n} megabyte left. Make room before it is full.",
        "The disk that holds the database {file} has only {n} megabytes left. Make room before it is full.",
        megabytes,
        file=str(path),
    )
    return StorageFault(sentence)


def room(path: Path) -> int:
    """Bytes that this account may still write beside the file; raises OSError where that cannot be told."""
    return shutil.disk_usage(path.parent).free


def foreign(path: Path) -> StorageFault:
    """For a sound database in which somebody else keeps their tables."""
    return StorageFault(text("The database {file} belongs to another program. Name another file.", file=str(path)))


def older(path: Path) -> StorageFault:
    """For a reader that finds the tables of an earlier version."""
    return StorageFault(
        text("The database {file} is older than this program. Start the bot once: it brings it up to date.", file=str(path))
    )


def newer(path: Path) -> StorageFault:
    """For tables of a version that this program does not know."""
    return StorageFault(
        text("The database {file} is newer than this program. Install the newer version, or restore an older backup.", file=str(path))
    )


def upgrade_failed(path: Path) -> StorageFault:
    """For a step that raised; the cause is chained."""
    return StorageFault(
        text("The database {file} could not be brought up to date. Nothing was changed; the version before still works.", file=str(path))
    )


_FAULTS = {
    sqlite3.SQLITE_BUSY: locked,
    sqlite3.SQLITE_LOCKED: locked,
    sqlite3.SQLITE_NOTADB: no_database,
    sqlite3.SQLITE_CORRUPT: damaged,
    sqlite3.SQLITE_READONLY: unwritable,
    sqlite3.SQLITE_PERM: unwritable,
    sqlite3.SQLITE_FULL: disk_full,
    sqlite3.SQLITE_IOERR: disk_broken,
    sqlite3.SQLITE_CANTOPEN: unopenable,
}
