"""How long the bot's event loop stands still, measured inside its process and written where the test can read it."""

import asyncio
import os
import struct
import time
from pathlib import Path

FILE = "pauses"
EVERY = 0.005


def prepare() -> None:
    """Before the program begins: its pulse beats faster, and notes the longest pause and how much of it was work."""
    from bot.pulse import Pulse

    file = os.open(FILE, os.O_RDWR | os.O_CREAT)
    os.pwrite(file, struct.pack("dd", 0.0, 0.0), 0)

    async def beat(self: Pulse) -> None:
        while True:
            began, worked = time.monotonic(), time.thread_time()
            self.look(began)
            self.looked()
            await asyncio.sleep(EVERY)
            pause = time.monotonic() - began - EVERY
            if pause > struct.unpack("dd", os.pread(file, 16, 0))[0]:
                os.pwrite(file, struct.pack("dd", pause, time.thread_time() - worked), 0)

    Pulse.beat = beat  # type: ignore[method-assign]


def reset(folder: Path) -> None:
    """Forgets what was measured so far."""
    with (folder / FILE).open("r+b") as file:
        file.write(struct.pack("dd", 0.0, 0.0))


def read(folder: Path) -> tuple[float, float]:
    """The longest pause in seconds, and how many of them the loop's own thread worked."""
    pause, worked = struct.unpack("dd", (folder / FILE).read_bytes())
    return pause, worked
