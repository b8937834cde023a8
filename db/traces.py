"""Where a chapter is named in messages that went out, so that they can be taken away when it hides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from db.tables import checkin, checkin_partner, outbox, report


@dataclass(frozen=True, slots=True)
class Post:
    """The post of a published report."""

    report_id: int
    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went out: the outbox row it was, what it was about, and where it stands."""

    errand_id: int
    kind: str
    period: Month | None
    payload: dict[str, Any]
    channel_id: int
    message_id: int


_POSTS = (
    select(report.c.id, report.c.post_channel_id, report.c.post_message_id)
    .where(report.c.guild_id == bindparam("guild"), report.c.chapter_id == bindparam("chapter"), report.c.post_message_id.isnot(None))
    .order_by(report.c.period)
)
_FORGET_POSTS = (
    update(report)
    .where(report.c.guild_id == bindparam("guild"), report.c.chapter_id == bindparam("chapter"))
    .values(post_channel_id=None, post_message_id=None)
)
_WAITING_POSTS = select(func.count()).where(
    report.c.guild_id == bindparam("guild"),
    report.c.chapter_id == bindparam("chapter"),
    report.c.first_published_at.isnot(None),
    report.c.post_message_id.is_(None),
)
_SENT: Select[Any] = (
    select(outbox.c.id, outbox.c.kind, outbox.c.period, outbox.c.payload, outbox.c.channel_id, outbox.c.message_id)
    .where(outbox.c.guild_id == bindparam("guild"), outbox.c.state == "sent", outbox.c.message_id.isnot(None))
    .order_by(outbox.c.id)
)
_OWN = _SENT.where(outbox.c.chapter_id == bindparam("chapter"), outbox.c.kind.in_(bindparam("kinds", expanding=True)))
_JOINT = (
    select(checkin_partner.c.checkin_id, checkin_partner.c.chapter_id)
    .join(checkin, checkin.c.id == checkin_partner.c.checkin_id)
    .where(checkin.c.guild_id == bindparam("guild"), checkin.c.chapter_id == bindparam("chapter"))
)
_ASKED = _SENT.where(outbox.c.kind == "partner", outbox.c.chapter_id.in_(bindparam("chapters", expanding=True)))
_FORGET = (
    update(outbox)
    .where(outbox.c.guild_id == bindparam("guild"), outbox.c.id.in_(bindparam("rows", expanding=True)))
    .values(channel_id=None, message_id=None)
)
_REFUSED = and_(
    outbox.c.guild_id == bindparam("guild"),
    outbox.c.chapter_id == bindparam("chapter"),
    outbox.c.kind == "unpost",
    outbox.c.state == "refused",
)
_LEFT = select(outbox.c.payload).where(_REFUSED).order_by(outbox.c.id)
_TRY_AGAIN = update(outbox).where(_REFUSED)


async def posts(c: AsyncConnection, guild_id: int, chapter_id: int) -> list[Post]:
    """The posts of a chapter's reports."""
    rows = await c.execute(_POSTS, {"guild": guild_id, "chapter": chapter_id})
    return [Post(row.id, row.post_channel_id, row.post_message_id) for row in rows]


async def forget_posts(c: AsyncConnection, guild_id: int, chapter_id: int) -> None:
    """Lets a chapter's reports be ones that were never posted."""
    await c.execute(_FORGET_POSTS, {"guild": guild_id, "chapter": chapter_id})


async def unposted(c: AsyncConnection, guild_id: int, chapter_id: int) -> int:
    """How many of a chapter's published reports have no post."""
    return await c.scalar(_WAITING_POSTS, {"guild": guild_id, "chapter": chapter_id}) or 0


async def sent_to(c: AsyncConnection, guild_id: int, chapter_id: int, kinds: Sequence[str]) -> list[Sent]:
    """What was sent to a chapter of these kinds, wherever it stands."""
    rows = await c.execute(_OWN, {"guild": guild_id, "chapter": chapter_id, "kinds": kinds})
    return [_sent(row) for row in rows]


async def asked_of_others(c: AsyncConnection, guild_id: int, chapter_id: int) -> list[Sent]:
    """The questions to other chapters whether they took part in something of this one: each names it."""
    joint = (await c.execute(_JOINT, {"guild": guild_id, "chapter": chapter_id})).all()
    if not joint:
        return []
    own = {row.checkin_id for row in joint}
    rows = await c.execute(_ASKED, {"guild": guild_id, "chapters": sorted({row.chapter_id for row in joint})})
    return [each for each in map(_sent, rows) if each.payload["checkin_id"] in own]


def _sent(row: Any) -> Sent:
    return Sent(row.id, row.kind, row.period, row.payload, row.channel_id, row.message_id)


async def forget(c: AsyncConnection, guild_id: int, errand_ids: Iterable[int]) -> None:
    """Lets these messages be ones that nobody looks for any more."""
    rows = list(errand_ids)
    if rows:
        await c.execute(_FORGET, {"guild": guild_id, "rows": rows})


async def left(c: AsyncConnection, guild_id: int, chapter_id: int) -> list[tuple[int, int]]:
    """Channel and message of what could not be taken away."""
    rows = await c.scalars(_LEFT, {"guild": guild_id, "chapter": chapter_id})
    return [(payload["channel_id"], payload["message_id"]) for payload in rows]


async def try_again(c: AsyncConnection, guild_id: int, chapter_id: int, now: datetime) -> int:
    """Owes again what could not be taken away; says how much that is."""
    tried = await c.execute(_TRY_AGAIN, {"guild": guild_id, "chapter": chapter_id, "state": "waiting", "due_at": now, "attempts": 0})
    return tried.rowcount
