"""What each errand of the outbox says, to whom, and what follows once it was said."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.domain import calendar, errands
from bot.domain import chapters as chapter_rules
from bot.domain.chapters import Chapter, Visibility
from bot.domain.reports import State
from bot.domain.text import text
from bot.locales import plain
from bot.services import duty, reading, reports
from bot.services.reports import PROMPTS
from cogs.cards import reports as report_cards
from cogs.layout import Card
from db import chapters, organisations, outbox, summaries
from db import reports as stored_reports
from db.organisations import Organisation
from db.outbox import Errand
from db.store import Connection, Store

POST_TITLE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class InChannel:
    """To a channel or thread."""

    channel_id: int


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
    """A message that exists already."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A card and the ways to send it, tried in order; or the messages that it takes the place of.

    `asks` is the one person it needs: whether they are still in the server is looked up before it is sent.
    `earliest` is when it may go out, for what the bot starts by itself.
    """

    card: Card
    language: str
    routes: tuple[Route, ...] = ()
    edits: tuple[Place, ...] = ()
    asks: int | None = None
    earliest: datetime | None = None


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

    async def sending_hour(self, zone: ZoneInfo) -> datetime:
        """When something that the bot starts by itself may go out in this zone."""
        policy = await organisations.policy_in_force(self.c, self.organisation.guild_id)
        return errands.in_sending_hours(self.now, policy, zone)


Writer: TypeAlias = Callable[[Desk], Awaitable[Letter | None]]


async def write(store: Store, errand: Errand, now: datetime) -> Letter | None:
    """The letter as it would be right at this moment; None if it is not wanted any more."""
    async with store.read() as c:
        organisation = await organisations.find(c, errand.guild_id)
        if organisation is None:
            return None
        return await WRITERS[errand.kind](Desk(c, organisation, errand, now))


async def ways_to(desk: Desk, chapter: Chapter) -> tuple[tuple[Route, ...], int | None]:
    """How a chapter is asked: in its channel, mentioning who is on duty; else the one on duty, then the next, by direct message."""
    admins = await chapters.admins(desk.c, chapter.guild_id, chapter.id)
    here = await duty.present(desk.c, chapter.guild_id, admins, desk.now)
    first = chapter.duty_user_id if chapter.duty_user_id in here else next(iter(here), None)
    turn = here.index(first) if first is not None else 0
    direct = tuple(Direct(admin) for admin in here[turn:] + here[:turn])
    channel = () if chapter.channel_id is None else (InChannel(chapter.channel_id),)
    return (*channel, *direct), first


async def _prompt(desk: Desk) -> Letter | None:
    chapter, period = await desk.chapter(), desk.errand.period
    if chapter is None or period is None:
        return None
    shown = await reports.read_card(desk.c, desk.organisation, chapter, period, desk.now)
    if shown.state in (State.PUBLISHED, State.SKIPPED, State.MISSED):
        return None
    routes, first = await ways_to(desk, chapter)
    earliest = await desk.sending_hour(chapter.zone)
    return Letter(report_cards.report_card(shown, asks=first), desk.organisation.language, routes, asks=first, earliest=earliest)


async def _reminder(desk: Desk) -> Letter | None:
    """A nudge, or the reminder somebody asked for: by direct message only, and not to those who refuse them."""
    chapter, period = await desk.chapter(), desk.errand.period
    user_id = desk.errand.payload.get("user_id")
    if chapter is None or period is None or user_id is None:
        return None
    admins = await chapters.admins(desk.c, chapter.guild_id, chapter.id)
    if user_id not in admins:
        return None
    if desk.errand.kind != "later" and await chapters.unreachable_among(desk.c, chapter.guild_id, [user_id]):
        return None
    shown = await reports.read_card(desk.c, desk.organisation, chapter, period, desk.now)
    resting = chapter.state(calendar.today(desk.now, chapter.zone)) is chapter_rules.State.RESTING
    if resting or shown.state in (State.PUBLISHED, State.SKIPPED, State.MISSED):
        return None
    letter_card = report_cards.reminder_card(shown, last=desk.errand.kind == "second_nudge")
    earliest = await desk.sending_hour(chapter.zone)
    return Letter(letter_card, desk.organisation.language, (Direct(user_id),), asks=user_id, earliest=earliest)


async def _publication(desk: Desk) -> Letter | None:
    """A published report: posted the first time, its post brought up to date from then on."""
    chapter, period = await desk.chapter(), desk.errand.period
    channel_id = desk.organisation.reports_channel
    if chapter is None or period is None or chapter.visibility is Visibility.HIDDEN:
        return None
    stored = await stored_reports.find(desk.c, chapter.guild_id, chapter.id, period)
    if stored is None or stored.first_published_at is None:
        return None
    found = await reading.reading(desk.c, desk.organisation, chapter, stored)
    letter_card, language = report_cards.post_card(found), desk.organisation.language
    if found.post is not None:
        return Letter(letter_card, language, edits=(Place(*found.post),))
    if channel_id is None:
        return None
    title = plain(text("{chapter} · {period}", chapter=chapter.name, period=period), language, limit=POST_TITLE_LIMIT)
    branches = {branch.id: branch.name for branch in await chapters.branches(desk.c, chapter.guild_id)}
    tag = branches.get(chapter.branch_id) if chapter.branch_id is not None else None
    return Letter(letter_card, language, (Post(channel_id, title, tag),))


async def _refresh(desk: Desk) -> Letter | None:
    """A period's cards in channels and direct messages, brought up to date, but for the one that the change was made in."""
    chapter, period = await desk.chapter(), desk.errand.period
    if chapter is None or period is None:
        return None
    sent = await outbox.sent_messages(desk.c, chapter.guild_id, chapter.id, PROMPTS, period)
    but = desk.errand.payload.get("but")
    places = tuple(
        Place(each.channel_id, each.message_id)
        for each in sent
        if each.channel_id is not None and each.message_id is not None and each.message_id != but
    )
    if not places:
        return None
    shown = await reports.read_card(desk.c, desk.organisation, chapter, period, desk.now)
    return Letter(report_cards.report_card(shown), desk.organisation.language, edits=places)


WRITERS: dict[str, Writer] = {
    "prompt": _prompt,
    "first_nudge": _reminder,
    "second_nudge": _reminder,
    "later": _reminder,
    "report": _publication,
    "refresh": _refresh,
}


async def delivered(c: Connection, errand: Errand, place: Place, now: datetime) -> None:
    """What follows from a message that went out: in the transaction that records it."""
    if errand.kind == "report" and errand.chapter_id is not None and errand.period is not None:
        stored = await stored_reports.find(c, errand.guild_id, errand.chapter_id, errand.period)
        if stored is not None:
            await stored_reports.change(c, errand.guild_id, stored.id, post_channel_id=place.channel_id, post_message_id=place.message_id)
        key = f"refresh:{errand.chapter_id}:{errand.period}:posted:{errand.id}"
        await outbox.put(c, errand.guild_id, "refresh", key, now, now, chapter_id=errand.chapter_id, period=errand.period)
    if errand.kind == "prompt" and errand.chapter_id is not None:
        await summaries.refresh(c, errand.guild_id, [errand.chapter_id], now)


async def undelivered(c: Connection, errand: Errand, now: datetime) -> None:
    """What follows from a message that reached nobody: in the transaction that records it."""
    if errand.kind == "prompt" and errand.chapter_id is not None:
        await summaries.refresh(c, errand.guild_id, [errand.chapter_id], now)
