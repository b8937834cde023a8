"""Report duty in Discord: /duty show, pass and away."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.rights import Action
from bot.services import options, turns
from cogs import ui
from cogs.cards import duty as cards
from cogs.layout import Form
from cogs.request import Request

YOURS = locale_str("The chapter; without it your own")


@app_commands.guild_only()
class Duty(ui.ChapterCog, commands.GroupCog, group_name="duty", group_description=locale_str("Whose turn it is to answer for a chapter")):
    """/duty, and the form that goes with passing a turn on."""

    @app_commands.command(name="show", description=locale_str("Who is on duty in a chapter"))
    @app_commands.describe(chapter=YOURS)
    @ui.answered(Action.READ)
    async def show(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Shows whose turn it is."""
        request = Request(interaction)
        await request.answer(cards.duty_card(await turns.show(request.store, request.caller, chapter, request.now)))

    @app_commands.command(name="pass", description=locale_str("Pass the turn on to the next admin, with a note if you like"))
    @app_commands.describe(chapter=YOURS)
    @ui.answered(Action.PASS_DUTY)
    async def pass_(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Asks for a note to the next one."""
        request = Request(interaction)
        await request.open(cards.pass_form(await turns.passing(request.store, request.caller, chapter, request.now)))

    @app_commands.command(name="away", description=locale_str("Be away: until a day the turn passes you over, and nobody is told"))
    @app_commands.describe(
        until=locale_str("The day on which you are back, such as 2026-11-14, within 12 weeks; today to be back now"), chapter=YOURS
    )
    @ui.answered(Action.BE_OFF_DUTY)
    async def away(self, interaction: discord.Interaction, until: str, chapter: str | None = None) -> None:
        """Notes that the asker is away."""
        request = Request(interaction)
        done = await turns.set_away(request.store, request.caller, until, chapter, request.now)
        await request.answer(cards.off_card(done, request.caller.user_id))

    @away.autocomplete("until")
    async def _return_days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, turns.return_days, typed)

    @show.autocomplete("chapter")
    @pass_.autocomplete("chapter")
    @away.autocomplete("chapter")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    async def pass_form(self, request: Request, chapter_id: int, user_id: int) -> Form:
        """The form that asks for the note."""
        return cards.pass_form(await turns.passing(request.store, request.caller, chapter_id, request.now))

    @ui.pressed("du.pass", Action.PASS_DUTY, form="pass_form")
    async def hand_on(self, request: Request, chapter_id: int, user_id: int) -> None:
        """Passes the turn of this person on."""
        done = await turns.pass_on(request.store, request.caller, chapter_id, user_id, request.field("note"), request.now)
        await request.answer(cards.passed_card(done, request.caller.user_id))


async def setup(bot: commands.Bot) -> None:
    """Loads /duty."""
    await bot.add_cog(Duty())
