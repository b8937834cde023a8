"""Goals in Discord: /progress for everybody, /goal for coordinators."""

from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain import goals as rules
from bot.domain.chapters import NAME_LENGTH, fold
from bot.domain.goals import LARGEST_TARGET, METRICS
from bot.domain.proposals import WHY_LENGTH
from bot.domain.rights import Action, Caller
from bot.services import goal_revisions, goals, options, proposing
from bot.services.boards import Board
from bot.services.goals import OneGoal
from bot.services.proposing import Asked
from cogs import ui
from cogs.cards import goals as cards
from cogs.cards import pictures
from cogs.cards.proposals import preview_card
from cogs.layout import Card
from cogs.proposals import CHOICES, GoalProposals, called, meant_metric, place
from cogs.request import Request
from cogs.shapes import id_or_word
from db.store import Store


class Progress(ui.ChapterCog):
    """/progress, with every button of its cards."""

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
            found = await goals.one_goal(request.store, request.caller, meant_metric(goal, request.locale), request.now, as_of)
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


@app_commands.guild_only()
class Goals(GoalProposals, commands.GroupCog, group_name="goal", group_description=locale_str("The organisation's goals")):
    """/goal, with every button of its cards."""

    @app_commands.command(name="add", description=locale_str("Adopt a goal (coordinators)"))
    @app_commands.choices(metric=CHOICES)
    @app_commands.describe(
        metric=locale_str("What it measures"),
        target=locale_str("The figure to reach; for the gender balance in percent"),
        deadline=locale_str("When it is due, such as 2028-06-30; without it 24 months from now"),
        name=locale_str("Its name; without it the name of what it measures"),
        why=locale_str("Why; all can read it (name no one)"),
    )
    @ui.answered(Action.CHANGE_GOALS)
    async def add(
        self,
        interaction: discord.Interaction,
        metric: str,
        target: Range[int, 1, LARGEST_TARGET],
        deadline: str | None = None,
        name: Range[str, 1, NAME_LENGTH] | None = None,
        why: Range[str, 1, WHY_LENGTH] | None = None,
    ) -> None:
        """Adopts a goal, or proposes it where the chapters decide."""
        request = Request(interaction)
        if await proposing.chapters_decide(request.store, request.caller):
            asked, where = Asked(why), place(interaction)
            shown = await proposing.propose_new(
                request.store, request.caller, metric, target, deadline, name, asked, where, request.form_key, request.now
            )
            await request.answer(preview_card(shown))
        else:
            adopted = await goals.add(request.store, request.caller, metric, target, deadline, name, request.now, why)
            await request.answer(cards.adopted_card(adopted))

    @app_commands.command(
        name="edit", description=locale_str("Change a goal from today on; past days keep the one they had (coordinators)")
    )
    @app_commands.describe(
        goal=locale_str("The goal"),
        target=locale_str("The figure to reach; for the gender balance in percent"),
        deadline=locale_str("When it is due, such as 2028-06-30"),
        name=locale_str("What it is called"),
        why=locale_str("Why; all can read it (name no one)"),
    )
    @ui.answered(Action.CHANGE_GOALS)
    async def edit(
        self,
        interaction: discord.Interaction,
        goal: str,
        target: Range[int, 1, LARGEST_TARGET] | None = None,
        deadline: str | None = None,
        name: Range[str, 1, NAME_LENGTH] | None = None,
        why: Range[str, 1, WHY_LENGTH] | None = None,
    ) -> None:
        """Changes a goal and says what changed, or proposes that where the chapters decide."""
        request = Request(interaction)
        meant = meant_metric(goal, request.locale)
        if await proposing.chapters_decide(request.store, request.caller):
            asked, where = Asked(why), place(interaction)
            shown = await proposing.propose_change(
                request.store, request.caller, meant, target, deadline, name, asked, where, request.form_key, request.now
            )
            await request.answer(preview_card(shown))
        else:
            done = await goal_revisions.edit(request.store, request.caller, meant, target, deadline, name, request.now, why)
            await request.answer(cards.edited_card(done))

    @app_commands.command(name="retire", description=locale_str("Give a goal up from today on; past days keep it (coordinators)"))
    @app_commands.describe(goal=locale_str("The goal"), why=locale_str("Why; all can read it (name no one)"))
    @ui.answered(Action.CHANGE_GOALS)
    async def retire(self, interaction: discord.Interaction, goal: str, why: Range[str, 1, WHY_LENGTH] | None = None) -> None:
        """Asks whether a goal is to be given up, or proposes that where the chapters decide."""
        request = Request(interaction)
        meant = meant_metric(goal, request.locale)
        if await proposing.chapters_decide(request.store, request.caller):
            asked, where = Asked(why), place(interaction)
            shown = await proposing.propose_to_retire(request.store, request.caller, meant, asked, where, request.form_key, request.now)
            await request.answer(preview_card(shown))
        else:
            found = await goal_revisions.to_retire(request.store, request.caller, meant, why, request.form_key, request.now)
            await request.answer(cards.retire_card(found, request.form_key))

    @edit.autocomplete("goal")
    @retire.autocomplete("goal")
    async def _changed(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await _suggest(interaction, typed, METRICS)

    @add.autocomplete("deadline")
    @edit.autocomplete("deadline")
    async def _deadlines(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, goals.deadlines, typed)

    @ui.pressed("pg.retire", Action.CHANGE_GOALS)
    async def retire_it(self, request: Request, goal_id: int, form_key: str) -> None:
        """Gives a goal up."""
        done = await goal_revisions.retire(request.store, request.caller, goal_id, request.now, form_key)
        await request.replace(cards.retired_card(done))

    @app_commands.command(name="record", description=locale_str("Record a figure by hand, or members outside chapters (coordinators)"))
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
        meant = meant_metric(goal, request.locale)
        await request.answer(cards.recorded_card(await goals.record(request.store, request.caller, meant, value, day, request.now)))

    @record.autocomplete("goal")
    async def _recorded(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await _suggest(interaction, typed, tuple(rules.RECORDED))

    @record.autocomplete("day")
    async def _days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)


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


async def _suggest(interaction: discord.Interaction, typed: str, metrics: tuple[str, ...]) -> list[Choice[str]]:
    locale = Request(interaction).locale

    async def suggest(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
        return [name for name in (called(goal, locale) for goal in await goals.known(store, caller, metrics)) if fold(typed) in fold(name)]

    return await ui.choices(interaction, suggest, typed)


async def setup(bot: commands.Bot) -> None:
    """Adds the commands."""
    await bot.add_cog(Progress())
    await bot.add_cog(Goals())
