"""The commands that make backups and put them back."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import terminal
from bot.domain.text import Moment, Style, Text, counted, text
from bot.terminal import Config, faults_in_sentences, say, settings_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.services.backups import Plan
    from db.store import Store


def plan_of(settings: "Settings") -> "Plan":
    """What the operator chose for backups."""
    from bot.services import backups
    from db.store import database_path

    return backups.plan(
        database_path(settings.database_url),
        settings.backup_folder,
        settings.backup_keep,
        settings.backup_public_key,
        settings.backup_command,
    )


async def upkeep_faults(store: "Store", settings: "Settings") -> list[Text]:
    """Says how backups stand, and returns what the operator has to see to."""
    from bot.services import upkeep

    lines, faults = await upkeep.report(store, plan_of(settings) if settings.backup_enabled else None, settings.backup_hour, terminal.now())
    for line in lines:
        say(line)
    return faults


def backup(
    config: Config = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="PATH", help="Make it here: a new file, or in a folder.")] = None,
) -> None:
    """Make a backup of the database, also while the bot runs.

    Without --to it goes to the folder of the nightly backups: older ones beyond those to keep are removed, and the command of the
    configuration copies it elsewhere.
    """
    settings = settings_of(config)
    with faults_in_sentences():
        from bot.services import backups

        plan = plan_of(settings)
        made = backups.make(plan, terminal.now()) if to is None else backups.make_at(plan, to, terminal.now())
        say(text("The backup {file} is made and was read back ({size} kB).", file=str(made.path), size=max(made.size // 1000, 1)))
        if to is None:
            backups.carry(plan, made.path)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    config: Config = None,
    identity: Annotated[
        Path | None, typer.Option("--identity", metavar="FILE", help="The file with the secret key, if the backup is encrypted.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database, which is kept beside it; the bot must be stopped."""
    settings = settings_of(config)
    with faults_in_sentences():
        from bot.locales import SOURCE, plain
        from db import restoring
        from db.store import database_path

        database = database_path(settings.database_url)
        asked = text(
            "Put {file} in the place of {database}? What was entered since that backup is not in it.",
            file=str(file),
            database=str(database),
        )
        if not yes and sys.stdin.isatty():
            typer.confirm(plain(asked, SOURCE), abort=True)
        done = asyncio.run(restoring.restore(file, database, terminal.now(), identity))
    held = text(
        "{servers}, {chapters}",
        servers=counted("{n} server", "{n} servers", done.held.servers),
        chapters=counted("{n} chapter", "{n} chapters", done.held.chapters),
    )
    if done.held.newest is None:
        say(text("{file} is restored: {held}, no entry yet.", file=str(file), held=held))
    else:
        newest = Moment(done.held.newest, Style.DAY_AND_HOUR)
        say(text("{file} is restored: {held}, the newest entry of {moment}.", file=str(file), held=held, moment=newest))
    if done.replaced is not None:
        say(text("The database before is kept as {file}. Delete it once you do not need it any more.", file=str(done.replaced)))
    say(text("Next: run check, then start the bot. What may have gone out since the backup is looked for before it is sent again."))
