"""What was worked out a moment ago: given again as long as nothing was written since."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from db.store import Store

T = TypeVar("T")

FRESH = timedelta(minutes=1)
"""What changes by itself, as days and windows pass, is looked at again after so long."""


@dataclass(frozen=True, slots=True)
class _Made(Generic[T]):
    value: T
    changes: int
    at: datetime


class Recent(Generic[T]):
    """So many of the newest answers of each store."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: WeakKeyDictionary[Store, OrderedDict[Hashable, _Made[T]]] = WeakKeyDictionary()

    async def get(self, store: Store, key: Hashable, now: datetime, make: Callable[[], Awaitable[T]]) -> T:
        """The answer to what `key` names, made anew if anything was written since it was made, or it is older than a minute."""
        kept, changes = self._of.setdefault(store, OrderedDict()), store.changes
        found = kept.get(key)
        if found is not None and found.changes == changes and timedelta(0) <= now - found.at < FRESH:
            kept.move_to_end(key)
            return found.value
        value = await make()
        # What is written in the meantime is not in it for certain: the count from before keeps it from being given again.
        kept[key] = _Made(value, changes, now)
        kept.move_to_end(key)
        while len(kept) > self._most:
            kept.popitem(last=False)
        return value
