"""The bot's own pace towards Discord."""

import asyncio


class Pace:
    """At most so many requests a second, of which `at_once` may follow each other without a pause after a rest."""

    def __init__(self, a_second: int, at_once: int) -> None:
        self._step = 1 / a_second
        self._head_start = at_once * self._step
        self._free_at = float("-inf")

    def turn(self, now: float) -> float:
        """Takes the next turn, and says for how many seconds to wait for it (generic cell rate algorithm)."""
        self._free_at = max(self._free_at, now - self._head_start) + self._step
        return max(0.0, self._free_at - now)

    async def __aenter__(self) -> None:
        # A plain sleep, and not aiolimiter's futures: the simulated clock of the demo and the tests moves on for it.
        await asyncio.sleep(self.turn(asyncio.get_running_loop().time()))

    async def __aexit__(self, *_: object) -> None:
        """Nothing is given back: a request was made."""
