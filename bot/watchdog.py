"""What systemd is told: that the program has started, that it lives, that it stops."""

import asyncio
import logging
import os
import socket
from contextlib import suppress

from bot.locales import SOURCE, plain
from bot.pulse import Pulse

log = logging.getLogger(__name__)


def tell(state: str) -> None:
    """Says this to systemd, if it is systemd that started the program and listens (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)


def patience() -> float | None:
    """The seconds after which systemd takes the program for dead, or None if it does not watch over this process."""
    watched, process = os.environ.get("WATCHDOG_USEC", ""), str(os.getpid())
    return int(watched) / 1_000_000 if watched.isdecimal() and os.environ.get("WATCHDOG_PID", process) == process else None


async def keep(pulse: Pulse) -> None:
    """Gives a sign of life twice within systemd's patience, for as long as there is life: then only a new start helps."""
    seconds = patience()
    if not seconds:
        return
    told = False
    while True:
        stuck = pulse.stuck()
        if stuck is None:
            tell("WATCHDOG=1")
        elif not told:
            log.error("%s systemd gets no sign of life any more, and starts the program anew.", plain(stuck, SOURCE))
        told = stuck is not None
        await asyncio.sleep(seconds / 2)
