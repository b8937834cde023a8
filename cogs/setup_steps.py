"""The steps of the set-up: what the bot makes, what is chosen, and the text for the chapters."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import discord
from discord.ext import commands

from bot.domain.refusal import Refusal
from bot.domain.rights import Action
from bot.domain.text import Place, Text, text
from bot.locales import plain
from bot.services import goals, organisations
from bot.services.organisations import Overview, SetUp
from cogs import ui
from cogs.cards import setup_steps as cards
from cogs.cards import telling
from cogs.cards.setup_steps import MADE, OTHERS, Step
from cogs.layout import TAG_LENGTH, Form, to_view
from cogs.request import OLD_BUTTON, Request
from cogs.setup import able, lacks_tags, overview

ROLES = {Step.COORDINATORS: "coordinator_role", Step.FACILITATORS: "facilitator_role"}
ROOMS = {Step.ROOM: "facilitators_channel", Step.REPORTS: "reports_channel"}
MOST_TAGS = 20


class Steps(ui.ChapterCog):
    """What the buttons of /setup do."""

    def __init__(self) -> None:
        # Two clicks must not make two roles.
        self._making: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @ui.pressed("su.pick", Action.SET_UP)
    async def pick(self, request: Request) -> None:
        """Shows one step by itself."""
        shown = await _look(request)
        step = _step(request.values)
        await request.replace(cards.step_card(step, shown, able(_guild(request), shown)))

    @ui.pressed("su.make", Action.SET_UP)
    async def make(self, request: Request, step: Step) -> None:
        """Makes a role or channel and sets it, where the bot may."""
        await _look(request)
        if step not in ROLES and step not in ROOMS:
            raise Refusal(OLD_BUTTON)
        await request.defer(replacing=request.message_id is not None)
        guild, made, notes = _guild(request), list[discord.Role](), list[Text]()
        async with self._making[guild.id]:
            shown = await _look(request)
            if _there(guild, shown, step):
                notes.append(text("This is set already."))
            elif step in ROLES:
                made.append(await _make_role(request, guild, shown, step))
                shown = await _set(request, _wanted(step, made[0].id))
            else:
                room = await _make_room(guild, shown, step)
                shown = await _set(request, _wanted(step, room.id))
                notes.append(text("Made: {channel}", channel=Place(room.id)))
        await request.replace(overview(request.interaction, shown, *notes, made=made))

    @ui.pressed("su.role", Action.SET_UP)
    async def choose_role(self, request: Request, step: Step) -> None:
        """Sets the role that was chosen."""
        await _look(request)
        role = _guild(request).get_role(request.chosen(int))
        if role is None or step not in ROLES:
            raise Refusal(text("This role is not there any more. Choose another one."))
        if role.managed:
            raise Refusal(text("{role} belongs to a bot, and no person can have it. Choose another role.", role=role.name))
        shown = await _set(request, _wanted(step, role.id))
        lacks = step is Step.COORDINATORS and role.id not in request.caller.role_ids
        await request.replace(overview(request.interaction, shown, *([cards.not_held(shown)] if lacks else [])))

    @ui.pressed("su.room", Action.SET_UP)
    async def choose_room(self, request: Request, room: Step) -> None:
        """Sets the channel that was chosen."""
        await _look(request)
        if room not in ROOMS:
            raise Refusal(OLD_BUTTON)
        chosen = _room(request, forums=room is Step.REPORTS)
        shown = await _set(request, _wanted(room, chosen.id))
        await request.replace(overview(request.interaction, shown))

    @ui.pressed("su.tags", Action.SET_UP)
    async def tags(self, request: Request) -> None:
        """Gives the reports' forum a tag for each of the largest branches that has none."""
        shown = await _look(request)
        forum = _guild(request).get_channel(shown.organisation.reports_channel or 0)
        if not isinstance(forum, discord.ForumChannel):
            raise Refusal(text("Reports are not posted in a forum. Only a forum has tags."))
        await request.defer(replacing=request.message_id is not None)
        if lacks_tags(forum, shown):
            try:
                await forum.edit(available_tags=_tags(shown, forum.available_tags))
            except discord.Forbidden:
                raise Refusal(_may_not(text("Manage Channels"), cards.channel_by_hand(Step.REPORTS))) from None
        await request.replace(overview(request.interaction, shown, text("The forum has a tag for each of the largest branches.")))

    @ui.pressed("su.zone", Action.SET_UP)
    async def zone(self, request: Request) -> None:
        """Opens the form for the time zone."""
        await request.open(await self.zone_form(request))

    async def zone_form(self, request: Request) -> Form:
        """The form for the time zone."""
        return cards.zone_form((await _look(request)).organisation.timezone)

    @ui.pressed("su.zoned", Action.SET_UP, form="zone_form")
    async def zoned(self, request: Request) -> None:
        """Sets the time zone that was typed."""
        shown = await _set(request, SetUp(timezone=request.field("zone")))
        await request.replace(overview(request.interaction, shown))

    @ui.pressed("su.speak", Action.SET_UP)
    async def speak(self, request: Request) -> None:
        """Sets the language that was chosen."""
        shown = await _set(request, SetUp(language=next(iter(request.values), "")))
        await request.replace(overview(request.interaction, shown))

    @ui.pressed("su.goals", Action.SET_UP)
    async def make_goals(self, request: Request) -> None:
        """Adopts the five goals that every organisation begins with, where there is none."""
        await _look(request)
        await goals.begin_again(request.store, request.caller, request.now)
        await request.replace(overview(request.interaction, await _look(request)))

    @ui.pressed("su.text", Action.SET_UP)
    async def text_step(self, request: Request) -> None:
        """The step that tells the chapters."""
        shown = await _look(request)
        await request.replace(cards.step_card(Step.TELL, shown, able(_guild(request), shown)))

    @ui.pressed("su.tell", Action.SET_UP)
    async def tell(self, request: Request) -> None:
        """Shows the text for the chapters as it would be posted."""
        shown = await _look(request)
        await request.replace(telling.tell_preview(shown, _room(request).id))

    @ui.pressed("su.say", Action.SET_UP)
    async def say(self, request: Request, channel_id: int) -> None:
        """Posts the text for the chapters; the same click twice posts it once."""
        shown = await _look(request)
        room = _guild(request).get_channel(channel_id)
        if not isinstance(room, discord.TextChannel):
            raise Refusal(_GONE)
        await request.defer(replacing=request.message_id is not None)
        view = to_view(telling.tell_card(shown), shown.organisation.language)
        try:
            await room.send(view=view, nonce=f"tell-{request.message_id}"[:25], allowed_mentions=discord.AllowedMentions.none())
        except discord.Forbidden:
            raise Refusal(
                text(
                    "The bot may not write in {channel}. In its settings, under Permissions, add the bot and allow View Channel and "
                    "Send Messages; then press the button again.",
                    channel=Place(channel_id),
                )
            ) from None
        await request.replace(telling.told_card(channel_id))


