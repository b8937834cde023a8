"""A whole organisation in one file: a ZIP archive of one text file for each table and a manifest that proves them."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.services.exports.sieve import Sieve
from db import whole
from db.store import Connection, Store
from db.whole import Plain

KIND, VERSION = "chapterhouse-archive", 1
MANIFEST = "manifest.json"
PAGE = 1000
LEFT_OUT = ("hidden chapters", "private notes", "small counts", "dues")
"""What an archive made for coordinators does not hold, as its manifest says it."""
NOTHING_THERE = text("There is nothing to export: the bot knows no server with this id. /setup or an import makes one.")

Progress = Callable[[int, int], object]


def unseen(_done: int, _total: int) -> None:
    """For whoever does not look at how far it is."""


@dataclass(frozen=True, slots=True)
class Written:
    """How much of a server went into a file."""

    rows: int
    size: int


def member(table: str) -> str:
    """The name that a table's file has inside the archive."""
    return f"tables/{table}.jsonl"


async def write(store: Store, guild_id: int, file: Path, now: datetime, *, everything: bool, progress: Progress = unseen) -> Written:
    """Writes the archive of a server as it stands at one moment; for coordinators (not `everything`) without what they must not see.

    A file that is there is replaced only once the new one is complete. Raises Refusal where the server has nothing.
    """
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        async with store.snapshot() as c:
            rows = await _write(c, guild_id, unfinished, now, everything=everything, progress=progress)
        return Written(rows, put_in_place(unfinished, file))
    finally:
        unfinished.unlink(missing_ok=True)


def put_in_place(unfinished: Path, file: Path) -> int:
    """Gives a file that is complete its name, and returns its size."""
    unfinished.replace(file)
    return file.stat().st_size


async def _write(c: Connection, guild_id: int, file: Path, now: datetime, *, everything: bool, progress: Progress) -> int:
    names = [name for name in whole.TABLES if everything or name not in whole.NOT_FOR_ALL]
    counts = {name: await whole.count(c, guild_id, name) for name in names}
    if not counts["organisation"]:
        raise Refusal(NOTHING_THERE)
    sieve = None if everything else await Sieve.of(c, guild_id)
    done, total, told = 0, sum(counts.values()), {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name in names:
            written = _Table()
            with archive.open(_info(member(name), now), "w", force_zip64=True) as opened:
                async for rows in _pages(c, guild_id, name, hidden=everything):
                    kept = rows if sieve is None else sieve.kept(name, rows)
                    opened.write(written.lines(kept))
                    done += len(rows)
                    progress(done, total)
            told[name] = written.told(name)
        manifest = _manifest(guild_id, now, everything=everything, tables=told)
        archive.writestr(_info(MANIFEST, now), json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    return sum(each["rows"] for each in told.values())


async def _pages(c: Connection, guild_id: int, name: str, *, hidden: bool) -> AsyncIterator[list[Plain]]:
    after: tuple[Any, ...] | None = None
    while True:
        rows, after = await whole.page(c, guild_id, name, after, PAGE, hidden=hidden)
        if rows:
            yield rows
        if after is None:
            return


def _info(name: str, now: datetime) -> ZipInfo:
    made = ZipInfo(name, now.timetuple()[:6])
    made.compress_type = ZIP_DEFLATED
    return made


class _Table:
    """What the manifest has to say of a table, gathered while its rows are written."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._rows = 0
        self._ids: tuple[int, int] | None = None

    def lines(self, rows: list[Plain]) -> bytes:
        """These rows as lines."""
        made = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()
        self._digest.update(made)
        self._rows += len(rows)
        if rows and "id" in rows[0]:
            first = rows[0]["id"] if self._ids is None else self._ids[0]
            self._ids = (first, rows[-1]["id"])
        return made

    def told(self, name: str) -> Plain:
        """Its entry in the manifest."""
        entry = {"rows": self._rows, "sha256": self._digest.hexdigest(), "columns": whole.columns(name)}
        return entry if self._ids is None else {**entry, "ids": self._ids}


def _manifest(guild_id: int, now: datetime, *, everything: bool, tables: Mapping[str, Plain]) -> Plain:
    return {
        "kind": KIND,
        "version": VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "guild_id": str(guild_id),
        "complete": everything,
        "left_out": [] if everything else LEFT_OUT,
        "tables": tables,
    }
