"""The care of a chapter in Discord: /chapter edit, rename, archive, restore, rest and wake, with their buttons."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import discord
from discord import app_commands
from discord.app_commands import Choice, Range, locale_str

from bot.domain.chapters import CITY_LENGTH, NAME_LENGTH
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, text
from bot.services import archive, care, chapters, languages, options, rests
from bot.services.care import Detail, Profile, Wanted
from bot.services.organisations import room_faults
from cogs import ui
from cogs.cards import chapter_care as cards
from cogs.cards.words import DUES, MONEY
from cogs.request import Request
from cogs.setup import room
from db.store import Store

MONEY_CHOICES = [Choice(name=locale_str(words.msgid), value=answer.value) for answer, words in MONEY.items()]
DUES_CHOICES = [Choice(name=locale_str(words.msgid), value=answer.value) for answer, words in DUES.items()]


class ChapterCare(ui.ChapterCog):
    """What admins and coordinators set of a chapter; part of /chapter."""

    @app_commands.command(name="edit", description=locale_str("Change a chapter's settings, or see them"))
    @app_commands.choices(money=MONEY_CHOICES, dues=DUES_CHOICES)
    @app_commands.describe(
        chapter=locale_str("The chapter; without it your own"),
        branch=locale_str("The branch of its country; none empties it"),
        city=locale_str("Its town; none empties it"),
        coordinates=locale_str("Where it is, such as 51.5, -0.1; kept to a tenth of a degree; none empties it"),
        timezone=locale_str("Its time zone, such as Europe/London"),
        founded=locale_str("When it was founded, such as 2024-11-30; none empties it"),
        languages=locale_str("The languages it speaks, separated by commas; none empties it"),
        channel=locale_str("Its channel here; a button under the answer takes it off again"),
        role=locale_str("The role of its members; a button under the answer takes it off again"),
        delegate=locale_str("Whether it has chosen a delegate"),
        money=locale_str("How it can hold money"),
        dues=locale_str("Where it stands on dues; every answer is an ordinary one"),
        rhythm=locale_str("Every how many months a report is asked for"),
        prompt_hour=locale_str("At which hour of its own clock it is asked"),
        discreet=locale_str("Whether messages say only that a form is waiting"),
    )
    @ui.answered(Action.EDIT_CHAPTER)
    async def edit(
        self,
        interaction: discord.Interaction,
        chapter: str | None = None,
        branch: Range[str, 0, NAME_LENGTH] | None = None,
        city: Range[str, 0, CITY_LENGTH] | None = None,
        coordinates: str | None = None,
        timezone: str | None = None,
        founded: str | None = None,
        languages: str | None = None,
        channel: discord.TextChannel | None = None,
        role: discord.Role | None = None,
        delegate: bool | None = None,
        money: str | None = None,
        dues: str | None = None,
        rhythm: Range[int, 1, 4] | None = None,
        prompt_hour: Range[int, 0, 23] | None = None,
        discreet: bool | None = None,
    ) -> None:
        """Sets what is given and says what changed; with nothing given it shows what is set."""
        request = Request(interaction)
        wanted = Wanted(
            branch=branch,
            city=city,
            coordinates=coordinates,
            timezone=timezone,
            founded=founded,
            languages=languages,
            channel=None if channel is None else channel.id,
            role=None if role is None else role.id,
            delegate=delegate,
            money=money,
            dues=dues,
            rhythm=rhythm,
            prompt_hour=prompt_hour,
            discreet=discreet,
        )
        if wanted == Wanted():
            profile = await care.look(request.store, request.caller, chapter)
            await request.answer(cards.profile_card(profile, _faults(interaction, profile)))
        else:
            edited = await care.edit(request.store, request.caller, chapter, wanted, request.locale, request.now)
            faults = _faults(interaction, edited.after) if channel is not None else ()
            await request.answer(cards.edited_card(edited, faults))

    @app_commands.command(name="rename", description=locale_str("Give a chapter another name"))
    @app_commands.describe(chapter=locale_str("The chapter"), name=locale_str("Its new name; no two chapters can have the same one"))
    @ui.answered(Action.RENAME_CHAPTER)
    async def rename(self, interaction: discord.Interaction, chapter: str, name: Range[str, 1, NAME_LENGTH]) -> None:
        """Gives a chapter another name."""
        request = Request(interaction)
        await request.answer(cards.renamed_card(await archive.rename(request.store, request.caller, chapter, name, request.now)))

    @app_commands.command(name="archive", description=locale_str("Take a chapter out of all lists; nothing is deleted"))
    @app_commands.describe(chapter=locale_str("The chapter"))
    @ui.answered(Action.ARCHIVE_CHAPTER)
    async def archive(self, interaction: discord.Interaction, chapter: str) -> None:
        """Asks once more before a chapter is archived."""
        request = Request(interaction)
        await request.answer(cards.archive_card(await archive.look(request.store, request.caller, chapter)))

    @app_commands.command(name="restore", description=locale_str("Bring an archived chapter back"))
    @app_commands.describe(chapter=locale_str("The archived chapter"))
    @ui.answered(Action.ARCHIVE_CHAPTER)
    async def restore(self, interaction: discord.Interaction, chapter: str) -> None:
        """Brings an archived chapter back."""
        request = Request(interaction)
        await request.answer(cards.restored_card(await archive.restore(request.store, request.caller, chapter, request.now)))

    @app_commands.command(name="rest", description=locale_str("Let your chapter rest: it is asked for nothing"))
    @app_commands.describe(
        until=locale_str("The last day, such as 2026-12-31, or month, such as 2026-12; a year at most"),
        chapter=locale_str("The chapter; without it your own"),
    )
    @ui.answered(Action.REST)
    async def rest(self, interaction: discord.Interaction, until: str, chapter: str | None = None) -> None:
        """Lets a chapter rest."""
        request = Request(interaction)
        await request.answer(cards.rested_card(await rests.rest(request.store, request.caller, chapter, until, request.now)))

    @app_commands.command(name="wake", description=locale_str("End your chapter's rest today"))
    @app_commands.describe(chapter=locale_str("The chapter; without it your own"))
    @ui.answered(Action.REST)
    async def wake(self, interaction: discord.Interaction, chapter: str | None = None) -> None:
        """Ends a chapter's rest."""
        request = Request(interaction)
        await request.answer(cards.awake_card(await rests.wake(request.store, request.caller, chapter, request.now)))

    @edit.autocomplete("chapter")
    @rename.autocomplete("chapter")
    @archive.autocomplete("chapter")
    @rest.autocomplete("chapter")
    @wake.autocomplete("chapter")
    async def _cared_for(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.chapters, typed)

    @restore.autocomplete("chapter")
    async def _archived(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, archive.archived, typed)

    @edit.autocomplete("branch")
    async def _its_branch(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.branch_names, typed)

    @edit.autocomplete("timezone")
    async def _its_zone(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.zones, typed)

    @edit.autocomplete("founded")
    async def _founding_days(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, options.days, typed)

    @edit.autocomplete("languages")
    async def _languages(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        reader = Request(interaction).locale

        async def suggest(_store: Store, _caller: Caller, typed: str, _now: datetime) -> list[str]:
            return await asyncio.to_thread(languages.suggestions, typed, reader)

        return await ui.choices(interaction, suggest, typed)

    @rest.autocomplete("until")
    async def _ends(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, rests.ends, typed)

    @ui.pressed("cc.off", Action.EDIT_CHAPTER)
    async def take_off(self, request: Request, chapter_id: int, detail: Detail) -> None:
        """Takes the channel or the role off a chapter."""
        await request.replace(cards.edited_card(await care.clear(request.store, request.caller, chapter_id, detail, request.now), ()))

    @ui.pressed("cc.archive", Action.ARCHIVE_CHAPTER)
    async def archive_it(self, request: Request, chapter_id: int) -> None:
        """Archives a chapter."""
        await request.replace(cards.archived_card(await archive.archive(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("cc.keep", Action.ARCHIVE_CHAPTER)
    async def keep_it(self, request: Request, chapter_id: int) -> None:
        """Leaves a chapter in the list."""
        await request.replace(cards.kept_card(await archive.look(request.store, request.caller, chapter_id)))

    @ui.pressed("cc.restore", Action.ARCHIVE_CHAPTER)
    async def restore_it(self, request: Request, chapter_id: int) -> None:
        """Brings a chapter back that was just archived."""
        await request.replace(cards.restored_card(await archive.restore(request.store, request.caller, chapter_id, request.now)))

    @ui.pressed("cc.wake", Action.REST)
    async def wake_it(self, request: Request, chapter_id: int) -> None:
        """Ends a chapter's rest."""
        await request.replace(cards.awake_card(await rests.wake(request.store, request.caller, chapter_id, request.now)))


def _faults(interaction: discord.Interaction, profile: Profile) -> Sequence[Text]:
    """What the bot lacks in the chapter's channel."""
    guild, channel_id = interaction.guild, profile.chapter.channel_id
    channel = None if guild is None or channel_id is None else guild.get_channel(channel_id)
    if guild is None or channel_id is None:
        return ()
    if channel is None:
        return (text("Its channel is gone or closed to the bot: the monthly question comes by direct message. Choose another channel."),)
    return tuple(room_faults(channel_id, room(channel, guild.me)))
