"""/forecast: when a goal is reached as so far, and as the reader supposes."""

from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain import goals as rules
from bot.domain.chapters import fold
from bot.domain.forecast import LONGEST_DOUBLING, LONGEST_YEARS
from bot.domain.goals import LARGEST_TARGET, METRICS
from bot.domain.rights import Action, Caller
from bot.locales import plain
from bot.services import forecasts, goals
from bot.services.forecasts import Supposed
from cogs import ui
from cogs.cards import outlooks
from cogs.request import Request
from db.store import Store


class Forecast(ui.ChapterCog):
    """/forecast."""

    @app_commands.command(name="forecast", description=locale_str("When a goal is reached as so far, and as you suppose"))
    @app_commands.guild_only()
    @app_commands.describe(
        goal=locale_str("The goal"),
        joining=locale_str("Suppose that so many join each month"),
        leaving=locale_str("Suppose that so many leave each month"),
        doubling_months=locale_str("Suppose instead that the figure doubles in so many months"),
        years=locale_str("Over how many years; without it until the deadline, one at least"),
    )
    @ui.answered(Action.READ)
    async def forecast(
        self,
        interaction: discord.Interaction,
        goal: str,
        joining: Range[int, 0, LARGEST_TARGET] | None = None,
        leaving: Range[int, 0, LARGEST_TARGET] | None = None,
        doubling_months: Range[int, 1, LONGEST_DOUBLING] | None = None,
        years: Range[int, 1, LONGEST_YEARS] | None = None,
    ) -> None:
        """Shows what is foreseen for a goal, and a scenario of the reader's own beside it."""
        request = Request(interaction)
        spoken = {fold(plain(rules.words(metric), request.locale)): metric for metric in METRICS}
        wanted, supposed = spoken.get(fold(goal), goal), Supposed(joining, leaving, doubling_months, years)
        await request.answer(outlooks.forecast_card(await forecasts.look(request.store, request.caller, wanted, supposed, request.now)))

    @forecast.autocomplete("goal")
    async def _goals(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        locale = Request(interaction).locale

        async def called(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
            known = await goals.known(store, caller, METRICS)
            names = [each.name or plain(rules.words(each.metric), locale) for each in known]
            return [name for name in names if fold(typed) in fold(name)]

        return await ui.choices(interaction, called, typed)


async def setup(bot: commands.Bot) -> None:
    """Adds the command."""
    await bot.add_cog(Forecast())
