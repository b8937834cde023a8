"""Report duty as it is stored: a chapter's admins in their order, until when some are away, and the note that goes with a turn."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.statements import insert_or
from db.tables import admin, duty_note
from db.types import Day, Instant

_HERE = (admin.c.guild_id == bindparam("guild"), admin.c.chapter_id == bindparam("chapter"))
_IN_ORDER = select(admin.c.user_id, admin.c.away_until).where(*_HERE).order_by(admin.c.position)
_SET_AWAY = update(admin).where(*_HERE, admin.c.user_id == bindparam("user")).values(away_until=bindparam("until", type_=Day))
_COME_BACK = update(admin).where(*_HERE, admin.c.away_until <= bindparam("today", type_=Day)).values(away_until=None)
_NOTED_HERE = (duty_note.c.guild_id == bindparam("guild"), duty_note.c.chapter_id == bindparam("chapter"))
_NOTE = select(duty_note.c.from_user, duty_note.c.note, duty_note.c.written_at).where(*_NOTED_HERE)
_WRITE = insert_or(duty_note)
_WRITE_NOTE = _WRITE.on_conflict_do_update(
    index_elements=[duty_note.c.chapter_id], set_={name: _WRITE.excluded[name] for name in ("from_user", "note", "written_at")}
)
_DROP_NOTE = delete(duty_note).where(*_NOTED_HERE)
_FORGET_NOTES = delete(duty_note).where(duty_note.c.written_at <= bindparam("before", type_=Instant))


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote to whoever has the turn after them."""

    from_user: int
    note: str
    written_at: datetime


async def in_order(c: AsyncConnection, guild_id: int, chapter_id: int) -> dict[int, date | None]:
    """The chapter's admins in duty order, each with the day until which they said they would be away, gone by or to come."""
    rows = await c.execute(_IN_ORDER, {"guild": guild_id, "chapter": chapter_id})
    return {row.user_id: row.away_until for row in rows}


async def set_away(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int, until: date | None) -> None:
    """Stores until which day an admin is away; None for one who is there."""
    await c.execute(_SET_AWAY, {"guild": guild_id, "chapter": chapter_id, "user": user_id, "until": until})


async def come_back(c: AsyncConnection, guild_id: int, chapter_id: int, today: date) -> None:
    """Forgets that admins were away who are back."""
    await c.execute(_COME_BACK, {"guild": guild_id, "chapter": chapter_id, "today": today})


async def note(c: AsyncConnection, guild_id: int, chapter_id: int) -> Note | None:
    """What was written to whoever has the turn."""
    row = (await c.execute(_NOTE, {"guild": guild_id, "chapter": chapter_id})).one_or_none()
    return None if row is None else Note(*row)


async def write_note(c: AsyncConnection, guild_id: int, chapter_id: int, from_user: int, words: str, now: datetime) -> None:
    """Keeps a note in the place of the one before."""
    values = {"guild_id": guild_id, "chapter_id": chapter_id, "from_user": from_user, "note": words, "written_at": now}
    await c.execute(_WRITE_NOTE, values)


async def drop_note(c: AsyncConnection, guild_id: int, chapter_id: int) -> None:
    """Deletes the note: the turn that it went with is over, or was passed on without one."""
    await c.execute(_DROP_NOTE, {"guild": guild_id, "chapter": chapter_id})


async def forget_notes(c: AsyncConnection, before: datetime) -> None:
    """Deletes the notes that were written until then."""
    await c.execute(_FORGET_NOTES, {"before": before})
