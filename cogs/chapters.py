"""Chapters in Discord: /chapter add, list, status and admins, with their buttons."""

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str
from discord.ext import commands

from bot.domain.chapters import CITY_LENGTH, NAME_LENGTH
from bot.domain.functioning import Status
from bot.domain.rights import Action
from bot.services import chapters, options
from bot.services.adding import Given
from bot.services.chapters import ChapterStatus, LastAdmin
from bot.services.organisations import room_faults
from cogs import ui
from cogs.cards import chapters as cards
from cogs.cards import pictures
from cogs.chapter_care import ChapterCare
from cogs.chapter_near import ChapterNear
from cogs.chapter_sight import ChapterSight
from cogs.request import Request
from cogs.setup import room

STATUSES = [
    Choice(name=locale_str("Functioning"), value="functioning"),
    Choice(name=locale_str("New"), value="new"),
    Choice(name=locale_str("Resting"), value="resting"),
]
LISTED = {choice.value: Status(choice.value) for choice in STATUSES}


@app_commands.guild_only()
class Chapters(
    ChapterNear,
    ChapterCare,
    ChapterSight,
    commands.GroupCog,
    group_name="chapter",
    group_description=locale_str("Chapters: their status, their list, their admins"),
):
    """/chapter, and every button that leads to a chapter."""

    admins = app_commands.Group(name="admins", description=locale_str("Who looks after a chapter"))

    @app_commands.command(name="add", description=locale_str("Add a chapter"))
    @app_commands.describe(
        name=locale_str("Its name; no two chapters can have the same one"),
        branch=locale_str("Its country; without it that of its time zone"),
        city=locale_str("Its town"),
        timezone=locale_str("Its time zone, such as Europe/London; without it the organisation's"),
        admin=locale_str("Who looks after it"),
        channel=locale_str("Its channel here, where the monthly question is asked"),
        founded=locale_str("When it was founded, such as 2024-11-30"),
    )
    @ui.answered(Action.ADD_CHAPTER)
    async def add(
        self,
        interaction: discord.Interaction,
        name: Range[str, 1, NAME_LENGTH],
        branch: Range[str, 1, NAME_LENGTH] | None = None,
        city: Range[str, 1, CITY_LENGTH] | None = None,
        timezone: str | None = None,
        admin: discord.User | None = None,
        channel: discord.TextChannel | None = None,
        founded: str | None = None,
    ) -> None:
        """Adds a chapter, and says what was filled in."""
        request = Request(interaction)
        person = None if admin is None else chapters.Candidate(admin.id, admin.bot, isinstance(admin, discord.Member))
        given = Given(
            name=name,
            branch=branch or "",
            city=city or "",
            timezone=timezone or "",
            founded=founded or "",
            channel="" if channel is None else str(channel.id),
        )
        added = await chapters.add(request.store, request.caller, given, request.now, admin=person)
        faults = [] if channel is None else list(room_faults(channel.id, room(channel, channel.guild.me)))
        await request.answer(cards.added_card(added, faults))

    @app_commands.command(name="list", description=locale_str("All chapters, by name"))
    @app_commands.choices(status=STATUSES)
    @app_commands.describe(branch=locale_str("Only chapters of this branch"), status=locale_str("Only chapters with this status"))
    @ui.answered(Action.READ)
    async def list_(self, interaction: discord.Interaction, branch: str | None = None, status: str | None = None) -> None:
        """Shows the first page of the list."""
        request = Request(interaction)
        narrowed = LISTED.get(status or "")
        await request.answer(cards.list_card(await chapters.listed(request.store, request.caller, branch, narrowed, 0, request.now)))

    @app_commands.command(name="status", description=locale_str("How a chapter stands, and what would change it"))
    @app_commands.describe(
        chapter=locale_str("The chapter; without it your own"),
        as_of=locale_str("How it stood at the end of a day, such as 2026-11-14"),
    )
    @ui.answered(Action.READ)
    async def status(self, interaction: discord.Interaction, chapter: str | None = None, as_of: str | None = None) -> None:
        """Shows how a chapter stands."""
        request = Request(interaction)
        await _show(request, await chapters.status(request.store, request.caller, chapter, as_of, request.now))

    @admins.command(name="add", description=locale_str("Make somebody an admin of a chapter"))
    @app_commands.describe(user=locale_str("Who it is"), chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.CHANGE_ADMINS)
    async def add_admin(self, interaction: discord.Interaction, user: discord.User, chapter: str | None = None) -> None:
        """Makes somebody an admin."""
        request = Request(interaction)
        person = chapters.Candidate(user.id, user.bot, isinstance(user, discord.Member))
        shown = await chapters.add_admin(request.store, request.caller, chapter, person, request.now)
        await request.answer(cards.admin_added_card(shown, user.id))

    @admins.command(name="remove", description=locale_str("Take somebody from a chapter's admins"))
    @app_commands.describe(user=locale_str("Who it is"), chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.CHANGE_ADMINS)
    async def remove_admin(self, interaction: discord.Interaction, user: discord.User, chapter: str | None = None) -> None:
        """Takes somebody from the admins, the last one after a confirmation."""
        request = Request(interaction)
        done = await chapters.remove_admin(request.store, request.caller, chapter, user.id, request.now)
        await request.answer(cards.last_admin_card(done) if isinstance(done, LastAdmin) else cards.admin_removed_card(done, user.id))

    @admins.command(name="list", description=locale_str("A chapter's admins, in the order of their turns"))
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.READ)
    async def list_admins(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Shows a chapter's admins."""
        request = Request(interaction)
        await request.answer(cards.admins_card(await chapters.admins(request.store, request.caller, chapter)))

    @status.autocomplete("chapter")
    @add_admin.autocomplete("chapter")
    @remove_admin.autocomplete("chapter")
    @list_admins.autocomplete("chapter")
    async def _chapters(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @status.autocomplete("as_of")
    async def _days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)

    @list_.autocomplete("branch")
    async def _branches(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.branch_names, typed)

    @add.autocomplete("branch")
    async def _countries(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.countries, typed)

    @add.autocomplete("timezone")
    async def _zones(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.zones, typed)

    @ui.pressed("ch.status", Action.READ)
    async def show(self, request: Request, chapter_id: int) -> None:
        """Answers with how a chapter stands."""
        await _show(request, await chapters.status(request.store, request.caller, chapter_id, None, request.now))

    @ui.pressed("ch.mine", Action.READ)
    async def show_mine(self, request: Request) -> None:
        """Answers with how the asker's own chapter stands."""
        await _show(request, await chapters.status(request.store, request.caller, None, None, request.now))

    @ui.pressed("ch.list", Action.READ)
    async def show_list(self, request: Request) -> None:
        """Answers with the first page of the list."""
        await request.answer(cards.list_card(await chapters.listed(request.store, request.caller, None, None, 0, request.now)))

    @ui.pressed("ch.page", Action.READ)
    async def turn(self, request: Request, page: int, branch_id: int, status: str) -> None:
        """Shows another page of the list."""
        shown = await chapters.listed(request.store, request.caller, branch_id or None, LISTED.get(status), page, request.now)
        await request.replace(cards.list_card(shown))

    @ui.pressed("ch.drop", Action.CHANGE_ADMINS)
    async def drop_last(self, request: Request, chapter_id: int, user_id: int) -> None:
        """Takes the last admin from a chapter."""
        done = await chapters.remove_admin(request.store, request.caller, chapter_id, user_id, request.now, confirmed=True)
        assert not isinstance(done, LastAdmin)
        await request.replace(cards.admin_removed_card(done, user_id))

    @ui.pressed("ch.keep", Action.READ)
    async def keep_last(self, request: Request, chapter_id: int) -> None:
        """Leaves a chapter's admins as they are."""
        await request.replace(cards.admins_card(await chapters.admins(request.store, request.caller, chapter_id)))


async def _show(request: Request, found: ChapterStatus) -> None:
    await request.answer(await request.with_picture(cards.status_card(found), pictures.activity_drawing(found, request.locale)))


async def setup(bot: commands.Bot) -> None:
    """Loads the commands and buttons of chapters."""
    await bot.add_cog(Chapters())
