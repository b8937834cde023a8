"""/log: the open log, page by page."""

from datetime import date, timedelta

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.changes import Topic, of_topic
from bot.domain.rights import Action
from bot.services import log, options
from cogs import ui
from cogs.cards import log as cards
from cogs.request import Request
from db.types import EPOCH, MILLISECOND

TOPICS = [Choice(name=locale_str(words.msgid), value=topic.value) for topic, words in cards.TOPICS.items() if of_topic(topic)]


class OpenLog(ui.ChapterCog):
    """/log and its pages."""

    @app_commands.command(name="log", description=locale_str("Who changed what, newest first"))
    @app_commands.guild_only()
    @app_commands.choices(kind=TOPICS)
    @app_commands.describe(
        chapter=locale_str("Only changes of this chapter"),
        kind=locale_str("Only changes of this kind"),
        since=locale_str("Only changes since this day, such as 2026-10-31"),
    )
    @ui.answered(Action.READ)
    async def log(
        self, interaction: discord.Interaction, chapter: str | None = None, kind: str | None = None, since: str | None = None
    ) -> None:
        """Shows the newest lines."""
        request = Request(interaction)
        shown = await log.listed(request.store, request.caller, chapter, _topic(kind), since, request.now)
        await request.answer(cards.log_card(shown))

    @log.autocomplete("chapter")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @log.autocomplete("since")
    async def _days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)

    @ui.pressed("lg.new", Action.READ)
    async def newest(self, request: Request, chapter_id: int, kind: str, since: int) -> None:
        """Shows the newest lines again."""
        shown = await log.listed(request.store, request.caller, chapter_id, _topic(kind), _day(since), request.now)
        await request.replace(cards.log_card(shown))

    @ui.pressed("lg.old", Action.READ)
    async def older(self, request: Request, chapter_id: int, kind: str, since: int, at: int, last: int) -> None:
        """Shows older lines."""
        before = (EPOCH + min(at, _LATEST) * MILLISECOND, last)
        shown = await log.listed(request.store, request.caller, chapter_id, _topic(kind), _day(since), request.now, before)
        await request.replace(cards.log_card(shown))


_LATEST = (log.NEWEST[0] - EPOCH) // MILLISECOND - 1


def _topic(written: str | None) -> Topic | None:
    return Topic(written) if written in set(Topic) else None


def _day(ordinal: int) -> date:
    return log.BEGINNING + timedelta(days=max(min(ordinal - log.BEGINNING.toordinal(), 400_000), 0))


async def setup(bot: commands.Bot) -> None:
    """Loads /log."""
    await bot.add_cog(OpenLog())