_GONE = text("This channel is not there any more. Choose another one.")


async def _look(request: Request) -> Overview:
    """The set-up as it is; refuses whoever may not see to it."""
    return await organisations.look(request.store, request.caller, request.now)


async def _set(request: Request, wanted: SetUp) -> Overview:
    return await organisations.set_up(request.store, request.caller, wanted, request.now)


def _wanted(step: Step, chosen: int) -> SetUp:
    match step:
        case Step.COORDINATORS:
            return SetUp(coordinator_role=chosen)
        case Step.FACILITATORS:
            return SetUp(facilitator_role=chosen)
        case Step.ROOM:
            return SetUp(facilitators_channel=chosen)
        case _:
            return SetUp(reports_channel=chosen)


def _guild(request: Request) -> discord.Guild:
    if request.interaction.guild is None:
        raise Refusal(OLD_BUTTON)
    return request.interaction.guild


def _step(values: Sequence[str]) -> Step:
    try:
        return Step(next(iter(values), ""))
    except ValueError:
        raise Refusal(OLD_BUTTON) from None


def _room(request: Request, *, forums: bool = False) -> discord.TextChannel | discord.ForumChannel:
    room = _guild(request).get_channel(request.chosen(int))
    if isinstance(room, discord.TextChannel) or (forums and isinstance(room, discord.ForumChannel)):
        return room
    raise Refusal(_GONE)


