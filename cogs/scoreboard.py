"""The scoreboard that others see: the message that keeps itself up to date, and the organisation's public page."""

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.permissions import PINS
from bot.domain.rights import Action
from bot.services import public, scoreboards
from cogs import ui
from cogs.cards import living
from cogs.cards import scoreboard as cards
from cogs.request import Request
from cogs.setup import room


class Scoreboard(ui.ChapterCog):
    """/scoreboard."""

    scoreboard = app_commands.Group(name="scoreboard", description=locale_str("Where we stand, for all to see"), guild_only=True)
    public = app_commands.Group(name="public", description=locale_str("The public page on the internet"), parent=scoreboard)

    @public.command(name="on", description=locale_str("Show goals and open chapters to everybody on a public page (coordinators)"))
    @ui.answered(Action.OPEN_PAGE)
    async def public_on(self, interaction: discord.Interaction) -> None:
        """Switches the public page on."""
        await self._switch(interaction, on=True)

    @public.command(name="off", description=locale_str("Take the public page off the internet at once (coordinators)"))
    @ui.answered(Action.OPEN_PAGE)
    async def public_off(self, interaction: discord.Interaction) -> None:
        """Switches the public page off."""
        await self._switch(interaction, on=False)

    async def _switch(self, interaction: discord.Interaction, *, on: bool) -> None:
        request = Request(interaction)
        name = interaction.guild.name if interaction.guild is not None else ""
        done = await public.switch(request.store, request.caller, on, name, request.now)
        await request.answer(cards.switched_card(done, request.host.address))

    @scoreboard.command(name="post", description=locale_str("Post where we stand as a message that keeps itself up to date (coordinators)"))
    @app_commands.describe(channel=locale_str("Where it is to stand; without it here"))
    @ui.answered(Action.POST_SCOREBOARD)
    async def post(self, interaction: discord.Interaction, channel: discord.TextChannel | None = None) -> None:
        """Has the scoreboard stand in a channel, and says what of it the bot may not do there."""
        request = Request(interaction)
        place = channel or interaction.channel
        known = place if isinstance(place, discord.TextChannel | discord.Thread) else None
        lacks = () if known is None else room(known, known.guild.me, PINS).lacks
        done = await scoreboards.post(request.store, request.caller, None if known is None else known.id, lacks, request.now)
        await request.answer(living.posted_card(done, lacks))

    @ui.pressed("sb.stop", Action.POST_SCOREBOARD)
    async def stop(self, request: Request) -> None:
        """Takes the scoreboard down."""
        await request.replace(living.stopped_card(stopped=await scoreboards.stop(request.store, request.caller, request.now)))


async def setup(bot: commands.Bot) -> None:
    """Adds the commands."""
    await bot.add_cog(Scoreboard())
