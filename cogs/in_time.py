"""Answers in time: Discord tells people that the bot did not respond when three seconds have passed, whatever it waits for."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 1.5
"""Seconds after which somebody is told that their answer takes longer: half of Discord's time, so that the way there has the other half."""


@contextmanager
def in_time(put_off: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Calls `put_off` if what is done inside is not done soon."""
    loop = asyncio.get_running_loop()
    putting_off: list[asyncio.Task[None]] = []
    due = loop.call_later(PATIENCE, lambda: putting_off.append(loop.create_task(put_off())))
    try:
        yield
    finally:
        due.cancel()
