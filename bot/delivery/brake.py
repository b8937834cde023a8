"""The brake: Discord bans an address that sends 10,000 requests it must refuse (401, 403, 429) in ten minutes."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import aiohttp

log = logging.getLogger(__name__)

REFUSED = frozenset({401, 403, 429})
COUNTED_FOR = timedelta(minutes=10)
MOST_REFUSED = 3_000
"""Far enough below the 10,000 that people's own commands, which never wait, still fit in."""
REST = timedelta(minutes=10)


class Brake:
    """Counts what Discord refused of all that the program asked, and says when the outbox has to keep still."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._refused: deque[datetime] = deque(maxlen=MOST_REFUSED)
        self._still_until: datetime | None = None

    def refused(self, status: int, scope: str | None = None) -> None:
        """Notes an answer; a limit that others share with us (429, scope `shared`) is not held against us."""
        if status not in REFUSED or scope == "shared":
            return
        now = self._clock()
        self._refused.append(now)
        if len(self._refused) == MOST_REFUSED and now - self._refused[0] < COUNTED_FOR:
            self.keep_still(now, "Discord refused too many requests")

    def keep_still(self, now: datetime, reason: str) -> None:
        """Sends nothing for a while: every further try would only make it worse."""
        if not self.holds(now):
            log.error("nothing is sent for %d minutes: %s", REST.total_seconds() // 60, reason)
        self._still_until = now + REST

    def holds(self, now: datetime) -> bool:
        """Whether nothing may be sent at this moment."""
        return self._still_until is not None and now < self._still_until

    def trace(self) -> aiohttp.TraceConfig:
        """Has this brake note the answers to all requests of a session."""

        async def ended(_session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
            self.refused(params.response.status, params.response.headers.get("X-RateLimit-Scope"))

        config = aiohttp.TraceConfig()
        config.on_request_end.append(ended)
        return config
