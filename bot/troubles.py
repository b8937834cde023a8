"""What goes wrong in work that nobody waits for: said when it begins, not at every tick."""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from db.faults import StorageFault
from db.store import Store

log = logging.getLogger(__name__)

SAID_AGAIN_AFTER = timedelta(hours=1)


class Troubles:
    """Remembers what was said of late; one per program."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._said: dict[str, datetime] = {}
        self._failing = False

    @contextmanager
    def told(self) -> Iterator[None]:
        """Logs what is raised inside and ends there: in a line if the database says why, and otherwise with its traceback."""
        try:
            yield
        except StorageFault as fault:
            # Why the program stops is said by whoever started it.
            if not self._store.lost.done() and self._is_news(str(fault)):
                log.error("%s What is due waits until then.", str(fault))
        except Exception as error:
            if self._is_news(_place(error)):
                log.exception("what is due could not be worked through; the next tick tries again")
        if self._failing and self._store.failing is None:
            self._said.clear()
            log.info("the database can be written again")
        self._failing = self._store.failing is not None

    def _is_news(self, what: str) -> bool:
        now = self._clock()
        if what in self._said and self._said[what] <= now < self._said[what] + SAID_AGAIN_AFTER:
            return False
        self._said[what] = now
        return True


def _place(error: Exception) -> str:
    """Where in the code it happened: its words may differ each time."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {frame.filename}:{frame.lineno}"
