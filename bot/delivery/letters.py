"""A letter: what is said unasked, in which language, and the ways to send it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.domain import calendar, errands
from bot.domain.chapters import Chapter, State
from bot.services import duty
from cogs.cards.pictures import Drawing
from cogs.layout import Card
from db import chapters
from db.organisations import Organisation
from db.outbox import Errand
from db.store import Connection

POST_TITLE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class InChannel:
    """To a channel or thread; with a `card` of its own where others read it than the one it was written for."""

    channel_id: int
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """To a channel where it can be commented on: a forum's post, or a message with a thread."""

    channel_id: int
    title: str
    tag: str | None


@dataclass(frozen=True, slots=True)
class Direct:
    """To one person's direct messages."""

    user_id: int


Route: TypeAlias = InChannel | Post | Direct


@dataclass(frozen=True, slots=True)
class Place:
    """A message that exists already; with a `card` of its own where others read it than the one it was written for.

    `mark` is what it was sent with, if that is known; `at` when, for one that was found.
    """

    channel_id: int
    message_id: int
    card: Card | None = None
    mark: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A card and the ways to send it, tried in order; or the messages that it takes the place of.

    With both, it is sent anew where the message is gone or may not be changed any more.
    `asks` is the one person it needs: whether they are still in the server is looked up before it is sent.
    `earliest` is when it may go out, for what the bot starts by itself. `drawing` is its picture, if that can be had. `pinned` is
    given for a message that is to be pinned, if the bot may: whether the one that stands there was, or that was tried.
    """

    card: Card
    language: str
    routes: tuple[Route, ...] = ()
    edits: tuple[Place, ...] = ()
    asks: int | None = None
    earliest: datetime | None = None
    drawing: Drawing | None = None
    pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A message that is to go, or (with `route`) the one of an earlier try that was never noted.

    What may not be deleted is emptied and called `name`; a message in direct messages stays unless `direct`.
    """

    name: str
    place: Place | None = None
    route: Post | None = None
    with_thread: bool = False
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What every writer of letters has before them."""

    c: Connection
    organisation: Organisation
    errand: Errand
    now: datetime

    async def chapter(self) -> Chapter | None:
        """The chapter that the errand is about, unless it is gone or archived."""
        if self.errand.chapter_id is None:
            return None
        found = await chapters.find(self.c, self.organisation.guild_id, self.errand.chapter_id)
        return None if found is None or found.archived else found

    async def asking_hour(self, chapter: Chapter) -> datetime | None:
        """When a chapter may be asked something: a resting one once it is awake, within sending hours; None for at once."""
        today = calendar.today(self.now, chapter.zone)
        if chapter.state(today) is not State.RESTING or chapter.resting_until is None:
            return None
        policy = self.organisation.policy
        awake = calendar.start_of(chapter.resting_until + calendar.ONE_DAY, chapter.zone)
        return errands.in_sending_hours(awake, policy, chapter.zone)

    async def sending_hour(self, zone: ZoneInfo) -> datetime:
        """When something that the bot starts by itself may go out in this zone."""
        policy = self.organisation.policy
        return errands.in_sending_hours(self.now, policy, zone)


async def ways_to(
    desk: Desk, chapter: Chapter, discreetly: Callable[[int | None], Card] | None = None
) -> tuple[tuple[Route, ...], int | None]:
    """How a chapter is asked: in its channel, mentioning who is on duty; else the one on duty, then the next, by direct message.

    A hidden one is asked by direct message first, and in its channel by the card that `discreetly` makes or not at all.
    """
    asked = (await duty.turns(desk.c, chapter, desk.now)).asked
    first, direct = next(iter(asked), None), tuple(Direct(admin) for admin in asked)
    if chapter.channel_id is None:
        return direct, first
    if not chapter.hidden:
        return (InChannel(chapter.channel_id), *direct), first
    return (*direct, *([InChannel(chapter.channel_id, discreetly(first))] if discreetly else [])), first
