"""What each errand of the outbox says, to whom, and what follows once it was said."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.delivery import adoption, coordinators, facilitators
from bot.delivery.letters import Desk, Direct, InChannel, Letter, Place, Post, Removal, ways_to
from bot.domain import calendar
from bot.domain.chapters import State as ChapterState
from bot.domain.errands import PROMPTS
from bot.domain.reports import State
from bot.domain.text import text
from bot.locales import plain
from bot.services import (
    backlog,
    duty,
    gatherings,
    handovers,
    leaving,
    partners,
    periods,
    proposals,
    reading,
    rests,
    scoreboards,
    turns,
    visibility,
)
from cogs.cards import checkins as checkin_cards
from cogs.cards import discreet
from cogs.cards import duty as duty_cards
from cogs.cards import handovers as handover_cards
from cogs.cards import leaving as left_cards
from cogs.cards import questions as question_cards
from cogs.cards import reports as report_cards
from cogs.cards import sight as sight_cards
from db import asking, chapters, organisations, outbox, people, summaries
from db import reports as stored_reports
from db.outbox import Errand
from db.store import Connection, Store
from db.traces import Sent

POST_TITLE_LIMIT = 100
TOLD_TOGETHER = timedelta(minutes=2)

Writer: TypeAlias = Callable[[Desk], Awaitable[Letter | Removal | None]]


async def write(store: Store, errand: Errand, now: datetime, has_role: Callable[[int], object]) -> Letter | Removal | None:
    """The letter as it would be right at this moment, mentioning no role that is gone; None if it is not wanted any more."""
    async with store.read() as c:
        organisation = await organisations.find(c, errand.guild_id)
        if organisation is None:
            return None
        coordinate, facilitate = organisation.coordinator_role, organisation.facilitator_role
        organisation = replace(
            organisation,
            coordinator_role=coordinate if coordinate and has_role(coordinate) else None,
            facilitator_role=facilitate if facilitate and has_role(facilitate) else None,
        )
        return await WRITERS[errand.kind](Desk(c, organisation, errand, now))


async def _prompt(desk: Desk) -> Letter | None:
    chapter, period = await desk.chapter(), desk.errand.period
    if chapter is None or period is None:
        return None
    shown = await periods.read_card(desk.c, desk.organisation, chapter, period, desk.now)
    if shown.state in (State.PUBLISHED, State.SKIPPED, State.MISSED) or not await asking.is_asked(desk.c, chapter.guild_id, chapter.id):
        return None
    routes, first = await ways_to(desk, chapter, lambda asks: discreet.report_waits(shown, asks=asks))
    earliest = await desk.asking_hour(chapter) or await desk.sending_hour(chapter.zone)
    letter_card = discreet.report_cover(shown, asks=first) or report_cards.report_card(shown, asks=first, sent=True)
    return Letter(letter_card, desk.organisation.language, routes, asks=first, earliest=earliest)


async def _reminder(desk: Desk) -> Letter | None:
    """A nudge, or the reminder somebody asked for: by direct message only, and not to those who refuse them."""
    chapter, period = await desk.chapter(), desk.errand.period
    user_id = desk.errand.payload.get("user_id")
    if chapter is None or period is None or user_id is None:
        return None
    if not await asking.is_asked(desk.c, chapter.guild_id, chapter.id):
        return None
    asked = await duty.turns(desk.c, chapter, desk.now)
    if user_id not in (asked.admins if desk.errand.kind == "later" else asked.there):
        return None
    if desk.errand.kind != "later" and await people.unreachable_among(desk.c, chapter.guild_id, [user_id]):
        return None
    shown = await periods.read_card(desk.c, desk.organisation, chapter, period, desk.now)
    resting = chapter.state(calendar.today(desk.now, chapter.zone)) is ChapterState.RESTING
    if resting or shown.state in (State.PUBLISHED, State.SKIPPED, State.MISSED):
        return None
    letter_card = discreet.report_cover(shown) or report_cards.reminder_card(shown, last=desk.errand.kind == "second_nudge")
    earliest = await desk.sending_hour(chapter.zone)
    return Letter(letter_card, desk.organisation.language, (Direct(user_id),), asks=user_id, earliest=earliest)


async def _publication(desk: Desk) -> Letter | Removal | None:
    """A published report: posted the first time, its post brought up to date from then on; a hidden chapter's is not."""
    chapter, period = await desk.chapter(), desk.errand.period
    channel_id = desk.organisation.reports_channel
    if chapter is None or period is None:
        return None
    if chapter.hidden:
        return _unnoted(desk, channel_id)
    stored = await stored_reports.find(desk.c, chapter.guild_id, chapter.id, period)
    if stored is None or stored.first_published_at is None:
        return None
    found = await reading.reading(desk.c, desk.organisation, chapter, stored)
    letter_card, language = report_cards.post_card(found), desk.organisation.language
    if found.post is not None:
        return Letter(letter_card, language, edits=(Place(*found.post),))
    if channel_id is None or desk.errand.payload.get("edits"):
        return None
    title = plain(text("{chapter} · {period}", chapter=chapter.name, period=period), language, limit=POST_TITLE_LIMIT)
    branches = {branch.id: branch.name for branch in await chapters.branches(desk.c, chapter.guild_id)}
    tag = branches.get(chapter.branch_id) if chapter.branch_id is not None else None
    return Letter(letter_card, language, (Post(channel_id, title, tag),))


