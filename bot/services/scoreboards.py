"""The scoreboard: one message that shows where we stand, edited when a figure changes, and posted anew when it cannot be."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.domain import calendar, forecast, permissions, rights
from bot.domain.calendar import Month
from bot.domain.forecast import Outlook
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Place, Text, text
from bot.services import access, boards, trends
from bot.services.boards import Board
from db import changes, organisations, outbox, scoreboards
from db.measures import At
from db.organisations import Organisation
from db.scoreboards import Scoreboard
from db.store import Connection, Store

KIND = "scoreboard"
EVERY = timedelta(minutes=10)
"""How often its figures are looked at, and so how often it may change."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where the scoreboard is to stand; `moved` from another channel, `again` where it stood already."""

    channel_id: int
    moved: bool
    again: bool


async def post(store: Store, caller: Caller, channel_id: int | None, lacks: Collection[str], now: datetime) -> Posted:
    """Has the scoreboard stand in a channel: posted there, and taken away from where it stood; where it stands, brought up to date.

    `lacks` are the permissions that the bot has not there: without some of them it cannot stand there. Without a channel it cannot at all.
    """
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.POST_SCOREBOARD, access.roles_in(organisation, caller))
        if channel_id is None:
            raise Refusal(text("The scoreboard can stand in a text channel only. Name one in the option channel."))
        for name in permissions.WRITES:
            if name in lacks and name != "read_message_history":
                raise Refusal(_may_not(name, channel_id))
        guild_id, before = organisation.guild_id, await scoreboards.find(c, organisation.guild_id)
        again = before is not None and before.channel_id == channel_id and before.message_id is not None
        if before is not None and not again:
            await _take_away(c, before, now)
        stands = before if again and before is not None else Scoreboard(guild_id, channel_id, None, None, None, None)
        # Without figures it is owed at the next look; a permission to pin it may have been given meanwhile.
        await scoreboards.put(c, replace(stands, pinned=stands.pinned or None, figures=None, next_at=now))
        await changes.log(c, guild_id, "scoreboard.post", now, caller.user_id)
    await look(store, guild_id, now)
    return Posted(channel_id, moved=before is not None and not again, again=again)


def _may_not(name: str, channel_id: int) -> Text:
    return text(
        "In {channel} the bot may not “{permission}”, so nothing can be posted there. "
        "Allow it in the channel's settings, under Permissions, then type /scoreboard post again.",
        channel=Place(channel_id),
        permission=permissions.NEEDED[name].called,
    )


async def stop(store: Store, caller: Caller, now: datetime) -> bool:
    """Takes the scoreboard down; False if there was none."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        rights.require(Action.POST_SCOREBOARD, access.roles_in(organisation, caller))
        stands = await scoreboards.find(c, organisation.guild_id)
        if stands is None:
            return False
        await _take_away(c, stands, now)
        await scoreboards.drop(c, organisation.guild_id)
        await changes.log(c, organisation.guild_id, "scoreboard.stop", now, caller.user_id)
    return True


async def _take_away(c: Connection, stands: Scoreboard, now: datetime) -> None:
    if stands.message_id is not None:
        key = f"unpost:scoreboard:{stands.message_id}"
        place: dict[str, Any] = {"channel_id": stands.channel_id, "message_id": stands.message_id}
        await outbox.put(c, stands.guild_id, "unpost", key, now, now, post=False, direct=False, **place)


async def due(store: Store, now: datetime) -> list[int]:
    """The servers whose figures are to be looked at."""
    async with store.read() as c:
        return await scoreboards.due(c, now)


async def look(store: Store, guild_id: int, now: datetime) -> None:
    """Owes the message if a figure is another than the one that it shows, or if it is not posted yet."""
    async with store.read() as c:
        organisation = await organisations.find(c, guild_id)
    if organisation is None:
        return
    await boards.of_day(store, organisation, at(organisation, now))
    async with store.read() as c:
        found = await board(c, organisation, now)
    if found is None:
        return
    figures = _digest(found)
    async with store.write() as c:
        stands = await scoreboards.find(c, guild_id)
        if stands is None or (stands.next_at is None or stands.next_at > now):
            return
        await scoreboards.change(c, guild_id, next_at=now + EVERY)
        if stands.figures == figures or not await outbox.replace_any(c, guild_id, KIND):
            return
        await scoreboards.change(c, guild_id, figures=figures)
        await outbox.put(c, guild_id, KIND, f"{KIND}:{now:%Y%m%dT%H%M%S%f}", now, now)


def at(organisation: Organisation, now: datetime) -> At:
    """This moment, on the organisation's day."""
    return At(calendar.today(now, organisation.zone), now)


async def board(c: Connection, organisation: Organisation, now: datetime) -> Board | None:
    """What the scoreboard shows at this moment; None while a sum that it shows is still to be kept."""
    moment = at(organisation, now)
    drawn = await boards.draw(c, organisation, moment)
    if drawn is None:
        return None
    return replace(drawn, trends=tuple(await trends.of_all(c, organisation, drawn.standings, moment)))


def _digest(found: Board) -> str:
    """The figures in one word, paces too, and the month: what else changes by itself each day, such as an age, is none."""
    figures = (
        *(found.language, found.standings, found.at_risk, found.active.value, sorted(found.shares.items()), found.balance_on),
        *(Month.of(found.day), [_foreseen(each.outlook) for each in found.trends]),
    )
    return sha256(repr(figures).encode()).hexdigest()


def _foreseen(outlook: Outlook) -> tuple[object, ...]:
    dates = (None if day is None else Month.of(day) for day in (outlook.earliest, outlook.latest))
    needed = None if outlook.needed is None else forecast.rounded_up(outlook.needed)
    return *dates, needed, None if outlook.pace is None else forecast.rounded(outlook.pace)


async def posted(c: Connection, guild_id: int, channel_id: int, message_id: int, now: datetime) -> None:
    """Notes where it stands; if it was taken down or moved meanwhile, that message goes."""
    stands = await scoreboards.find(c, guild_id)
    if stands is None or stands.channel_id != channel_id:
        await _take_away(c, Scoreboard(guild_id, channel_id, message_id, None, None, None), now)
    else:
        await scoreboards.change(c, guild_id, message_id=message_id, pinned=None)


async def pinned(c: Connection, guild_id: int, message_id: int, *, done: bool) -> None:
    """Notes whether its message could be pinned."""
    stands = await scoreboards.find(c, guild_id)
    if stands is not None and stands.message_id == message_id:
        await scoreboards.change(c, guild_id, pinned=done)


async def refused(c: Connection, guild_id: int) -> None:
    """Notes that it can stand there no more: it is not tried again until somebody has it posted."""
    await scoreboards.change(c, guild_id, message_id=None, next_at=None)
