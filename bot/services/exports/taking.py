"""One export from beginning to end: rows are read as they stood at one moment, and a file is there once it is whole."""

from pathlib import Path

from bot.domain.exports import OF_CHAPTERS, Format, What
from bot.domain.refusal import Refusal
from bot.services.exports import archive, files, tables
from bot.services.exports.archive import Progress, Written, unseen
from bot.services.exports.tables import Asked
from db import organisations
from db.store import Store

__all__ = ["PARTLY_PRIVATE", "Asked", "TooLarge", "Written", "take"]

PARTLY_PRIVATE = OF_CHAPTERS


class TooLarge(Exception):
    """The file became larger than it may be."""


async def take(
    store: Store,
    asked: Asked,
    what: What,
    written: Format,
    file: Path,
    *,
    everything: bool = False,
    most: int | None = None,
    progress: Progress = unseen,
) -> Written:
    """Writes a table as far as whoever asks may see it, or an archive, of all (`everything`) or of what coordinators may see.

    A file that is there is replaced only once the new one is complete. Raises Refusal where the server has nothing, and TooLarge as soon
    as the file is larger than `most` bytes.
    """
    if what is What.ARCHIVE:
        made = await archive.write(store, asked.guild_id, file, asked.now, everything=everything, progress=progress)
        _insist(file, most, gone=True)
        return made
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        rows = await _write(store, asked, what, written, unfinished, most, progress)
        return Written(rows, archive.put_in_place(unfinished, file))
    finally:
        unfinished.unlink(missing_ok=True)


async def _write(store: Store, asked: Asked, what: What, written: Format, file: Path, most: int | None, progress: Progress) -> int:
    done = 0
    async with store.snapshot() as c:
        if await organisations.find(c, asked.guild_id) is None:
            raise Refusal(archive.NOTHING_THERE)
        with files.opened(file, written, files.Head(what, asked.guild_id, asked.now)) as write:
            async for page in tables.rows(c, what, asked, progress):
                write(page)
                done += len(page)
                _insist(file, most)
    _insist(file, most)
    return done


def _insist(file: Path, most: int | None, *, gone: bool = False) -> None:
    # A workbook is written at the very end: it is measured then.
    if most is not None and file.exists() and file.stat().st_size > most:
        if gone:
            file.unlink()
        raise TooLarge
