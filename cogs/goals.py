"""Goals in Discord: /progress for everybody, /goal for coordinators."""

from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain import goals as rules
from bot.domain.chapters import NAME_LENGTH, fold
from bot.domain.goals import LARGEST_TARGET, METRICS, Goal
from bot.domain.rights import Action, Caller
from bot.locales import plain
from bot.services import goal_revisions, goals, options
from bot.services.boards import Board
from bot.services.goals import OneGoal
from cogs import ui
from cogs.cards import goals as cards
from cogs.cards import pictures
from cogs.layout import Card
from cogs.request import Request
from cogs.shapes import id_or_word
from db.store import Store

CHOICES = [Choice(name=locale_str(rules.words(metric).msgid), value=metric) for metric in METRICS]


class Goals(ui.ChapterCog):
    """/progress and /goal, with every button of theirs."""

    goal = app_commands.Group(name="goal", description=locale_str("The organisation's goals"), guild_only=True)

    @app_commands.command(name="progress", description=locale_str("Where the organisation stands: each goal against its target"))
    @app_commands.guild_only()
    @app_commands.describe(
        goal=locale_str("One goal: its history and what it is made of"),
        as_of=locale_str("A past day, such as 2026-10-31; without it today"),
        share=locale_str("Show the answer to everybody here; without it only you see it"),
    )
    @ui.answered(Action.READ)
    async def progress(
        self, interaction: discord.Interaction, goal: str | None = None, as_of: str | None = None, share: bool = False
    ) -> None:
        """Shows where all goals or one of them stand, to the asker or, in the organisation's language, to all."""
        request = Request(interaction)
        if goal is None:
            found: Board | OneGoal = await goals.progress(request.store, request.caller, request.now, as_of)
        else:
            found = await goals.one_goal(request.store, request.caller, _meant(goal, request.locale), request.now, as_of)
        if share:
            request.locale = found.board.language if isinstance(found, OneGoal) else found.language
            request.is_for_all()
        await request.answer(await _pictured(request, found), public=share)

    @progress.autocomplete("goal")
    async def _goals(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await _suggest(interaction, typed, METRICS)

    @progress.autocomplete("as_of")
    async def _past(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, goals.past_days, typed)

    @goal.command(name="add", description=locale_str("Adopt a goal (coordinators)"))
    @app_commands.choices(metric=CHOICES)
    @app_commands.describe(
        metric=locale_str("What it measures"),
        target=locale_str("The figure to reach; for the gender balance in percent"),
        deadline=locale_str("When it is due, such as 2028-06-30; without it 24 months from now"),
        name=locale_str("Its name; without it the name of what it measures"),
    )
    @ui.answered(Action.CHANGE_GOALS)
    async def add(
        self,
        interaction: discord.Interaction,
        metric: str,
        target: Range[int, 1, LARGEST_TARGET],
        deadline: str | None = None,
        name: Range[str, 1, NAME_LENGTH] | None = None,
    ) -> None:
        """Adopts a goal."""
        request = Request(interaction)
        adopted = await goals.add(request.store, request.caller, metric, target, deadline, name, request.now)
        await request.answer(cards.adopted_card(adopted))

    @goal.command(name="edit", description=locale_str("Change a goal from today on; past days keep the one they had (coordinators)"))
    @app_commands.describe(
        goal=locale_str("The goal"),
        target=locale_str("The figure to reach; for the gender balance in percent"),
        deadline=locale_str("When it is due, such as 2028-06-30"),
        name=locale_str("What it is called"),
    )
    @ui.answered(Action.CHANGE_GOALS)
    async def edit(
        self,
        interaction: discord.Interaction,
        goal: str,
        target: Range[int, 1, LARGEST_TARGET] | None = None,
        deadline: str | None = None,
        name: Range[str, 1, NAME_LENGTH] | None = None,
    ) -> None:
        """Changes a goal and says what changed."""
        request = Request(interaction)
        meant = _meant(goal, request.locale)
        done = await goal_revisions.edit(request.store, request.caller, meant, target, deadline, name, request.now)
        await request.answer(cards.edited_card(done))

    @goal.command(name="retire", description=locale_str("Give a goal up from today on; past days keep it (coordinators)"))
    @app_commands.describe(goal=locale_str("The goal"))
    @ui.answered(Action.CHANGE_GOALS)
    async def retire(self, interaction: discord.Interaction, goal: str) -> None:
        """Asks whether a goal is to be given up."""
        request = Request(interaction)
        found = await goal_revisions.to_retire(request.store, request.caller, _meant(goal, request.locale))
        await request.answer(cards.retire_card(found))

    @edit.autocomplete("goal")
    @retire.autocomplete("goal")
    async def _changed(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await _suggest(interaction, typed, METRICS)

    @add.autocomplete("deadline")
    @edit.autocomplete("deadline")
    async def _deadlines(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, goals.deadlines, typed)

    @ui.pressed("pg.retire", Action.CHANGE_GOALS)
    async def retire_it(self, request: Request, goal_id: int) -> None:
        """Gives a goal up."""
        await request.replace(cards.retired_card(await goal_revisions.retire(request.store, request.caller, goal_id, request.now)))

    @goal.command(name="record", description=locale_str("Record a figure by hand, or members outside chapters (coordinators)"))
    @app_commands.rename(day="date")
    @app_commands.describe(
        goal=locale_str("The goal; for members, the figure means members outside chapters"),
        value=locale_str("The figure"),
        day=locale_str("The day it holds for, such as 2026-11-14; without it today"),
    )
    @ui.answered(Action.CHANGE_GOALS)
    async def record(
        self, interaction: discord.Interaction, goal: str, value: Range[int, 0, LARGEST_TARGET], day: str | None = None
    ) -> None:
        """Stores a figure."""
        request = Request(interaction)
        meant = _meant(goal, request.locale)
        await request.answer(cards.recorded_card(await goals.record(request.store, request.caller, meant, value, day, request.now)))

    @record.autocomplete("goal")
    async def _recorded(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await _suggest(interaction, typed, tuple(rules.RECORDED))

    @record.autocomplete("day")
    async def _days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)

    @ui.pressed("pg.all", Action.READ)
    async def all_goals(self, request: Request, as_of: str) -> None:
        """Shows all goals."""
        await _turn(request, await goals.progress(request.store, request.caller, request.now, as_of or None))

    @ui.pressed("pg.goal", Action.READ)
    async def one_goal(self, request: Request, as_of: str) -> None:
        """Shows the goal that was chosen."""
        wanted = id_or_word(next(iter(request.values), ""))
        await _turn(request, await goals.one_goal(request.store, request.caller, wanted, request.now, as_of or None))

    @ui.pressed("pg.what", Action.READ)
    async def what_counts(self, request: Request) -> None:
        """Says in a sentence what each figure counts."""
        await request.answer(cards.meanings_card(await goals.meanings(request.store, request.caller, request.now)))


async def _pictured(request: Request, found: Board | OneGoal) -> Card:
    """All goals or one of them, in words and, if it can be had in time, as a picture."""
    if isinstance(found, OneGoal):
        drawing = pictures.goal_drawing(found.board, found.standing, found.trend, request.locale)
        return await request.with_picture(cards.goal_card(found), drawing)
    return await request.with_picture(cards.board_card(found), pictures.board_drawing(found, found.trends, request.locale))


async def _turn(request: Request, found: Board | OneGoal) -> None:
    """Shows another page: in the place of one's own card, beside one that others see as well."""
    shown = await _pictured(request, found)
    if request.on_public_card:
        await request.answer(shown)
    else:
        await request.replace(shown)


def _meant(typed: str, locale: str) -> str:
    """The metric whose words in the asker's language were typed, else what was typed."""
    spoken = {fold(plain(rules.words(metric), locale)): metric for metric in METRICS}
    return spoken.get(fold(typed), typed)


async def _suggest(interaction: discord.Interaction, typed: str, metrics: tuple[str, ...]) -> list[Choice[str]]:
    locale = Request(interaction).locale

    async def called(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
        return [name for name in (_called(goal, locale) for goal in await goals.known(store, caller, metrics)) if fold(typed) in fold(name)]

    return await ui.choices(interaction, called, typed)


def _called(goal: Goal, locale: str) -> str:
    return goal.name or plain(rules.words(goal.metric), locale)


async def setup(bot: commands.Bot) -> None:
    """Adds the commands."""
    await bot.add_cog(Goals())