def _unnoted(desk: Desk, channel_id: int | None) -> Removal | None:
    """The post of a try that ended before it was noted: it has to go like all the others."""
    if channel_id is None or desk.errand.attempts < 2:
        return None
    return Removal(_removed(desk), route=Post(channel_id, "", None), with_thread=True)


def _removed(desk: Desk) -> str:
    return plain(text("Deleted"), desk.organisation.language, limit=POST_TITLE_LIMIT)


async def _removal(desk: Desk) -> Removal:
    """A message in which a chapter was named before it hid."""
    place, payload = Place(desk.errand.payload["channel_id"], desk.errand.payload["message_id"]), desk.errand.payload
    return Removal(_removed(desk), place, with_thread=payload["post"], direct=payload["direct"])


async def _remains(desk: Desk) -> Letter | None:
    """Tells a hidden chapter's admins, by direct message only, what the bot may not delete."""
    chapter = await desk.chapter()
    left = await visibility.left(desk.c, chapter.guild_id, chapter.id) if chapter is not None else []
    if chapter is None or not left:
        return None
    routes, first = await ways_to(desk, chapter)
    routes = tuple(route for route in routes if isinstance(route, Direct))
    return Letter(sight_cards.remains_card(chapter, left), desk.organisation.language, routes, asks=first)


async def _refresh(desk: Desk) -> Letter | None:
    """A period's cards in channels and direct messages, brought up to date, but for the one that the change was made in."""
    chapter, period = await desk.chapter(), desk.errand.period
    if chapter is None or period is None:
        return None
    sent = await outbox.sent_messages(desk.c, chapter.guild_id, chapter.id, PROMPTS, period)
    but = desk.errand.payload.get("but")
    shown = await periods.read_card(desk.c, desk.organisation, chapter, period, desk.now)
    in_channel = discreet.report_cover(shown, in_channel=True)
    places = tuple(
        Place(each.channel_id, each.message_id, in_channel, each.mark)
        for each in sent
        if each.channel_id is not None and each.message_id is not None and each.message_id != but
    )
    if not places:
        return None
    return Letter(discreet.report_cover(shown) or report_cards.report_card(shown, sent=True), desk.organisation.language, edits=places)


async def _left(desk: Desk) -> Letter | None:
    """That an admin or a facilitator is none any more: to the chapter; where nobody is left there, to its facilitators or coordinators."""
    chapter = await desk.chapter()
    if chapter is None:
        return None
    told = desk.errand.payload
    found = await leaving.farewell(desk.c, desk.organisation, chapter, told["role"], told["user_id"])
    routes, first = await ways_to(desk, chapter)
    if first is None:
        shown, language = left_cards.left_card(found, None), desk.organisation.language
        return Letter(shown, language, (*(Direct(each) for each in found.facilitators), *_to_coordinators(desk, found)))
    if chapter.discreet:
        routes = tuple(route for route in routes if isinstance(route, Direct))
    return Letter(left_cards.left_card(found, None), desk.organisation.language, routes, asks=first)


