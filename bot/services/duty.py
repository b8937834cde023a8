"""Report duty: it takes turns among a chapter's admins, and nobody who has gone keeps it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain import owed
from bot.domain.calendar import Month
from db import chapters, people, summaries
from db.store import Connection, Store

ASKED_ANEW_AFTER = timedelta(days=7)
EVERY = 1000


async def present(c: Connection, guild_id: int, admins: Sequence[int], now: datetime) -> list[int]:
    """The admins in duty order, without those who were found to have left in the last days."""
    gone = await people.left_since(c, guild_id, admins, now - ASKED_ANEW_AFTER)
    return [admin for admin in admins if admin not in gone]


async def pass_on(c: Connection, guild_id: int, chapter_id: int, period: Month) -> int | None:
    """Passes duty to the next admin, once per period; answers who is on duty now."""
    chapter = await chapters.find(c, guild_id, chapter_id)
    if chapter is None:
        return None
    if not await chapters.duty_passed(c, guild_id, chapter_id, period):
        following = owed.next_on_duty(await people.admins(c, guild_id, chapter_id), chapter.duty_user_id)
        await chapters.change(c, guild_id, chapter_id, duty_user_id=following, duty_passed_for=period)
        return following
    return chapter.duty_user_id


async def has_left(store: Store, guild_id: int, user_id: int, chapter_id: int | None, now: datetime) -> None:
    """Remembers that a person is no longer in the server; if they were on duty, the next admin is."""
    async with store.write() as c:
        await people.set_unreachable(c, guild_id, user_id, "left", now)
        chapter = None if chapter_id is None else await chapters.find(c, guild_id, chapter_id)
        if chapter is not None and chapter.duty_user_id == user_id:
            admins = await people.admins(c, guild_id, chapter.id)
            turns = admins[admins.index(user_id) + 1 :] + admins[: admins.index(user_id)] if user_id in admins else admins
            here = await present(c, guild_id, turns, now)
            await chapters.change(c, guild_id, chapter.id, duty_user_id=here[0] if here else None)
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
