"""A process of our own beside the bot, for what would keep others waiting if the bot did it itself.

It is told what is wanted in one line of JSON, and lives as long as its standard input is open: however the bot ends, nothing is left
running. One that stands by is told one thing after the other, and answers each.
"""

import asyncio
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

SECRETS = ("CHAPTERHOUSE_TOKEN", "CHAPTERHOUSE_TOKEN_FILE")
LET_GO = 2.0
"""Seconds in which it may put its things in order once it is not needed any more."""
GRACE = 5.0
"""Seconds in which it does so when the bot has ended, and nobody is there to end it."""


def environment() -> dict[str, str]:
    """What other programs are given of the bot's environment: all but its token."""
    return {name: value for name, value in os.environ.items() if name not in SECRETS}


@dataclass(frozen=True, slots=True)
class Beside:
    """The process as the bot sees it."""

    answer: asyncio.StreamReader
    _process: asyncio.subprocess.Process
    _complaint: asyncio.Task[bytes]

    async def fault(self) -> str | None:
        """How it failed once it has ended, if it did; by the error's name alone, for what was wrong may hold what somebody wrote."""
        status = await self._process.wait()
        if status == 0:
            return None
        words = (await self._complaint).decode(errors="replace").strip().splitlines() or ["no word"]
        return f"ended with {status} ({words[-1].partition(':')[0]})"


@asynccontextmanager
async def started(module: str, wanted: Mapping[str, Any]) -> AsyncIterator[Beside]:
    """Runs `python -m module`, which is told what is wanted; behind the block it is gone, whether it was done or not."""
    process = await _spawned(module, asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    complaint = asyncio.create_task(process.stderr.read())
    try:
        with suppress(ConnectionError):
            process.stdin.write(json.dumps(wanted).encode() + b"\n")
            await process.stdin.drain()
        yield Beside(process.stdout, process, complaint)
    finally:
        process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), LET_GO)
        with suppress(ProcessLookupError):
            process.kill()
        complaint.cancel()


async def _spawned(module: str, complaints: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=complaints,
        env=environment(),
        start_new_session=True,
    )


class Failed(Exception):
    """The process could not do what it was asked; by the error's name alone."""


class StandingBy:
    """A process that is asked one thing after the other, by one who waits for each answer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str) -> "StandingBy":
        """Runs `python -m module`, which takes what it is asked from `asked` and answers each with `answer`."""
        return cls(await _spawned(module, asyncio.subprocess.DEVNULL))

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    async def ask(self, wanted: str) -> bytes:
        """The answer to one line; raises Failed. Whoever does not wait for the answer has to end it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(wanted.encode() + b"\n")
            await self._process.stdin.drain()
            head = await self._process.stdout.readexactly(1 + _LENGTH)
            answer = await self._process.stdout.readexactly(int.from_bytes(head[1:], "big"))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Failed(type(error).__name__) from None
        if head[:1] != _DONE:
            raise Failed(answer.decode(errors="replace"))
        return answer

    def let_go(self) -> None:
        """Lets it end in order, once it has done what it is at."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def end(self) -> None:
        """Ends it at once."""
        self.let_go()
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        """Waits until it is gone."""
        await self._process.wait()


_LENGTH = 8
_DONE, _FAILED = b"+", b"-"


def asked(niceness: int) -> Iterator[bytes]:
    """In a process that stands by: one line after the other, until nobody asks any more. It makes room for the bot, and ends with it."""
    _make_room(niceness)
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_take_in, args=(lines,), daemon=True).start()
    while (line := lines.get()) is not None:
        yield line


def answer(content: bytes | None, fault: str = "") -> None:
    """In a process that stands by: what the line came to, or the name of the error that it ended with."""
    told = fault.encode() if content is None else content
    sys.stdout.buffer.write((_FAILED if content is None else _DONE) + len(told).to_bytes(_LENGTH, "big") + told)
    sys.stdout.buffer.flush()


def _take_in(lines: "queue.SimpleQueue[bytes | None]") -> None:
    begun = b""
    while some := os.read(0, 65536):
        *whole, begun = (begun + some).split(b"\n")
        for line in whole:
            lines.put(line)
    lines.put(None)
    time.sleep(GRACE)
    os._exit(1)


def _make_room(niceness: int) -> None:
    with suppress(AttributeError, OSError):
        os.nice(niceness)


def wanted(niceness: int) -> dict[str, Any]:
    """In the process itself: what is wanted of it. From then on it makes room for the bot, and ends with it."""
    _make_room(niceness)
    told: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    # Whoever was started in the background may have been told to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_the_bot, daemon=True).start()
    return told


def _end_with_the_bot() -> None:
    """Ends what is done here when nobody waits for it any more: in order, and if that takes too long, at once."""
    # Not through sys.stdin: its lock would be held when the program ends by itself.
    while os.read(0, 1024):
        pass
    signal.raise_signal(signal.SIGINT)
    time.sleep(GRACE)
    os._exit(1)