def _to_coordinators(desk: Desk, found: leaving.Farewell) -> tuple[InChannel, ...]:
    """A chapter that hides is not named there."""
    channel_id = desk.organisation.facilitators_channel
    if channel_id is None or found.chapter.hidden or found.chapter.discreet:
        return ()
    return (InChannel(channel_id, left_cards.left_card(found, desk.organisation.coordinator_role)),)


async def _newcomer(desk: Desk) -> Letter | None:
    """The news of a facilitator; by direct message alone where the chapter's name does not belong into a channel."""
    chapter = await desk.chapter()
    found = chapter and await handovers.newcomer(desk.c, chapter, desk.errand.payload["user_id"])
    if not chapter or not found:
        return None
    routes, first = await ways_to(desk, chapter)
    if chapter.discreet:
        routes = tuple(route for route in routes if isinstance(route, Direct))
    return Letter(handover_cards.newcomer_card(found), desk.organisation.language, routes, asks=first)


async def _turn(desk: Desk) -> Letter | None:
    """The news that somebody passed the turn on, to whoever has it now: by direct message alone, as a note may go with it."""
    chapter = await desk.chapter()
    found = chapter and await turns.handed(desk.c, chapter, desk.errand.payload["user_id"], desk.errand.payload["by"])
    if not found:
        return None
    return Letter(duty_cards.handed_card(found), desk.organisation.language, (Direct(found.to),), asks=found.to)


async def _partner(desk: Desk) -> Letter | None:
    chapter = await desk.chapter()
    question = chapter and await partners.question(desk.c, desk.organisation, chapter, desk.errand.payload["checkin_id"])
    if not chapter or not question:
        return None
    routes, first = await ways_to(desk, chapter)
    earliest = await desk.asking_hour(chapter)
    letter_card = checkin_cards.question_card(question, asks=first)
    if chapter.discreet:
        letter_card = discreet.waiting_card(discreet.partner_address(question.checkin_id, chapter.id), asks=first)
    return Letter(letter_card, desk.organisation.language, routes, asks=first, earliest=earliest)


async def _gathering(desk: Desk) -> Letter | None:
    chapter = await desk.chapter()
    question = chapter and await gatherings.question(desk.c, chapter.guild_id, chapter.id, desk.errand.payload["gathering_id"])
    if not chapter or not question:
        return None
    routes, first = await ways_to(desk, chapter)
    earliest = await desk.asking_hour(chapter)
    letter_card = question_cards.gathering_card(question, asks=first)
    if chapter.discreet:
        letter_card = discreet.waiting_card(discreet.gathering_address(question.gathering_id, chapter.id), asks=first)
    return Letter(letter_card, desk.organisation.language, routes, asks=first, earliest=earliest)


async def _rest(desk: Desk) -> Letter | None:
    chapter = await desk.chapter()
    offer = chapter and await rests.offered(desk.c, chapter.guild_id, chapter.id, desk.errand.payload.get("by"), desk.now)
    if not chapter or not offer:
        return None
    routes, first = await ways_to(desk, chapter)
    letter_card = question_cards.rest_card(offer, asks=first)
    if chapter.discreet:
        letter_card = discreet.waiting_card(discreet.rest_address(chapter.id, offer.by), asks=first)
    return Letter(letter_card, desk.organisation.language, routes, asks=first)


async def _cover(desk: Desk) -> Letter | None:
    """The message that asked a discreet chapter something: whether it still waits there, and nothing of what it is."""
    chapter = await desk.chapter()
    asked = await outbox.sent_as(desk.c, desk.organisation.guild_id, desk.errand.payload["errand_id"])
    if chapter is None or not chapter.discreet or asked is None or asked.channel_id is None or asked.message_id is None:
        return None
    about = asked.payload
    if asked.kind == "partner":
        opens = discreet.partner_address(about["checkin_id"], chapter.id)
        done = await partners.question(desk.c, desk.organisation, chapter, about["checkin_id"]) is None
    elif asked.kind == "gathering":
        opens = discreet.gathering_address(about["gathering_id"], chapter.id)
        done = await gatherings.question(desk.c, chapter.guild_id, chapter.id, about["gathering_id"]) is None
    else:
        opens = discreet.rest_address(chapter.id, about.get("by"))
        done = desk.errand.payload["done"] or await rests.offered(desk.c, chapter.guild_id, chapter.id, None, desk.now) is None
    shown = discreet.waiting_card(opens, done=done)
    return Letter(shown, desk.organisation.language, edits=(Place(asked.channel_id, asked.message_id, mark=asked.mark),))


