"""The command that forgets a whole server at once."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.text import counted, text
from bot.terminal import NOT_SOUND, Config, faults_in_sentences, say, settings_of

if TYPE_CHECKING:
    from bot.config import Settings

LARGEST_ID = 2**63 - 1


def forget(
    guild: Annotated[int, typer.Option("--guild", metavar="ID", min=1, max=LARGEST_ID, help="The id of the Discord server.")],
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything that is stored of one server, for good; the bot must be stopped."""
    settings = settings_of(config)
    with faults_in_sentences():
        if not asyncio.run(_forget(settings, guild, yes=yes)):
            raise typer.Exit(NOT_SOUND)


async def _forget(settings: "Settings", guild_id: int, *, yes: bool) -> bool:
    from bot.locales import SOURCE, plain
    from bot.services import forgetting
    from db import faults
    from db.store import Store, database_path

    path = database_path(settings.database_url)
    if not path.exists():
        raise faults.missing(path)
    store = await Store.open(settings.database_url)
    try:
        found = await forgetting.find(store, guild_id)
        if found is None:
            say(text("Nothing is stored of the server {guild}.", guild=str(guild_id)), err=True)
            return False
        held = counted("{n} chapter", "{n} chapters", found.chapters)
        asked = text("Delete all of the server {guild} ({held})? Nobody can bring it back.", guild=str(guild_id), held=held)
        if not yes and not (sys.stdin.isatty() and typer.confirm(plain(asked, SOURCE))):
            say(text("Nothing was deleted. Add {option} to delete without being asked.", option="--yes"), err=True)
            return False
        await forgetting.forget(store, guild_id)
        say(text("All of the server {guild} is deleted from the database ({held}).", guild=str(guild_id), held=held))
        say(text("Backups still hold it until they are replaced. To be rid of it there too, delete them and make a new one."))
        return True
    finally:
        await store.close()
