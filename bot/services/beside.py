"""A process of our own beside the bot, for what would keep others waiting if the bot did it itself.

It is told what is wanted in one line of JSON, and lives as long as its standard input is open: however the bot ends, nothing is left
running.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping
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
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
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


def wanted(niceness: int) -> dict[str, Any]:
    """In the process itself: what is wanted of it. From then on it makes room for the bot, and ends with it."""
    with suppress(AttributeError, OSError):
        os.nice(niceness)
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
