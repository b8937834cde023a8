"""The database file as a writer holds it: alone, and only while it is the file that was opened."""

import errno
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from db import faults
from db.faults import StorageFault

PRIVATE = 0o600
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Hold:
    """Keeps other writers off a file, and notices when the file, or what SQLite writes beside it, is taken away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._beside = path.with_name(f"{path.name}.lock")
        self._lock = FileLock(self._beside, timeout=0, mode=PRIVATE, thread_local=False, on_acquired=_sign)
        self._files: dict[Path, tuple[int, int]] = {}
        self._signed: tuple[int, int] | None = None

    def take(self) -> None:
        """Takes the lock beside the file, in which its holder stands, or raises StorageFault with the holder's process and machine."""
        try:
            self._lock.acquire()
        except Timeout:
            pid, _, host = self._beside.read_text(errors="replace").partition(" ")
            raise faults.in_use(self.path, pid or "?", host or "?") from None
        except OSError as error:
            raise _fault(self.path, error, faults.unwritable) from error
        self._signed = _identity(self._beside)

    def release(self) -> None:
        """Lets others write."""
        self._lock.release()

    @contextmanager
    def watch(self) -> Iterator[None]:
        """From here on `insist` knows which files these are; SQLite tidies none of them away while this connection is there."""
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, check_same_thread=False)) as there:
            there.execute("PRAGMA schema_version")
            found = {file: _identity(file) for file in files_of(self.path)}
            self._files = {file: identity for file, identity in found.items() if identity is not None}
            try:
                yield
            finally:
                self._files = {}

    def insist(self) -> None:
        """Raises StorageFault if what is written now would reach no file, or somebody else's."""
        if any(_identity(file) != identity for file, identity in self._files.items()):
            raise faults.lost(self.path)
        if _identity(self._beside) != self._signed:
            # Whoever deletes the lock lets a second writer in: it is taken anew, if that has not happened yet.
            self._lock.release()
            self.take()


def files_of(path: Path) -> tuple[Path, Path, Path]:
    """The database and what SQLite writes beside it."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()}".encode(), 0)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def held(path: Path) -> Iterator[Hold]:
    """Makes the file if there is none and holds it alone, or raises StorageFault."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _fault(path, error, faults.no_folder) from error
    hold = Hold(path)
    hold.take()
    try:
        _make_private(path)
        yield hold
    finally:
        hold.release()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keeps every writer off a file that is to be replaced, or raises StorageFault."""
    hold = Hold(path)
    hold.take()
    try:
        yield
    finally:
        hold.release()


def _fault(path: Path, error: OSError, otherwise: Callable[[Path], StorageFault]) -> StorageFault:
    return (faults.disk_full if error.errno in NO_ROOM else otherwise)(path)


def _make_private(path: Path) -> None:
    """Makes the file if there is none, and keeps it and what SQLite writes beside it from everybody but its owner."""
    if path.exists() and not path.is_file():
        raise faults.unopenable(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, PRIVATE))
    except FileExistsError:
        pass
    except OSError as error:
        raise _fault(path, error, faults.unwritable) from error
    for file in files_of(path):
        with suppress(FileNotFoundError, PermissionError):
            file.chmod(PRIVATE)
    # SQLite opens what it may not write for reading, and then lets a transaction begin.
    if not os.access(path, os.W_OK):
        raise faults.unwritable(path)
