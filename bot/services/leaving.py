"""Whoever left the server, or erased themselves, is no admin and no facilitator any more: duty passes on, and the others are told once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain import calendar, errands
from bot.domain.chapters import Chapter
from bot.services import duty, facilitation
from db import absences, changes, chapters, organisations, outbox, people, persons, summaries
from db.organisations import Organisation
from db.store import Connection, Store


class Role(StrEnum):
    """What somebody was to a chapter."""

    ADMIN = "admin"
    FACILITATOR = "facilitator"


@dataclass(frozen=True, slots=True)
class Farewell:
    """What a chapter's people are told: what somebody was who left the server (None: who erased themselves), and who is there now."""

    chapter: Chapter
    role: Role
    user_id: int | None
    admins: tuple[int, ...]
    facilitators: tuple[int, ...]


async def has_left(store: Store, guild_id: int, user_id: int, now: datetime) -> None:
    """Notes that a person is no longer in the server; coming back makes nobody an admin or a facilitator again by itself."""
    async with store.write() as c:
        await people.set_unreachable(c, guild_id, user_id, "left", now)
        await leave(c, guild_id, user_id, now, erased=False)


async def leave(c: Connection, guild_id: int, user_id: int, now: datetime, *, erased: bool) -> set[int]:
    """Ends all that somebody is to chapters here; answers which chapters these were."""
    administers, looks_after = await persons.chapters_of(c, guild_id, user_id)
    for chapter_id in administers:
        chapter = await chapters.find(c, guild_id, chapter_id)
        assert chapter is not None
        remaining = (await duty.turns(c, chapter, now)).without(user_id)
        await chapters.change(c, guild_id, chapter_id, duty_user_id=remaining.on_duty)
        await people.remove_admin(c, guild_id, chapter_id, user_id)
        await _note(c, chapter, Role.ADMIN, None if erased else user_id, now)
    for chapter_id in looks_after:
        chapter = await chapters.find(c, guild_id, chapter_id)
        assert chapter is not None
        await people.remove_facilitator(c, guild_id, chapter_id, user_id)
        await _note(c, chapter, Role.FACILITATOR, None if erased else user_id, now)
    for absence in await absences.in_force(c, guild_id, now):
        if absence.user_id == user_id:
            await absences.change(c, guild_id, absence.id, ends_at=now)
    if looks_after:
        await _hand_to_all(c, guild_id, now)
    left = {*administers, *looks_after}
    await summaries.refresh(c, guild_id, sorted(left), now)
    return left


async def _note(c: Connection, chapter: Chapter, role: Role, user_id: int | None, now: datetime) -> None:
    await changes.log(c, chapter.guild_id, f"{role}.leave", now, None, chapter_id=chapter.id)
    key = f"left:{chapter.id}:{role}:{int(now.timestamp() * 1000)}"
    if not chapter.archived:
        await outbox.put(c, chapter.guild_id, "left", key, now, now, chapter_id=chapter.id, role=role.value, user_id=user_id)


async def _hand_to_all(c: Connection, guild_id: int, now: datetime) -> None:
    """Chapters that nobody looks after any more stand in the facilitators' channel: on the day of the digest at once."""
    organisation = await organisations.find(c, guild_id)
    assert organisation is not None
    day = organisation.digested_on
    if day is not None and day == calendar.today(now, organisation.zone):
        key, until = facilitation.digest_key(day, None), errands.next_digest(now, organisation.policy, organisation.zone)
        await outbox.put(c, guild_id, "digest", key, now, now, expires_at=until, user_id=None, week=str(day))
    await facilitation.bring_up_to_date(c, organisation, (None,), f"left:{int(now.timestamp() * 1000)}", now)


async def farewell(c: Connection, organisation: Organisation, chapter: Chapter, role: str, user_id: int | None) -> Farewell:
    """What a chapter's people are told, as things stand now."""
    admins, facilitators = await people.of(c, organisation.guild_id, chapter.id)
    return Farewell(chapter, Role(role), user_id, admins, facilitators)
