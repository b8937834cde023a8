"""The buttons with which coordinators agree that chapters are asked: a pilot first, then all; or nobody any more."""

from collections.abc import Collection

import discord
from discord.ext import commands

from bot.domain.rights import Action
from bot.services import asking
from cogs import ui
from cogs.cards import asking as cards
from cogs.request import Request
from cogs.setup import speaks


class Asking(ui.ChapterCog):
    """Whom the bot asks."""

    @ui.pressed("as.show", Action.SET_UP)
    async def show(self, request: Request, page: int) -> None:
        """Whom the bot asks now."""
        shown = await asking.look(request.store, request.caller, page, request.now)
        await request.replace(cards.asking_card(shown, writable(request.interaction)))

    @ui.pressed("as.choose", Action.SET_UP)
    async def choose(self, request: Request, page: int) -> None:
        """A page of chapters to choose the pilot from."""
        await request.replace(cards.choice_card(await asking.choose(request.store, request.caller, page)))

    @ui.pressed("as.chosen", Action.SET_UP)
    async def chosen(self, request: Request, page: int) -> None:
        """Shows whom the pilot would reach that was chosen."""
        ids = request.chosen_many(int)
        shown = await asking.propose(request.store, request.caller, page, ids, request.form_key, request.now)
        await request.replace(cards.preview_card(shown, writable(request.interaction)))

    @ui.pressed("as.page", Action.SET_UP)
    async def turn(self, request: Request, form_key: str, page: int) -> None:
        """Another page of whom the pilot would reach."""
        shown = await asking.proposed(request.store, request.caller, form_key, page, request.now)
        await request.replace(cards.preview_card(shown, writable(request.interaction)))

    @ui.pressed("as.begin", Action.SET_UP)
    async def begin(self, request: Request, form_key: str) -> None:
        """Begins the pilot."""
        shown = await asking.begin_pilot(request.store, request.caller, form_key, request.now)
        await request.replace(cards.asking_card(shown, writable(request.interaction)))

    @ui.pressed("as.all", Action.SET_UP)
    async def everybody(self, request: Request, page: int) -> None:
        """Shows whom it would reach to ask all chapters."""
        shown = await asking.would_reach(request.store, request.caller, page, request.now)
        await request.replace(cards.preview_card(shown, writable(request.interaction)))

    @ui.pressed("as.yes", Action.SET_UP)
    async def begin_all(self, request: Request) -> None:
        """Has all chapters asked from now on."""
        shown = await asking.begin_all(request.store, request.caller, request.now)
        await request.replace(cards.asking_card(shown, writable(request.interaction)))

    @ui.pressed("as.stop", Action.SET_UP)
    async def stop(self, request: Request) -> None:
        """Has nobody asked any more."""
        shown = await asking.stop(request.store, request.caller, request.now)
        await request.replace(cards.asking_card(shown, writable(request.interaction)))


def writable(interaction: discord.Interaction) -> Collection[int]:
    """The channels and threads of this server in which the bot can write."""
    guild = interaction.guild
    if guild is None:
        return ()
    places: list[discord.TextChannel | discord.Thread] = [*guild.text_channels, *guild.threads]
    return {place.id for place in places if speaks(place, guild.me)}


async def setup(bot: commands.Bot) -> None:
    """Loads the buttons."""
    await bot.add_cog(Asking())
