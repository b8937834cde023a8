"""/export: an organisation's data as a file, for coordinators and, of their own chapters, for admins."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.exports import Format, What, name_of
from bot.domain.rights import Action
from bot.services.exports import asking
from bot.services.exports.asking import Busy
from cogs import ui
from cogs.cards import exports as cards
from cogs.request import Request

EVERY = 3.0
"""Seconds between two words on how far it is."""


class Exports(ui.ChapterCog):
    """/export and the files that are being made."""

    def __init__(self) -> None:
        self.busy = Busy()

    @app_commands.command(name="export", description=locale_str("Take data out as a file"))
    @app_commands.guild_only()
    @app_commands.choices(
        what=[Choice(name=locale_str(cards.NAMES[what].msgid), value=what.value) for what in What],
        format=[
            Choice(name=locale_str("CSV, for any spreadsheet program"), value=Format.CSV.value),
            Choice(name=locale_str("Excel workbook"), value=Format.XLSX.value),
            Choice(name=locale_str("JSON, for programs"), value=Format.JSON.value),
        ],
    )
    @app_commands.describe(
        what=locale_str("What to take out"), format=locale_str("How a table is written; an archive is always a ZIP file")
    )
    @ui.answered(Action.EXPORT, Action.EXPORT_ALL)
    async def export(self, interaction: discord.Interaction, what: str, format: str) -> None:  # noqa: A002 - the option's name is fixed
        """Makes the file beside the program, and hands it to whoever asked."""
        request = Request(interaction)
        order = await asking.order(request.store, request.caller, What(what), Format(format), request.now)
        await request.defer()
        with self.busy.at_work(order.guild_id), TemporaryDirectory(prefix="chapterhouse-") as folder:
            file = Path(folder, name_of(order.what, order.written, order.now))
            made = await asking.make(request.store, order, file, request.largest_file, _telling(request))
            await asking.note(request.store, order)
            await request.hand_over(cards.file_card(order, made, file.name), file)


def _telling(request: Request) -> asking.Told:
    told = time.monotonic()

    async def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            await request.replace(cards.making_card(done, total))

    return tell


async def setup(bot: commands.Bot) -> None:
    """Adds the commands to the bot."""
    await bot.add_cog(Exports())
