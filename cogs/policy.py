"""/policy in Discord: everybody sees what is in force, coordinators change it."""

from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain.rights import Action, Caller
from bot.domain.settings import Group
from bot.domain.text import Text
from bot.services import policies
from cogs import ui
from cogs.cards import policy as cards
from cogs.request import Request
from db.store import Store

LONGEST = 400


class Policies(ui.ChapterCog):
    """/policy, with every button and select of its cards."""

    policy = app_commands.Group(name="policy", description=locale_str("By which numbers this organisation goes"), guild_only=True)

    @policy.command(name="show", description=locale_str("By which numbers this organisation goes, and which it changed"))
    @ui.answered(Action.READ)
    async def show(self, interaction: discord.Interaction) -> None:
        """Shows what is in force."""
        request = Request(interaction)
        await request.answer(cards.policy_card(await policies.show(request.store, request.caller, Group.FUNCTIONING)))

    @policy.command(name="set", description=locale_str("Change one number or choice; shows first what it would come to (coordinators)"))
    @app_commands.describe(key=locale_str("What to change"), value=locale_str("What it is to be from now on"))
    @ui.answered(Action.CHANGE_POLICY)
    async def set_(self, interaction: discord.Interaction, key: Range[str, 1, 100], value: Range[str, 1, LONGEST]) -> None:
        """Shows what a change would come to, to be confirmed."""
        request = Request(interaction)
        await request.answer(cards.answer(await policies.propose(request.store, request.caller, key, value, request.form_key, request.now)))

    @set_.autocomplete("key")
    async def _keys(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, policies.keys, typed)

    @set_.autocomplete("value")
    async def _values(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        key = str(getattr(interaction.namespace, "key", None) or "")

        async def suggest(store: Store, caller: Caller, typed: str, now: datetime) -> list[tuple[Text, str]]:
            return await policies.values(store, caller, key, typed, now)

        return await ui.choices(interaction, suggest, typed)

    @ui.pressed("po.group", Action.READ)
    async def turn(self, request: Request) -> None:
        """Shows another group of settings."""
        group = next((each for each in Group if each.value in request.values), Group.FUNCTIONING)
        await request.replace(cards.policy_card(await policies.show(request.store, request.caller, group)))

    @ui.pressed("po.pick", Action.CHANGE_POLICY)
    async def pick(self, request: Request, key: str) -> None:
        """Shows what the choices made in the select would come to."""
        shown = await policies.propose_chosen(request.store, request.caller, key, request.values, request.form_key, request.now)
        await request.replace(cards.answer(shown))

    @ui.pressed("po.yes", Action.CHANGE_POLICY)
    async def confirm(self, request: Request, key: str, form_key: str) -> None:
        """Puts the change in force, or shows anew what it comes to by now."""
        done = await policies.confirm(request.store, request.caller, key, form_key, request.form_key, request.now)
        await request.replace(cards.answer(done))

    @ui.pressed("po.no", Action.CHANGE_POLICY)
    async def cancel(self, request: Request, key: str, form_key: str) -> None:
        """Leaves everything as it is."""
        await request.replace(cards.kept_card(await policies.cancel(request.store, request.caller, key, form_key, request.now)))


async def setup(bot: commands.Bot) -> None:
    """Loads the policy's commands and buttons."""
    await bot.add_cog(Policies())
