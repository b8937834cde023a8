"""What is counted inside the bot's process when the soak asks for it."""

import asyncio
import gc
import os
import signal
from pathlib import Path
from types import FrameType

ASKED = signal.SIGUSR2
ANSWER = "tasks"
REQUESTS_A_SECOND = 2000


def prepare() -> None:
    """Before the program begins: it tells how many tasks it has when it is asked, and is not held back for a Discord that is not there."""
    import bot.delivery.sender

    bot.delivery.sender.REQUESTS_A_SECOND = REQUESTS_A_SECOND
    folder = Path.cwd()

    def tell(_signal: int, _frame: FrameType | None) -> None:
        gc.collect()
        written = folder / f"{ANSWER}.new"
        written.write_text(str(len(asyncio.all_tasks())))
        written.rename(folder / ANSWER)

    signal.signal(ASKED, tell)


def ask(process: int, folder: Path) -> Path:
    """Asks it; where the answer will be."""
    answer = folder / ANSWER
    answer.unlink(missing_ok=True)
    os.kill(process, ASKED)
    return answer
