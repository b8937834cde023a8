"""Branches in Discord: their list for everybody; adding, changing and gatherings for coordinators."""

from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain.chapters import NAME_LENGTH
from bot.domain.checkins import LARGEST_NUMBER
from bot.domain.rights import Action, Caller
from bot.services import branches, chapters, gatherings, options
from bot.services.branches import Given
from bot.services.gatherings import Entered
from cogs import ui
from cogs.cards import branches as cards
from cogs.cards import chapters as chapter_cards
from cogs.cards.words import DUES, MONEY
from cogs.request import Request
from cogs.shapes import id_or_word
from db.store import Store

MONEY_CHOICES = [Choice(name=locale_str(words.msgid), value=answer.value) for answer, words in MONEY.items()]
DUES_CHOICES = [Choice(name=locale_str(words.msgid), value=answer.value) for answer, words in DUES.items()]


class Branches(ui.ChapterCog):
    """/branch, with every button of its list and of a gathering that was recorded."""

    branch = app_commands.Group(name="branch", description=locale_str("Branches: the chapters of one country together"), guild_only=True)

    @branch.command(name="list", description=locale_str("All branches, with their chapters and their newest gathering"))
    @ui.answered(Action.READ)
    async def list_(self, interaction: discord.Interaction) -> None:
        """Shows the first page of the branches."""
        request = Request(interaction)
        await request.answer(cards.list_card(await branches.listed(request.store, request.caller, 0)))

    @branch.command(name="add", description=locale_str("Add the branch of a country (coordinators)"))
    @app_commands.describe(
        country=locale_str("The country, in any language"),
        name=locale_str("Its name; without it the country's name"),
        currency=locale_str("What it pays with; without it the country's currency"),
    )
    @ui.answered(Action.CHANGE_BRANCHES)
    async def add(
        self,
        interaction: discord.Interaction,
        country: Range[str, 1, NAME_LENGTH],
        name: Range[str, 1, NAME_LENGTH] | None = None,
        currency: str | None = None,
    ) -> None:
        """Adds a branch."""
        request = Request(interaction)
        added = await branches.add(request.store, request.caller, country, Given(name, currency), request.now)
        await request.answer(cards.added_card(added))

    @branch.command(name="edit", description=locale_str("Change a branch, or confirm what is known of it (coordinators)"))
    @app_commands.choices(money=MONEY_CHOICES, dues=DUES_CHOICES)
    @app_commands.describe(
        branch=locale_str("The branch, by its name or its country"),
        name=locale_str("A new name"),
        currency=locale_str("What it pays with"),
        money=locale_str("A way of its own to hold money; given again it is confirmed again"),
        dues=locale_str("Where it stands on dues of its own; given again it is confirmed again"),
    )
    @ui.answered(Action.CHANGE_BRANCHES)
    async def edit(
        self,
        interaction: discord.Interaction,
        branch: str,
        name: Range[str, 1, NAME_LENGTH] | None = None,
        currency: str | None = None,
        money: str | None = None,
        dues: str | None = None,
    ) -> None:
        """Changes a branch and says what changed."""
        request = Request(interaction)
        done = await branches.edit(request.store, request.caller, branch, Given(name, currency, money, dues), request.now)
        await request.answer(cards.edited_card(done))

    @branch.command(name="gathering", description=locale_str("Record that a branch gathered; its chapters confirm it (coordinators)"))
    @app_commands.rename(day="date", named="chapters")
    @app_commands.describe(
        branch=locale_str("The branch, by its name or its country"),
        day=locale_str("The day, such as 2026-11-14"),
        named=locale_str("The chapters that took part, separated by commas; at least two"),
        people=locale_str("How many people took part; only the number"),
        delegates=locale_str("How many of them were delegates; only the number"),
    )
    @ui.answered(Action.RECORD_GATHERING)
    async def gathering(
        self,
        interaction: discord.Interaction,
        branch: str,
        day: str,
        named: str,
        people: Range[int, 0, LARGEST_NUMBER] | None = None,
        delegates: Range[int, 0, LARGEST_NUMBER] | None = None,
    ) -> None:
        """Records a gathering."""
        request = Request(interaction)
        entered = Entered(branch, day, named, people, delegates)
        done = await gatherings.record(request.store, request.caller, entered, request.form_key, request.now)
        await request.answer(cards.gathering_card(done))

    @add.autocomplete("country")
    async def _countries(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, branches.new_countries, typed)

    @add.autocomplete("currency")
    @edit.autocomplete("currency")
    async def _currencies(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, branches.currencies, typed)

    @edit.autocomplete("branch")
    @gathering.autocomplete("branch")
    async def _branches(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.branch_names, typed)

    @gathering.autocomplete("day")
    async def _days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)

    @gathering.autocomplete("named")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        chosen: str | None = interaction.namespace.branch

        async def of_the_branch(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
            return await gatherings.suggestions(store, caller, chosen, typed)

        return await ui.choices(interaction, of_the_branch, typed)

    @ui.pressed("br.page", Action.READ)
    async def turn(self, request: Request, page: int) -> None:
        """Shows a page of the branches."""
        await request.replace(cards.list_card(await branches.listed(request.store, request.caller, page)))

    @ui.pressed("br.open", Action.READ)
    async def chapters_of(self, request: Request) -> None:
        """Answers with the chapters of the branch that was chosen."""
        wanted = id_or_word(next(iter(request.values), ""))
        shown = await chapters.listed(request.store, request.caller, wanted, None, 0, request.now)
        await request.answer(chapter_cards.list_card(shown))

    @ui.pressed("ga.look", Action.RECORD_GATHERING)
    async def look(self, request: Request, gathering_id: int) -> None:
        """Shows a gathering as it stands now."""
        await request.replace(cards.gathering_card(await gatherings.look(request.store, request.caller, gathering_id)))

    @ui.pressed("ga.drop", Action.RECORD_GATHERING)
    async def ask_to_withdraw(self, request: Request, gathering_id: int) -> None:
        """Asks once more before a gathering is withdrawn."""
        await request.replace(cards.withdraw_card(await gatherings.look(request.store, request.caller, gathering_id)))

    @ui.pressed("ga.gone", Action.RECORD_GATHERING)
    async def withdraw(self, request: Request, gathering_id: int) -> None:
        """Withdraws a gathering."""
        await request.replace(cards.withdrawn_card(await gatherings.withdraw(request.store, request.caller, gathering_id, request.now)))


async def setup(bot: commands.Bot) -> None:
    """Loads the commands and buttons of branches."""
    await bot.add_cog(Branches())