def _there(guild: discord.Guild, shown: Overview, step: Step) -> bool:
    """Whether what a step makes is set, and still there."""
    known = getattr(shown.organisation, (ROLES | ROOMS).get(step, "guild_id"))
    return (guild.get_role(known or 0) if step in ROLES else guild.get_channel(known or 0)) is not None


async def _make_role(request: Request, guild: discord.Guild, shown: Overview, step: Step) -> discord.Role:
    """A role without any permission of its own; whoever makes the coordinators' becomes one, or they would have shut themselves out."""
    try:
        role = await guild.create_role(name=plain(MADE[step], shown.organisation.language), mentionable=True)
        if step is Step.COORDINATORS and isinstance(request.interaction.user, discord.Member):
            await request.interaction.user.add_roles(role)
    except discord.Forbidden:
        raise Refusal(_may_not(text("Manage Roles"), cards.how_by_hand(step))) from None
    return role


async def _make_room(guild: discord.Guild, shown: Overview, step: Step) -> discord.abc.GuildChannel:
    language = shown.organisation.language
    name = plain(MADE[step], language)
    try:
        if step is Step.ROOM:
            return await guild.create_text_channel(name, overwrites=_private(guild, shown))
        if able(guild, shown).forums:
            forum = await guild.create_forum(name)
            await forum.edit(available_tags=_tags(shown, ()))
            return forum
        return await guild.create_text_channel(name)
    except discord.Forbidden:
        raise Refusal(_may_not(text("Manage Channels"), cards.how_by_hand(step))) from None


def _private(guild: discord.Guild, shown: Overview) -> dict[discord.Role | discord.Member | discord.Object, discord.PermissionOverwrite]:
    """Who sees the facilitators' channel: the two roles, the bot, and nobody else."""
    sees = discord.PermissionOverwrite(view_channel=True, send_messages=True, read_message_history=True)
    here = shown.organisation
    roles = [role for role in (guild.get_role(each or 0) for each in (here.coordinator_role, here.facilitator_role)) if role is not None]
    hidden = discord.PermissionOverwrite(view_channel=False)
    return {guild.default_role: hidden, guild.me: sees, **dict.fromkeys(roles, sees)}


def _tags(shown: Overview, there: Sequence[discord.ForumTag]) -> list[discord.ForumTag]:
    """The tags that are there, then the largest branches' while there is room, and last the one for others."""
    others = plain(OTHERS, shown.organisation.language)
    kept = [tag for tag in there if tag.name.casefold() != others.casefold()]
    known = {tag.name.casefold() for tag in kept}
    wanted = [name[:TAG_LENGTH] for name in shown.branches if name[:TAG_LENGTH].casefold() not in known]
    new = [discord.ForumTag(name=name) for name in dict.fromkeys(wanted)]
    last = [tag for tag in there if tag.name.casefold() == others.casefold()] or [discord.ForumTag(name=others)]
    return [*[*kept, *new][: MOST_TAGS - 1], *last[:1]]


def _may_not(permission: Text, by_hand: Text) -> Text:
    return text(
        "The bot does not have the permission {permission}, and needs none for this. {by_hand}", permission=permission, by_hand=by_hand
    )


async def setup(bot: commands.Bot) -> None:
    """Loads the steps."""
    await bot.add_cog(Steps())
