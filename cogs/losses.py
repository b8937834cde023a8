"""Looks, whenever a server's roles or channels change, whether the bot lost a permission that it needs."""

from typing import Any

import discord
from discord.ext import commands

from bot.domain.rights import Action
from bot.services import losses, organisations
from cogs import ui
from cogs.request import Request
from cogs.setup import overview, seen, speaks
from db.store import Store


class Losses(ui.ChapterCog):
    """What Discord says of roles and channels."""

    def __init__(self, bot: Any) -> None:
        self._bot = bot

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """After a start: what was taken away meanwhile."""
        await self._look(guild)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """A role may be the bot's own, or everybody's."""
        await self._look(after.guild)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """A channel may be one that was chosen."""
        await self._look(after.guild)

    @commands.Cog.listener()
    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """The bot itself may have lost a role; Discord tells it of nobody else."""
        if after.id == after.guild.me.id:
            await self._look(after.guild)

    async def _look(self, guild: discord.Guild) -> None:
        store: Store = self._bot.store
        entity = await organisations.find(store, guild.id)
        if entity is None:
            return
        rooms = seen(entity, guild.roles, guild.channels, guild.me).rooms
        homes = {channel_id for _, channel_id in await organisations.homes(store, guild.id)}
        writes = {place.id: speaks(place, guild.me) for place in (*guild.channels, *guild.threads) if place.id in homes}
        await losses.note(store, guild.id, losses.found(rooms, writes), self._bot.clock())

    @ui.pressed("su.show", Action.SET_UP)
    async def show(self, request: Request) -> None:
        """Answers with the set-up's card, in a message of its own."""
        shown = await organisations.look(request.store, request.caller, request.now)
        await request.answer(overview(request.interaction, shown))


async def setup(bot: commands.Bot) -> None:
    """Loads the listeners."""
    await bot.add_cog(Losses(bot))
