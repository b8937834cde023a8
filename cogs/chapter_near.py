"""/chapter near, with its choice and its button."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot.domain.rights import Action
from bot.services import chapters, near, options
from cogs import ui
from cogs.cards import chapters as chapter_cards
from cogs.cards import near as cards
from cogs.cards import pictures
from cogs.request import Request


class ChapterNear(ui.ChapterCog):
    """/chapter near: a part of the group of chapters."""

    @app_commands.command(name="near", description=locale_str("The nearest chapters, their time and their languages"))
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.READ)
    async def near(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Shows the nearest chapters."""
        request = Request(interaction)
        await request.answer(cards.near_card(await near.near(request.store, request.caller, chapter, request.now)))

    @near.autocomplete("chapter")
    async def _near_what(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @ui.pressed("ch.near", Action.READ)
    async def show_near(self, request: Request, chapter_id: int) -> None:
        """Answers with the nearest chapters."""
        await request.answer(cards.near_card(await near.near(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("ch.pick", Action.READ)
    async def show_chosen(self, request: Request) -> None:
        """Answers with how the chosen chapter stands."""
        shown = await chapters.status(request.store, request.caller, request.chosen(int), None, request.now)
        drawing = pictures.activity_drawing(shown, request.locale)
        await request.answer(await request.with_picture(chapter_cards.status_card(shown), drawing))
