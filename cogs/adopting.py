"""The buttons that make chapters from a server's roles or channels."""

import discord
from discord.ext import commands

from bot.domain.refusal import Refusal
from bot.domain.rights import Action
from bot.services import adopting, organisations
from bot.services.adopting import Found, Kind, Sought
from cogs import ui
from cogs.cards import adopting as cards
from cogs.layout import Form
from cogs.request import OLD_BUTTON, Request
from cogs.setup import overview


class Adopting(ui.ChapterCog):
    """Chapters from roles or channels."""

    @ui.pressed("su.find", Action.ADD_CHAPTER)
    async def find(self, request: Request) -> None:
        """Opens the form that asks for roles or channels, and how their names begin."""
        await request.open(await self.find_form(request))

    async def find_form(self, request: Request) -> Form:
        """The form, for those who may add chapters."""
        await adopting.check(request.store, request.caller)
        return cards.find_form()

    @ui.pressed("su.found", Action.ADD_CHAPTER, form="find_form")
    async def found(self, request: Request) -> None:
        """Shows what would be added and left."""
        await adopting.check(request.store, request.caller)
        try:
            kind = Kind(request.field("kind"))
        except ValueError:
            raise Refusal(OLD_BUTTON) from None
        sought = Sought(kind, request.field("prefix"))
        plan = await adopting.preview(request.store, request.caller, sought, _there(request, kind), request.form_key, request.now)
        await request.replace(cards.plan_card(plan))

    @ui.pressed("su.adopt", Action.ADD_CHAPTER)
    async def adopt(self, request: Request, form_key: str) -> None:
        """Adds the chapters that were shown."""
        sought = await adopting.sought(request.store, request.caller, form_key, request.now)
        there = _there(request, sought.kind)
        plan = await adopting.adopt(request.store, request.caller, sought, there, form_key, request.now)
        shown = await organisations.look(request.store, request.caller, request.now)
        await request.replace(overview(request.interaction, shown, cards.added_note(plan)))


def _there(request: Request, kind: Kind) -> list[Found]:
    """The server's roles that people can have, or its text channels, as the server orders them."""
    guild = request.interaction.guild
    if guild is None:
        raise Refusal(OLD_BUTTON)
    if kind is Kind.ROLES:
        return [Found(role.id, role.name) for role in reversed(guild.roles) if not role.is_default() and not role.managed]
    return [Found(channel.id, channel.name) for channel in guild.channels if isinstance(channel, discord.TextChannel)]


async def setup(bot: commands.Bot) -> None:
    """Loads the buttons."""
    await bot.add_cog(Adopting())
