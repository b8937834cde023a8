"""One file read and worked out in a process of its own: `python -m bot.services.taking` answers in pickles, each behind its length."""

import asyncio
import copyreg
import pickle
import sys
import zlib
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services import beside
from bot.services.taking import mending, plans
from bot.services.taking.aside import read_only
from bot.services.taking.kinds import Kind
from bot.services.taking.plans import Plan
from bot.services.taking.table import Chosen
from db import intakes
from db.store import Store

NICENESS = 5
NAMED = 10
AT_ONCE = 100
"""So many steps go out at a time: the program takes them without keeping anybody waiting."""


def main() -> None:
    """Works out what is wanted."""
    asked = beside.wanted(NICENESS)
    copyreg.pickle(MappingProxyType, lambda found: (read_only, (dict(found),)))
    try:
        made = asyncio.run(_plan(asked))
    except Refusal as refusal:
        _tell(refused=refusal.reason)
        return
    if asked["steps"]:
        _tell_steps(made)
    if made.preview.bad:
        assert made.taken is not None
        suffix = Path(asked["name"]).suffix.casefold().removeprefix(".")
        ending, content = mending.to_mend(made.taken, made.preview.bad, suffix, lambda reason: plain(reason, asked["locale"]))
        _tell(ending=ending, content=content)
    _tell(preview=made.preview.shortened(NAMED), columns=made.columns)


async def _plan(wanted: dict[str, Any]) -> Plan:
    store = await Store.open(f"sqlite+aiosqlite:///{wanted['database']}", writer=False)
    try:
        async with store.read() as c:
            packed = await intakes.content(c, wanted["guild_id"], wanted["intake_id"])
        if packed is None:
            raise LookupError("the file is not there any more")
        with TemporaryDirectory(prefix="chapterhouse-") as folder:
            file = _unpacked(folder, wanted["name"], packed)
            kind = Kind(wanted["kind"]) if wanted["kind"] else None
            chosen = Chosen(sheet=wanted["sheet"], typed=False)
            now = datetime.fromisoformat(wanted["now"])
            return await plans.plan(store, wanted["guild_id"], file, kind, chosen, wanted["user_id"], now)
    finally:
        await store.close()


def _unpacked(folder: str, name: str, packed: bytes) -> Path:
    file = Path(folder, f"file{Path(name).suffix}")
    file.write_bytes(zlib.decompress(packed))
    return file


def _tell_steps(made: Plan) -> None:
    for name, steps in (("added", made.added), ("changed", made.changed)):
        for start in range(0, len(steps), AT_ONCE):
            _tell(**{name: steps[start : start + AT_ONCE]})


def _tell(**words: Any) -> None:
    packed = pickle.dumps(words)
    sys.stdout.buffer.write(len(packed).to_bytes(8, "big") + packed)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