WRITERS: dict[str, Writer] = {
    "prompt": _prompt,
    "first_nudge": _reminder,
    "second_nudge": _reminder,
    "later": _reminder,
    "report": _publication,
    "refresh": _refresh,
    "unpost": _removal,
    "remains": _remains,
    "digest": facilitators.digest,
    "digest_refresh": facilitators.digest_again,
    "reminder": facilitators.reminder,
    "handover": facilitators.handover,
    "handover_answer": facilitators.handover,
    "release": facilitators.farewell,
    "claim": _newcomer,
    "left": _left,
    "turn": _turn,
    "stand_in": facilitators.stand_in,
    "stand_in_answer": facilitators.stand_in,
    "stand_in_over": facilitators.stand_in,
    "partner": _partner,
    "gathering": _gathering,
    "rest": _rest,
    "cover": _cover,
    "undelivered": facilitators.undelivered,
    "scoreboard": coordinators.scoreboard,
    "proposal": adoption.proposal,
    "proposal_show": adoption.proposal_show,
    "proposal_closed": adoption.proposal_closed,
    "voice": adoption.voice,
    "deadline": adoption.deadline,
    "deadline_show": adoption.deadline_show,
    "upkeep": coordinators.upkeep,
    "lost": coordinators.lost,
}


async def delivered(c: Connection, errand: Errand, place: Place, now: datetime) -> None:
    """What follows from a message that went out: in the transaction that records it."""
    if errand.chapter_id is not None and place.card is None:
        sent = Sent(errand.id, errand.kind, errand.period, errand.payload, place.channel_id, place.message_id)
        if await visibility.hid_meanwhile(c, errand.guild_id, errand.chapter_id, sent, now):
            return
    if errand.kind == "report" and errand.chapter_id is not None and errand.period is not None:
        stored = await stored_reports.find(c, errand.guild_id, errand.chapter_id, errand.period)
        if stored is not None:
            await stored_reports.change(c, errand.guild_id, stored.id, post_channel_id=place.channel_id, post_message_id=place.message_id)
        key = f"refresh:{errand.chapter_id}:{errand.period}:posted:{errand.id}"
        await outbox.put(c, errand.guild_id, "refresh", key, now, now, chapter_id=errand.chapter_id, period=errand.period)
    if errand.kind == "prompt" and errand.chapter_id is not None:
        await summaries.refresh(c, errand.guild_id, [errand.chapter_id], now)
    if errand.kind == "proposal":
        await proposals.was_posted(c, errand.guild_id, errand.payload["proposal_id"], (place.channel_id, place.message_id), now)
    if errand.kind == "undelivered":
        await backlog.told(c, errand, now)
    if errand.kind == scoreboards.KIND:
        await scoreboards.posted(c, errand.guild_id, place.channel_id, place.message_id, now)


async def pinned(c: Connection, errand: Errand, place: Place, *, done: bool) -> None:
    """What follows from a message that was pinned, or that may not be."""
    if errand.kind == scoreboards.KIND:
        await scoreboards.pinned(c, errand.guild_id, place.message_id, done=done)


async def undelivered(c: Connection, errand: Errand, reason: str, now: datetime) -> None:
    """What follows from a message that reached nobody, or could not be deleted: in the transaction that records it."""
    await backlog.owe_word(c, errand, reason, now)
    if errand.kind == scoreboards.KIND:
        await scoreboards.refused(c, errand.guild_id)
    if errand.kind == "unpost" and errand.chapter_id is not None:
        key = f"remains:{errand.chapter_id}:{now.date()}"
        await outbox.put(c, errand.guild_id, "remains", key, now + TOLD_TOGETHER, now, chapter_id=errand.chapter_id)
    if errand.kind == "prompt" and errand.chapter_id is not None:
        await summaries.refresh(c, errand.guild_id, [errand.chapter_id], now)
