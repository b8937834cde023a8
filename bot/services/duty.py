"""Report duty: it takes turns among a chapter's admins, and nobody who has gone keeps it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain import calendar
from bot.domain import duty as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.duty import Turns
from db import chapters, handovers, people, summaries
from db import duty as stored
from db.store import Connection, Store

ASKED_ANEW_AFTER = timedelta(days=7)
EVERY = 1000


async def present(c: Connection, guild_id: int, admins: Sequence[int], now: datetime) -> list[int]:
    """The admins in duty order, without those who were found to have left in the last days."""
    gone = await people.left_since(c, guild_id, admins, now - ASKED_ANEW_AFTER)
    return [admin for admin in admins if admin not in gone]


async def turns(c: Connection, chapter: Chapter, now: datetime) -> Turns:
    """Whose turn it is, and who of the chapter's admins can be asked."""
    today = calendar.today(now, chapter.zone)
    order = await stored.in_order(c, chapter.guild_id, chapter.id)
    gone = await people.left_since(c, chapter.guild_id, order, now - ASKED_ANEW_AFTER)
    away = {admin: until for admin, until in order.items() if until is not None and rules.is_away(until, today)}
    return Turns(tuple(order), chapter.duty_user_id, away, gone)


async def settle(c: Connection, chapter: Chapter, now: datetime) -> Turns:
    """Sees to it that the turn is with somebody who is there: whenever somebody comes, goes or is away."""
    found = await turns(c, chapter, now)
    if found.on_duty != chapter.duty_user_id:
        await chapters.change(c, chapter.guild_id, chapter.id, duty_user_id=found.on_duty)
    return found


async def pass_on(c: Connection, guild_id: int, chapter_id: int, period: Month, now: datetime) -> int | None:
    """Passes duty to the next admin, once per period, and ends the note that went with it; answers who is on duty now."""
    chapter = await chapters.find(c, guild_id, chapter_id)
    if chapter is None:
        return None
    if await chapters.duty_passed(c, guild_id, chapter_id, period):
        return chapter.duty_user_id
    following = (await turns(c, chapter, now)).passed.turn
    await chapters.change(c, guild_id, chapter_id, duty_user_id=following, duty_passed_for=period)
    await stored.drop_note(c, guild_id, chapter_id)
    await stored.come_back(c, guild_id, chapter_id, calendar.today(now, chapter.zone))
    return following


async def is_unknown(store: Store, guild_id: int, user_id: int, chapter_id: int | None, now: datetime) -> None:
    """Remembers that Discord does not know a person at the moment: they stay an admin, and if they were on duty, the next one is."""
    async with store.write() as c:
        await people.set_unreachable(c, guild_id, user_id, "left", now)
        chapter = None if chapter_id is None else await chapters.find(c, guild_id, chapter_id)
        if chapter is not None and chapter.duty_user_id == user_id:
            await settle(c, chapter, now)
        await _refresh_chapters_of(c, guild_id, user_id, chapter_id, now)


async def refuses_messages(store: Store, guild_id: int, user_id: int, chapter_id: int | None, now: datetime) -> None:
    """Remembers that a person takes no direct messages, so that they are not nudged."""
    async with store.write() as c:
        await people.set_unreachable(c, guild_id, user_id, "refused", now)
        await _refresh_chapters_of(c, guild_id, user_id, chapter_id, now)


async def _refresh_chapters_of(c: Connection, guild_id: int, user_id: int, chapter_id: int | None, now: datetime) -> None:
    """Whoever cannot be reached for one chapter cannot be reached for any."""
    theirs = {each.id for each in await chapters.of_admin(c, guild_id, user_id, limit=EVERY)}
    await summaries.refresh(c, guild_id, sorted(theirs if chapter_id is None else theirs | {chapter_id}), now)


async def forget_notes(c: Connection, now: datetime) -> None:
    """Deletes what was written with hand-overs long ago."""
    await stored.forget_notes(c, now - rules.NOTE_KEPT)
    await handovers.forget_notes(c, now - rules.NOTE_KEPT)
