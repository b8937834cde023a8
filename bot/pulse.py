"""Whether the program lives: the event loop goes on, what is due is looked for, and Discord is connected."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.domain.text import Text, counted, text

BEAT = 1.0
"""Seconds between two looks."""
AWAY = 60.0
"""Seconds without Discord that are usual: a connection that is dropped is back within them."""
STALL = 3.0
"""Seconds after which Discord no longer takes an answer: that is how long the loop must never stand still."""
REMEMBERED = 60.0
LEAST_WAIT = 60.0


@dataclass(slots=True)
class Pulse:
    """What is known of the program's life, in seconds of a clock that never goes back, and stands still while the machine sleeps."""

    tick_seconds: int
    connected: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    felt: Callable[[float], None] = lambda _: None
    """Told at each beat by how many seconds it came late."""
    looked: Callable[[], None] = lambda: None
    """Called at each beat."""

    seen: bool = False
    away_since: float | None = None
    looked_at: float | None = None
    failed: bool = False
    stalls: deque[tuple[float, float]] = field(default_factory=deque)

    async def beat(self) -> None:
        """Looks every second, for ever; a look costs some microseconds."""
        while True:
            began = self.clock()
            self.look(began)
            self.looked()
            await asyncio.sleep(BEAT)
            self.feel(self.clock() - began - BEAT)

    def look(self, now: float) -> None:
        """Notes whether Discord is connected."""
        if self.connected():
            self.seen, self.away_since = True, None
        elif self.away_since is None:
            self.away_since = now

    def feel(self, lag: float) -> None:
        """Notes by how much the event loop was late."""
        self.felt(max(lag, 0.0))
        if lag > STALL:
            self.stalls.append((self.clock(), lag))

    def at_work(self) -> None:
        """From now on what is due is looked for at every tick."""
        self.looked_at = self.clock()

    def ticked(self, *, failed: bool) -> None:
        """A look for what is due has come to its end, this way or that."""
        self.looked_at, self.failed = self.clock(), failed

    @property
    def quiet(self) -> float | None:
        """For how long what is due has not been looked for; None before the first time."""
        return None if self.looked_at is None else self.clock() - self.looked_at

    def stuck(self) -> Text | None:
        """What a new start of the program would mend, and only that: Discord may be away for hours."""
        quiet = self.quiet or 0.0
        if quiet <= max(3 * self.tick_seconds, LEAST_WAIT):
            return None
        return text(
            "The program has not looked for what is due for {seconds} seconds; it should every {usual}.",
            seconds=int(quiet),
            usual=self.tick_seconds,
        )

    def faults(self) -> Iterator[Text]:
        """What is not as it should be, each in a sentence."""
        now = self.clock()
        away = 0.0 if self.away_since is None else now - self.away_since
        if not self.seen:
            yield text("The program is not connected to Discord yet.")
        elif away > AWAY:
            yield text("The program has not been connected to Discord for {seconds} seconds.", seconds=int(away))
        if stuck := self.stuck():
            yield stuck
        elif self.failed:
            yield text("The last look for what is due ended with an error; the log has it.")
        while self.stalls and now - self.stalls[0][0] > REMEMBERED:
            self.stalls.popleft()
        if self.stalls:
            longest = round(max(lag for _, lag in self.stalls))
            yield counted(
                "Within the last minute the program stood still for {n} second.",
                "Within the last minute the program stood still for {n} seconds.",
                longest,
            )
