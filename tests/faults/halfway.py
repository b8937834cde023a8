"""Death in the middle of something that takes several statements: for the process that dies."""

import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ARMED = "armed"
"""The file with which the test says that statements count from now on."""


def prepare(begins: str, nth: int) -> None:
    """Before the program begins: it kills itself right behind the n-th statement that begins so, of those since it was armed."""
    from db.driver import Cursor

    left = nth

    def deadly(run: Callable[..., Awaitable[Cursor]]) -> Callable[..., Awaitable[Cursor]]:
        async def and_dies(self: Cursor, operation: str, parameters: Any = ()) -> Cursor:
            nonlocal left
            done = await run(self, operation, parameters)
            if operation.startswith(begins) and Path(ARMED).exists():
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
            return done

        return and_dies

    for name in ("execute", "executemany"):
        setattr(Cursor, name, deadly(getattr(Cursor, name)))
