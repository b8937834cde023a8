"""/import: a file that an organisation has already, shown before it is stored; and an import taken back."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain.rights import Action
from bot.services.taking import aside, waiting
from bot.services.taking.kinds import Kind
from bot.services.taking.waiting import Done, Shown
from cogs import ui
from cogs.cards import imports as cards
from cogs.layout import Card
from cogs.request import Request

EVERY = 1.5
"""Seconds between two words on how far it is."""


class Imports(ui.ChapterCog):
    """/import, with the buttons of its preview."""

    import_ = app_commands.Group(name="import", description=locale_str("Bring in what the organisation has in files"), guild_only=True)

    def __init__(self) -> None:
        self.turns = asyncio.Semaphore(aside.AT_ONCE)

    @import_.command(name="file", description=locale_str("See what a file would add and change, then import it (coordinators)"))
    @app_commands.choices(holds=[Choice(name=locale_str(words.msgid), value=kind.value) for kind, words in cards.NAMES.items()])
    @app_commands.describe(
        file=locale_str("A spreadsheet (.xlsx), CSV or JSON file; its first line names the columns"),
        holds=locale_str("What its rows are, where its columns do not say so"),
        sheet=locale_str("The sheet of a workbook that has several"),
    )
    @ui.answered(Action.IMPORT)
    async def file(
        self,
        interaction: discord.Interaction,
        file: discord.Attachment,
        holds: str | None = None,
        sheet: Range[str, 1, 100] | None = None,
    ) -> None:
        """Shows what the file would change."""
        request = Request(interaction)
        await waiting.may_import(request.store, request.caller)
        waiting.check_size(file.size)
        await request.defer()
        await request.replace(cards.reading_card())
        content, kind = await file.read(), None if holds is None else Kind(holds)
        shown = await waiting.show(
            request.store, request.caller, file.filename, content, kind, sheet, request.locale, self.turns, request.now
        )
        await _show(request, shown)

    @import_.command(name="undo", description=locale_str("Take the newest import of the last 7 days back (coordinators)"))
    @ui.answered(Action.IMPORT)
    async def undo(self, interaction: discord.Interaction) -> None:
        """Takes the newest import back."""
        request = Request(interaction)
        await request.answer(cards.undone_card(await waiting.undo(request.store, request.caller, request.now)))

    @ui.pressed("im.go", Action.IMPORT)
    async def go(self, request: Request, intake_id: int, skip: int) -> None:
        """Stores what was shown, or shows what it would be by now."""
        await waiting.may_import(request.store, request.caller)
        await request.defer(replacing=request.message_id is not None)
        progress = _Progress(request)
        done = await waiting.confirm(
            request.store, request.caller, intake_id, bool(skip), request.locale, self.turns, progress.tell, request.now
        )
        await progress.end()
        if isinstance(done, Shown):
            await _show(request, done)
        else:
            await _hand_over(request, done, lambda to_mend: cards.done_card(done, to_mend))

    @ui.pressed("im.drop", Action.IMPORT)
    async def drop(self, request: Request, intake_id: int) -> None:
        """Forgets the file."""
        await waiting.put_aside(request.store, request.caller, intake_id)
        await request.replace(cards.aside_card())


async def _show(request: Request, shown: Shown) -> None:
    await _hand_over(request, shown, lambda to_mend: cards.preview_card(shown, to_mend))


async def _hand_over(request: Request, found: Shown | Done, card_of: Callable[[str | None], Card]) -> None:
    """Shows a card, with the rows that are to be mended as a file where there are some."""
    if found.to_mend is None:
        await request.replace(card_of(None))
        return
    ending, content = found.to_mend
    with TemporaryDirectory(prefix="chapterhouse-") as folder:
        file = Path(folder, waiting.name_to_mend(found.file_name, ending))
        await asyncio.to_thread(file.write_bytes, content)
        await request.hand_over(card_of(file.name), file)


class _Progress:
    """How far it is, told now and then, and never while something is waited for."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._told = time.monotonic()
        self._telling: asyncio.Task[None] | None = None

    def tell(self, done: int, total: int) -> None:
        """Notes how far it is."""
        if time.monotonic() - self._told >= EVERY and (self._telling is None or self._telling.done()):
            self._told = time.monotonic()
            self._telling = asyncio.ensure_future(self._request.replace(cards.storing_card(done, total)))

    async def end(self) -> None:
        """Lets the last word out before what comes next."""
        if self._telling is not None:
            await asyncio.gather(self._telling, return_exceptions=True)


async def setup(bot: commands.Bot) -> None:
    """Adds the commands to the bot."""
    await bot.add_cog(Imports())
