"""Pages that are kept ready to be sent: packed, with the mark by which a browser knows them again, within a bounded memory."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

MOST_BYTES = 32 * 2**20
WORTH_PACKING = 500
GZIP_LEVEL = 4
"""Two fifths of the time of the usual level 6, for pages that are a thirtieth larger."""


@dataclass(slots=True)
class Kept:
    """One answer, as it goes out; `changes` and `made` say of which state of the database and which moment it is."""

    status: int
    body: bytes
    headers: dict[str, str]
    seal: object
    changes: int
    made: float
    etag: str = field(init=False)
    packed: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        self.etag = f'W/"{hashlib.sha256(self.body).hexdigest()[:24]}"'
        packed = gzip.compress(self.body, GZIP_LEVEL, mtime=0) if len(self.body) >= WORTH_PACKING else None
        self.packed = packed if packed is not None and len(packed) < len(self.body) else None

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self.body) + len(self.packed or b"") + 1000


class Shelf:
    """The kept answers, those that were not asked for longest thrown away first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._there: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable) -> Kept | None:
        """What is kept under this key."""
        found = self._there.get(key)
        if found is not None:
            self._there.move_to_end(key)
        return found

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keeps an answer in the place of the one before."""
        self.drop(key)
        self._there[key] = kept
        self._size += kept.size
        while self._size > self._most and self._there:
            self._size -= self._there.popitem(last=False)[1].size

    def drop(self, key: Hashable) -> None:
        """Throws one away."""
        before = self._there.pop(key, None)
        if before is not None:
            self._size -= before.size
