"""/privacy: what is stored about the asker, and erasing it."""

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.rights import Action
from bot.services import privacy
from cogs import ui
from cogs.cards import privacy as cards
from cogs.request import Request

FILE = "what-is-stored-about-me.json"


class Privacy(ui.ChapterCog):
    """/privacy show and erase."""

    privacy = app_commands.Group(name="privacy", description=locale_str("What is stored about you, and erasing it"), guild_only=True)

    @privacy.command(name="show", description=locale_str("See everything that is stored about you in this server"))
    @ui.answered(Action.SEE_OWN)
    async def show(self, interaction: discord.Interaction) -> None:
        """Shows what is stored, as a card and as a file."""
        request = Request(interaction)
        shown = await privacy.show(request.store, request.caller, request.now)
        if shown.file is None:
            await request.answer(cards.nothing_card(shown))
        else:
            await request.answer(cards.stored_card(shown))
            await request.attach(FILE, shown.file)

    @privacy.command(name="erase", description=locale_str("Erase everything that is stored about you in this server"))
    @ui.answered(Action.ERASE_OWN)
    async def erase(self, interaction: discord.Interaction) -> None:
        """Asks whether it shall be erased."""
        request = Request(interaction)
        await request.answer(cards.ask_card(*await privacy.may_erase(request.store, request.caller)))

    @ui.pressed("pv.ask", Action.ERASE_OWN)
    async def ask(self, request: Request) -> None:
        """Asks whether it shall be erased."""
        await request.replace(cards.ask_card(*await privacy.may_erase(request.store, request.caller)))

    @ui.pressed("pv.erase", Action.ERASE_OWN)
    async def confirm(self, request: Request) -> None:
        """Erases what is stored about whoever presses."""
        await request.replace(cards.erased_card(await privacy.erase(request.store, request.caller, request.now)))

    @ui.pressed("pv.keep", Action.ERASE_OWN)
    async def keep(self, request: Request) -> None:
        """Leaves everything as it is."""
        await privacy.may_erase(request.store, request.caller)
        await request.replace(cards.kept_card())


async def setup(bot: commands.Bot) -> None:
    """Loads /privacy."""
    await bot.add_cog(Privacy())
