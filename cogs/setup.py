"""/setup in Discord, and what the bot finds that it may not do in the chosen channels."""

from collections.abc import Iterable, Sequence

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str
from discord.ext import commands

from bot.domain.permissions import OPENS_THREADS, POSTS, WRITES
from bot.domain.rights import Action
from bot.domain.text import Text
from bot.locales import pick
from bot.services import chapters, organisations
from bot.services.organisations import Overview, Room, Seen, SetUp, homeless, setup_faults, shut_out
from cogs import ui
from cogs.cards import setup as cards
from cogs.cards.setup_steps import Able
from cogs.layout import TAG_LENGTH, Card
from cogs.request import Request
from db.organisations import Organisation


class SettingUp(ui.ChapterCog):
    """/setup, and its card."""

    @app_commands.command(name="setup", description=locale_str("Set Chapterhouse up for this server, or see what is missing"))
    @app_commands.guild_only()
    @app_commands.describe(
        coordinator_role=locale_str("Who may set this up, add chapters and change goals"),
        facilitator_role=locale_str("Who calls chapters that have gone quiet"),
        facilitators_channel=locale_str("Where the bot writes to facilitators and coordinators"),
        reports_channel=locale_str("Where reports are posted: a forum, or a text channel"),
        timezone=locale_str("The organisation's time zone, such as Europe/London"),
        language=locale_str("The language of what the bot posts"),
    )
    @ui.answered(Action.SET_UP)
    async def set_up(
        self,
        interaction: discord.Interaction,
        coordinator_role: discord.Role | None = None,
        facilitator_role: discord.Role | None = None,
        facilitators_channel: discord.TextChannel | None = None,
        reports_channel: discord.ForumChannel | discord.TextChannel | None = None,
        timezone: str | None = None,
        language: str | None = None,
    ) -> None:
        """Sets what is given, then shows what is set and what is missing."""
        request = Request(interaction)
        wanted = SetUp(
            coordinator_role=_id(coordinator_role),
            facilitator_role=_id(facilitator_role),
            facilitators_channel=_id(facilitators_channel),
            reports_channel=_id(reports_channel),
            timezone=timezone,
            language=language,
        )
        spoken = pick(str(interaction.guild_locale))
        shown = await organisations.set_up(request.store, request.caller, wanted, request.now, language=spoken)
        await request.answer(overview(interaction, shown))

    @set_up.autocomplete("timezone")
    async def _zones(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, chapters.zones, typed)

    @set_up.autocomplete("language")
    async def _languages(self, interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        return await ui.choices(interaction, organisations.languages, typed)

    @ui.pressed("su.look", Action.SET_UP)
    async def look(self, request: Request) -> None:
        """Shows anew what is set and what is missing."""
        shown = await organisations.look(request.store, request.caller, request.now)
        await request.replace(overview(request.interaction, shown))


def _id(chosen: discord.Role | discord.abc.GuildChannel | None) -> int | None:
    return None if chosen is None else chosen.id


def overview(interaction: discord.Interaction, shown: Overview, *notes: Text, made: Sequence[discord.Role] = ()) -> Card:
    """The set-up's card as things are in this server; `made` are roles that Discord has not told of yet."""
    guild = interaction.guild
    if guild is None:
        return cards.setup_card(shown, (), Able(), *notes)
    roles = [*guild.roles, *made]
    faults = setup_faults(shown.organisation, seen(shown.organisation, roles, guild.channels, guild.me))
    there = (*guild.channels, *guild.threads)
    faults += homeless(shown.homes, {place.id for place in there})
    own = {channel_id for _, channel_id in shown.homes}
    faults += shut_out(shown.homes, {place.id for place in there if place.id in own and not speaks(place, guild.me)})
    return cards.setup_card(shown, faults, able(guild, shown), *notes)


def able(guild: discord.Guild, shown: Overview) -> Able:
    """What the bot may make by itself in a server, and whether the reports' forum lacks a branch's tag."""
    granted = guild.me.guild_permissions
    forum = guild.get_channel(shown.organisation.reports_channel or 0)
    behind = isinstance(forum, discord.ForumChannel) and forum.permissions_for(guild.me).manage_channels and lacks_tags(forum, shown)
    return Able(granted.manage_roles, granted.manage_channels, "COMMUNITY" in guild.features, behind)


def lacks_tags(forum: discord.ForumChannel, shown: Overview) -> bool:
    """Whether a branch that should have a tag in this forum has none."""
    there = {tag.name.casefold() for tag in forum.available_tags}
    return any(name[:TAG_LENGTH].casefold() not in there for name in shown.branches)


def seen(
    organisation: Organisation,
    roles: Iterable[discord.Role],
    channels: Iterable[discord.abc.GuildChannel],
    me: discord.Member,
) -> Seen:
    """The chosen roles and channels of a server as the bot, there a member, finds them."""
    there, known = {channel.id: channel for channel in channels}, {role.id: role for role in roles}
    rooms, unheard = {}, set[str]()
    facilitators = there.get(organisation.facilitators_channel or 0)
    if facilitators is not None:
        rooms[facilitators.id] = room(facilitators, me)
        told = [known.get(role or 0) for role in (organisation.coordinator_role, organisation.facilitator_role)]
        unheard = {role.name for role in told if role is not None and not _may_mention(role, facilitators, me)}
    reports = there.get(organisation.reports_channel or 0)
    if reports is not None:
        rooms[reports.id] = room(reports, me, POSTS if isinstance(reports, discord.ForumChannel) else OPENS_THREADS)
    return Seen(frozenset(known), rooms, tuple(sorted(unheard)))


def _may_mention(role: discord.Role, channel: discord.abc.GuildChannel, me: discord.Member) -> bool:
    """Who may not write may not mention either, and has to be allowed to write first."""
    granted = channel.permissions_for(me)
    return role.mentionable or granted.mention_everyone or not granted.send_messages


def room(channel: discord.abc.GuildChannel | discord.Thread, me: discord.Member, needs: Iterable[str] = WRITES) -> Room:
    """What of its needs the bot may not do in a channel."""
    granted = channel.permissions_for(me)
    lacks = (name for name in needs if not getattr(granted, name))
    tagless = isinstance(channel, discord.ForumChannel) and channel.flags.require_tag and not channel.available_tags
    return Room(tuple(lacks), tagless)


def speaks(place: discord.abc.GuildChannel | discord.Thread, me: discord.Member) -> bool:
    """Whether the bot can write in this channel or thread."""
    granted = place.permissions_for(me)
    return granted.view_channel and (granted.send_messages_in_threads if isinstance(place, discord.Thread) else granted.send_messages)


async def setup(bot: commands.Bot) -> None:
    """Loads /setup."""
    await bot.add_cog(SettingUp())
