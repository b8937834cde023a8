"""One export in a process of its own: `python -m bot.services.exports` is told what is wanted, and tells how far it is."""

import asyncio
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.exports import Format, What
from bot.services import beside
from bot.services.exports import taking
from bot.services.exports.archive import Progress
from bot.services.exports.tables import Asked
from db.store import Store

NICENESS = 10
OFTEN = 0.5
"""Seconds between two words on how far it is."""


def main() -> None:
    """Makes the file that is wanted."""
    _tell(**asyncio.run(_take(beside.wanted(NICENESS))))


async def _take(wanted: dict[str, Any]) -> dict[str, Any]:
    asked = Asked(wanted["guild_id"], wanted["user_id"], wanted["own"], datetime.fromisoformat(wanted["now"]))
    store = await Store.open(f"sqlite+aiosqlite:///{wanted['database']}", writer=False)
    try:
        made = await taking.take(
            store, asked, What(wanted["what"]), Format(wanted["format"]), Path(wanted["file"]), most=wanted["most"], progress=_progress()
        )
    except taking.TooLarge:
        return {"too_large": True}
    finally:
        await store.close()
    return {"rows": made.rows, "size": made.size}


def _progress() -> Progress:
    told = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= OFTEN:
            told = time.monotonic()
            _tell(done=done, total=total)

    return progress


def _tell(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
