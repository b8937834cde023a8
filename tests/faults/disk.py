"""A disk that fills up at a word: a small one of its own where this account may mount one, and a limit on the size of files elsewhere."""

import ctypes
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.child import Child

SIZE = 8 << 20
CAPABILITIES_3 = 0x20080522


class SmallDisk:
    """A file system of a few megabytes, on which the child's database stands."""

    says = "is full. Make room; a bot that is running then goes on by itself."

    def __init__(self, place: Path, child: Child) -> None:
        self._ballast = place / "ballast"
        child.database.symlink_to(place / "chapterhouse.db")

    def fill(self, room: int = 0) -> None:
        """Leaves so many bytes."""
        with suppress(OSError), self._ballast.open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        os.truncate(self._ballast, self._ballast.stat().st_size - room)

    def empty(self) -> None:
        """Makes room again."""
        self._ballast.unlink()


class Limit:
    """Files may not grow beyond what the database's log is; SQLite cannot tell that from a broken disk."""

    says = "reports an error. Check the disk, then start again."

    def __init__(self, child: Child) -> None:
        self._child = child

    def fill(self) -> None:
        """Lets no file grow any further."""
        self._set(self._child.database.with_name("chapterhouse.db-wal").stat().st_size)

    def empty(self) -> None:
        """Lets them grow again."""
        self._set(resource.RLIM_INFINITY)

    def _set(self, size: int) -> None:
        assert self._child.process is not None
        assert self._child.process.pid is not None
        resource.prlimit(self._child.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def mounted(place: Path) -> Iterator[bool]:
    """Mounts a small file system there for as long as it lasts; False where this account may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    place.mkdir()
    there = libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, f"size={SIZE}".encode()) == 0
    try:
        yield there
    finally:
        if there:
            libc.umount2(os.fsencode(place), 2)


def without_privileges() -> None:
    """Takes from this process what lets an administrator write what nobody may write."""
    if os.geteuid() == 0:
        header, nothing = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
        done = ctypes.CDLL(None, use_errno=True).capset(header, nothing)
        assert done == 0, os.strerror(ctypes.get_errno())
