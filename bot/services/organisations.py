"""Setting an organisation up, and what its set-up still lacks."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from babel import Locale, UnknownLocaleError

from bot.domain import calendar, permissions, rights
from bot.domain.chapters import fold
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.stuck import Stuck
from bot.domain.text import Listing, Place, Role, Text, counted, text
from bot.locales import catalogues
from bot.services import adding, asking, backlog, goals, upkeep
from bot.services.asking import Stage
from bot.services.upkeep import Trouble
from db import branches, changes, chapters, organisations, stale
from db import goals as stored_goals
from db.organisations import Organisation
from db.store import Connection, Store

HOMELESS_NAMED = 5
TAGGED = 19
"""A forum has room for 20 tags: the largest branches have one each, and all others share the last."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """What somebody sets; None leaves it as it is."""

    coordinator_role: int | None = None
    facilitator_role: int | None = None
    facilitators_channel: int | None = None
    reports_channel: int | None = None
    timezone: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A channel as the bot finds it: the permissions that it lacks there, and whether posts need a tag where there is none."""

    lacks: tuple[str, ...] = ()
    tagless: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A server as Discord shows it to the bot: its roles, the chosen channels that are there, and the chosen roles it cannot mention."""

    role_ids: frozenset[int]
    rooms: Mapping[int, Room]
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What is set here, and what has come of it."""

    organisation: Organisation
    deadlines: tuple[date, ...]
    chapters: int
    stuck: tuple[Stuck, ...]
    homes: tuple[tuple[str, int], ...] = ()
    upkeep: tuple[Trouble, ...] = ()
    stage: Stage = Stage.OFF
    branches: tuple[str, ...] = ()


async def find(store: Store, guild_id: int) -> Organisation | None:
    """The organisation of a server, None while nobody has set it up."""
    async with store.read() as c:
        return await organisations.find(c, guild_id)


async def set_up(store: Store, caller: Caller, wanted: SetUp, now: datetime, *, language: str = "en") -> Overview:
    """Sets what is given; the first time it makes the organisation, in this language if none is given, and its first goals."""
    async with store.write() as c:
        guild_id, known = await _allowed(c, caller)
        values = _checked(wanted, guild_id)
        if known is None:
            await organisations.create(c, guild_id, now, language=language)
        if known is None or known.set_up_at is None:
            values["set_up_at"] = now
        if "timezone" in values:
            # What is owed by the organisation's clock has to be looked at by the new one.
            values["next_at"] = now
        await organisations.change(c, guild_id, values)
        if known is not None and values.get("timezone", known.timezone) != known.timezone:
            await stale.altogether(c, guild_id, now)
        entity = await organisations.find(c, guild_id)
        assert entity is not None
        if known is None or known.set_up_at is None:
            await goals.create_first_goals(c, guild_id, calendar.today(now, entity.zone), now, caller.user_id)
        given = [each.name for each in fields(SetUp) if each.name in values]
        if given or known is None:
            await changes.log(c, guild_id, "setup.change", now, caller.user_id, fields=given)
        return await _overview(c, entity, caller, now)


async def look(store: Store, caller: Caller, now: datetime) -> Overview:
    """What is set now; for those who may set it."""
    async with store.read() as c:
        _, known = await _allowed(c, caller)
        if known is None:
            raise Refusal(text("Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup."))
        return await _overview(c, known, caller, now)


async def languages(_store: Store, _caller: Caller, typed: str, _now: datetime) -> list[str]:
    """The languages that the bot speaks, for an option that is being typed."""
    return [name for name in language_choices().values() if fold(typed) in fold(name)]


def setup_faults(organisation: Organisation | None, seen: Seen) -> list[Text]:
    """What is wrong with a server's set-up, each with what mends it: nothing set up, roles or channels gone, permissions lacking."""
    if organisation is None:
        return [text("Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup.")]
    return [*_role_faults(organisation, seen), *_channel_faults(organisation, seen)]


def _role_faults(organisation: Organisation, seen: Seen) -> Iterator[Text]:
    if organisation.coordinator_role is not None and organisation.coordinator_role not in seen.role_ids:
        yield text(
            "The coordinator role was deleted: until there is another, whoever may manage this server is coordinator. "
            "Choose one with /setup coordinator_role."
        )
    if organisation.facilitator_role is not None and organisation.facilitator_role not in seen.role_ids:
        yield text("The facilitator role was deleted. Choose another with /setup facilitator_role.")
    for name in seen.unheard:
        yield text(
            "The role {role} cannot be mentioned, so those who have it will not be notified. "
            "In the server's settings, under Roles, allow anyone to mention it.",
            role=name,
        )


def _channel_faults(organisation: Organisation, seen: Seen) -> Iterator[Text]:
    gone = {
        organisation.facilitators_channel: text("The facilitators' channel is gone. Choose another with /setup facilitators_channel."),
        organisation.reports_channel: text("The channel for reports is gone. Choose another with /setup reports_channel."),
    }
    for channel_id, otherwise in gone.items():
        if channel_id is None:
            continue
        room = seen.rooms.get(channel_id)
        if room is None:
            yield otherwise
        else:
            yield from room_faults(channel_id, room)


