"""The commands that take an organisation's data out of the bot, and put an archive of it back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import copies, terminal
from bot.domain.exports import Format, What, name_of
from bot.domain.refusal import Refusal
from bot.domain.text import counted, text
from bot.terminal import Config, faults_in_sentences, progress_of, say, settings_of

LARGEST_ID = 2**63 - 1

Guild = Annotated[int, typer.Option("--guild", metavar="ID", min=1, max=LARGEST_ID, help="The id of the Discord server.")]


def export(
    what: Annotated[What, typer.Argument(metavar="WHAT", help=f"One of {', '.join(What)}.")],
    guild: Guild,
    written: Annotated[Format, typer.Option("--format", help="How a table is written; an archive is always a ZIP file.")] = Format.CSV,
    config: Config = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="PATH", help="Write it here: a new file, or in a folder.")] = None,
) -> None:
    """Take an organisation's data out, also while the bot runs.

    Tables show what everybody in the server may see. The archive holds everything, hidden chapters and private notes too: keep it as
    safe as the database itself.
    """
    settings, now, place = settings_of(config), terminal.now(), to or Path()
    target = place / name_of(what, written, now) if place.is_dir() else place
    with faults_in_sentences():
        asyncio.run(_export(settings.database_url, what, written, guild, target, now))


async def _export(url: str, what: What, written: Format, guild_id: int, target: Path, now: datetime) -> None:
    from bot.services.exports import taking
    from db.names import NOBODY
    from db.store import Store

    store = await Store.open(url, writer=False)
    try:
        with writable(target), progress_of(text("Exported")) as progress:
            asked = taking.Asked(guild_id, NOBODY, own=False, now=now)
            made = await taking.take(store, asked, what, written, target, everything=True, progress=progress)
    finally:
        await store.close()
    size = max(made.size // 1000, 1)
    say(counted("{file} holds {n} row ({size} kB).", "{file} holds {n} rows ({size} kB).", made.rows, file=str(target), size=size))
    if what in taking.PARTLY_PRIVATE:
        say(text("What only a chapter's own admins and facilitators may see is not in it. The archive holds all."))


@contextmanager
def writable(target: Path) -> Iterator[None]:
    """Says in a sentence why a file could not be written."""
    try:
        yield
    except OSError as error:
        raise Refusal(text("{file} cannot be written: {reason}.", file=str(target), reason=error.strerror or "?")) from error


def import_archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An archive that `export archive` made.")],
    guild: Guild,
    config: Config = None,
) -> None:
    """Restore the archive of a whole organisation into an empty server; the bot must be stopped.

    All of it is stored or nothing. In another server than it comes from, its channels, roles and posts are left out.
    """
    settings = settings_of(config)
    with faults_in_sentences():
        asyncio.run(_import_archive(settings.database_url, copies.plan_of(settings).folder, file, guild))


async def _import_archive(url: str, backups: Path, file: Path, guild_id: int) -> None:
    from bot.services.exports import restoring
    from db.store import Store

    store = await Store.open(url, backups=backups)
    try:
        with progress_of(text("Restored")) as progress:
            restored = await restoring.restore(store, guild_id, file, terminal.now(), progress)
    finally:
        await store.close()
    for line in restored.lines():
        say(line)
