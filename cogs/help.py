"""/help in Discord."""

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.refusal import Refusal
from bot.domain.rights import Action, may
from bot.domain.text import text
from bot.services import helping
from cogs import ui
from cogs.cards import help as cards
from cogs.cards.help import Topic
from cogs.layout import Card
from cogs.request import Request

TOPICS = [
    Choice(name=locale_str("Check-ins"), value="checkins"),
    Choice(name=locale_str("The monthly report"), value="reports"),
    Choice(name=locale_str("When a chapter is functioning"), value="functioning"),
    Choice(name=locale_str("Goals and progress"), value="progress"),
    Choice(name=locale_str("Chapters and their admins"), value="chapters"),
    Choice(name=locale_str("For facilitators"), value="facilitators"),
    Choice(name=locale_str("For coordinators"), value="setup"),
    Choice(name=locale_str("What is stored, and who sees it"), value="privacy"),
]


class Help(ui.ChapterCog):
    """/help, and its pages."""

    @app_commands.command(name="help", description=locale_str("What you can do here"))
    @app_commands.guild_only()
    @app_commands.choices(topic=TOPICS)
    @app_commands.describe(topic=locale_str("Something to read more about"))
    @ui.answered(Action.READ)
    async def help_(self, interaction: discord.Interaction, topic: str | None = None) -> None:
        """Shows what the asker can do here, or one topic."""
        request = Request(interaction)
        await request.answer(await (_home(request) if topic is None else _page(request, topic)))

    @ui.pressed("he.home", Action.READ)
    async def home(self, request: Request) -> None:
        """Shows what the asker can do here."""
        await request.replace(await _home(request))

    @ui.pressed("he.own", Action.READ)
    async def own(self, request: Request) -> None:
        """Shows what can be done for the chosen chapter."""
        await request.replace(cards.own_card(await helping.own(request.store, request.caller, request.chosen(int))))

    @ui.pressed("he.topic", Action.READ)
    async def topic(self, request: Request) -> None:
        """Shows the chosen topic."""
        await request.replace(await _page(request, request.values[0] if request.values else ""))


async def _home(request: Request) -> Card:
    home = await helping.home(request.store, request.caller, request.now)
    return cards.home_card(home, [name for name, does in ui.on_offer(request.host) if any(may(action, home.held) for action in does)])


async def _page(request: Request, topic: str) -> Card:
    if topic not in list(Topic):
        raise Refusal(text("There is no such topic. Type /help and choose one."))
    return cards.topic_card(Topic(topic), await helping.policy(request.store, request.caller))


async def setup(bot: commands.Bot) -> None:
    """Loads /help."""
    await bot.add_cog(Help())