def homeless(homes: Iterable[tuple[str, int]], there: Container[int]) -> Iterator[Text]:
    """Which chapters' channels are gone, and what to do about it."""
    lost = [name for name, channel_id in homes if channel_id not in there]
    if lost:
        yield counted(
            "The channel of {chapters} was deleted: until there is another, its admins are written to. Choose one with /chapter edit.",
            "The channels of {chapters} were deleted: until there are others, their admins are written to. Choose them with /chapter edit.",
            len(lost),
            chapters=_some(lost),
        )


def shut_out(homes: Iterable[tuple[str, int]], shut: Container[int]) -> Iterator[Text]:
    """In which chapters' channels the bot cannot write, and what to do about it."""
    silent = [name for name, channel_id in homes if channel_id in shut]
    if silent:
        yield counted(
            "In the channel of {chapters} the bot cannot write: until it can, its admins are written to. "
            "In the channel's settings, under Permissions, add the bot and allow: {permissions}.",
            "In the channels of {chapters} the bot cannot write: until it can, their admins are written to. "
            "In each channel's settings, under Permissions, add the bot and allow: {permissions}.",
            len(silent),
            chapters=_some(silent),
            permissions=Listing(tuple(permissions.NEEDED[name].called for name in permissions.SPEAKS), "comma"),
        )


def _some(names: Sequence[str]) -> Listing:
    more = len(names) - HOMELESS_NAMED
    return Listing((*names[:HOMELESS_NAMED], counted("{n} more", "{n} more", more)) if more > 0 else tuple(names))


def room_faults(channel_id: int, room: Room) -> Iterator[Text]:
    """What keeps the bot from its work in one channel, and how to mend it."""
    if room.lacks:
        yield text(
            "In {channel} the bot needs more permissions. "
            "In the channel's settings, under Permissions, add the bot and allow: {permissions}.",
            channel=Place(channel_id),
            permissions=Listing(tuple(permissions.NEEDED[name].called for name in room.lacks), "comma"),
        )
    if room.tagless:
        yield text(
            "{channel} asks for a tag on every post and has no tags. "
            "In its settings, add tags named like your branches, or allow posts without a tag.",
            channel=Place(channel_id),
        )


async def _allowed(c: Connection, caller: Caller) -> tuple[int, Organisation | None]:
    if caller.guild_id is None:
        raise Refusal(rights.ONLY_IN_SERVERS)
    known = await organisations.find(c, caller.guild_id)
    roles = (None, None) if known is None else (known.coordinator_role, known.facilitator_role)
    rights.require(Action.SET_UP, rights.organisation_roles(caller, *roles))
    return caller.guild_id, known


def _checked(wanted: SetUp, guild_id: int) -> dict[str, Any]:
    """The given values as they are stored; the role that everybody has is none."""
    if guild_id in (wanted.coordinator_role, wanted.facilitator_role):
        raise Refusal(text("Everybody has the role {role}. Choose a role that only the right people have.", role=Role(guild_id)))
    values = {each.name: getattr(wanted, each.name) for each in fields(wanted) if getattr(wanted, each.name) is not None}
    if wanted.timezone is not None:
        values["timezone"] = adding.zone_meant(wanted.timezone)
    if wanted.language is not None:
        values["language"] = _language(wanted.language)
    return values


def language_choices() -> dict[str, str]:
    """The languages that the bot speaks: what each calls itself, by its code."""
    return {code: language_name(code) for code in catalogues()}


def language_name(code: str) -> str:
    """What a language calls itself."""
    try:
        return str(Locale.parse(code).get_display_name() or code)
    except (ValueError, UnknownLocaleError):
        return Locale("en").languages.get(code) or code


def _language(written: str) -> str:
    there = language_choices()
    for code, name in there.items():
        if fold(written) in (fold(code), fold(name)):
            return code
    raise Refusal(
        text("The bot does not speak “{language}” yet. It speaks {there}.", language=written[:60], there=Listing(tuple(there.values())))
    )


async def _overview(c: Connection, entity: Organisation, caller: Caller, now: datetime) -> Overview:
    in_force = await stored_goals.in_force(c, entity.guild_id)
    count = await chapters.count(c, entity.guild_id)
    # With a channel of their own, those whom it concerns are told there.
    untold = () if entity.facilitators_channel is not None else await backlog.of(c, entity.guild_id, caller.user_id, now)
    homes, troubles = tuple(await chapters.homes(c, entity.guild_id)), await upkeep.troubles(c, entity.guild_id)
    stage, largest = await asking.stage(c, entity), tuple(await branches.largest(c, entity.guild_id, TAGGED))
    return Overview(entity, tuple(goal.deadline for goal in in_force), count, untold, homes, troubles, stage, largest)


async def homes(store: Store, guild_id: int) -> tuple[tuple[str, int], ...]:
    """The names and channels of the chapters that have one, without hidden ones: for `python -m bot check`."""
    async with store.read() as c:
        return tuple(await chapters.homes(c, guild_id))


async def stuck(store: Store, guild_id: int, now: datetime) -> tuple[Stuck, ...]:
    """What is stuck in a server's outbox, without a word about hidden chapters: for `python -m bot check`."""
    async with store.read() as c:
        return await backlog.of(c, guild_id, 0, now)
