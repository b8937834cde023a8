"""Pictures, drawn by a process beside the bot, and kept until something else is to be seen: the second who asks waits for nothing."""

import asyncio
import logging
from collections import OrderedDict
from hashlib import sha256

from bot.charts.values import Picture, written
from bot.services import beside
from bot.services.beside import StandingBy

log = logging.getLogger(__name__)

MODULE = "bot.drawing"
PATIENCE = 2.0
"""Seconds that an answer in words waits for its picture."""
LONGEST = 15.0
"""Seconds that one picture may take; then the process is ended, and another one started for the next."""
IDLE = 30 * 60.0
"""Seconds after which a process that nobody needs is let go: it holds 90 MB, and takes a second or two to start."""
KEPT = 4 * 2**20
"""Bytes of pictures that are kept: a hundred or two; few are asked for twice before something changes."""
MOST_WAITING = 20
"""So many pictures wait to be drawn; who asks for a further one gets the words alone."""
AGAIN_AFTER = 60.0
"""Seconds for which nobody waits for a picture that was not drawn in time, or for any after two failures in a row."""


class Pictures:
    """The pictures that were asked for last, and the process that draws further ones; without `draws` there are none.

    Unless it `lets_go` of it, the process stays however long nobody needs it: where a clock jumps, that is soon very long.
    """

    def __init__(self, *, draws: bool = True, lets_go: bool = True) -> None:
        self._draws = draws
        self._lets_go = lets_go
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._drawing: dict[bytes, asyncio.Task[bytes | None]] = {}
        self._in_vain: dict[bytes, float] = {}
        self._failures = 0
        self._rests_until = 0.0
        self._one_at_a_time = asyncio.Lock()
        self._process: StandingBy | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def process_id(self) -> int | None:
        """The number of the process that draws, if there is one."""
        return self._process.pid if self._process is not None and self._process.lives else None

    @property
    def kept_bytes(self) -> int:
        """How much is kept."""
        return self._size

    async def of(self, picture: Picture, patience: float | None = None) -> bytes | None:
        """The picture as a file; None where it cannot be had within so many seconds, for whatever reason: then the words go alone."""
        if not self._draws:
            return None
        line = written(picture)
        key = sha256(line.encode()).digest()
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        if self._is_in_vain(key):
            return None
        drawing = self._drawing.get(key)
        if drawing is None:
            if len(self._drawing) >= MOST_WAITING:
                return None
            drawing = self._drawing[key] = asyncio.create_task(self._draw(key, line), name="picture")
        done, _ = await asyncio.wait({drawing}, timeout=PATIENCE if patience is None else patience)
        if done:
            return drawing.result()
        self._in_vain[key] = _now() + AGAIN_AFTER
        return None

    async def warm_up(self) -> None:
        """Starts the process, so that the first who asks need not wait for that."""
        if self._draws:
            async with self._one_at_a_time:
                try:
                    await self._at_hand()
                except OSError as error:
                    self._failed(type(error).__name__)
                else:
                    self._let_go_later()

    async def close(self) -> None:
        """Ends the process, and what it is at."""
        at_work, process = list(self._drawing.values()), self._process
        for task in at_work:
            task.cancel()
        self._end()
        await asyncio.gather(*at_work, return_exceptions=True)
        if process is not None:
            await process.ended()

    def _is_in_vain(self, key: bytes) -> bool:
        now = _now()
        self._in_vain = {each: until for each, until in self._in_vain.items() if until > now}
        return key in self._in_vain or self._rests_until > now

    async def _draw(self, key: bytes, line: str) -> bytes | None:
        try:
            async with self._one_at_a_time:
                made = await self._ask(line)
        finally:
            self._drawing.pop(key, None)
        if made is None:
            self._in_vain[key] = _now() + AGAIN_AFTER
        else:
            self._in_vain.pop(key, None)
            self._keep(key, made)
        return made

    async def _ask(self, line: str) -> bytes | None:
        try:
            async with asyncio.timeout(LONGEST):
                made = await (await self._at_hand()).ask(line)
        except (beside.Failed, OSError, TimeoutError) as error:
            self._failed(str(error) if isinstance(error, beside.Failed) else type(error).__name__)
            return None
        except asyncio.CancelledError:
            self._end()
            raise
        self._failures = 0
        self._let_go_later()
        return made

    async def _at_hand(self) -> StandingBy:
        if self._process is None or not self._process.lives:
            self._process = await StandingBy.start(MODULE)
        return self._process

    def _failed(self, why: str) -> None:
        self._end()
        self._failures += 1
        if self._failures > 1:
            self._rests_until = _now() + AGAIN_AFTER
        log.warning("a picture could not be drawn (%s): the words go alone", why)

    def _keep(self, key: bytes, made: bytes) -> None:
        self._kept[key] = made
        self._size += len(made)
        while self._size > KEPT:
            self._size -= len(self._kept.popitem(last=False)[1])

    def _let_go_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._lets_go:
            self._idle = asyncio.get_running_loop().call_later(IDLE, self._let_go)

    def _let_go(self) -> None:
        if self._process is not None and not self._drawing:
            self._process.let_go()
            self._process = None

    def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None:
            self._process.end()
        self._process = None


def _now() -> float:
    return asyncio.get_running_loop().time()
