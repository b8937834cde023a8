"""The outbox: what is owed to somebody, as rows; claimed under a lease, sent, recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from db.statements import insert_or
from db.tables import outbox


def in_state(*states: str) -> ColumnElement[bool]:
    """What is in one of these states, written out: an index over some states only is used for a condition in its own words."""
    return outbox.c.state.in_([literal_column(f"'{state}'") for state in states])


OPEN = in_state("waiting", "leased")


@dataclass(frozen=True, slots=True)
class Errand:
    """One row of the outbox, as it was claimed."""

    id: int
    guild_id: int
    chapter_id: int | None
    kind: str
    period: Month | None
    payload: dict[str, Any]
    due_at: datetime
    expires_at: datetime | None
    lease_until: datetime | None
    first_claimed_at: datetime | None
    attempts: int
    channel_id: int | None
    message_id: int | None


_COLUMNS = (
    outbox.c.id,
    outbox.c.guild_id,
    outbox.c.chapter_id,
    outbox.c.kind,
    outbox.c.period,
    outbox.c.payload,
    outbox.c.due_at,
    outbox.c.expires_at,
    outbox.c.lease_until,
    outbox.c.first_claimed_at,
    outbox.c.attempts,
    outbox.c.channel_id,
    outbox.c.message_id,
)


def _errand(row: Row[Any]) -> Errand:
    return Errand(**row._mapping)


async def put(
    c: AsyncConnection,
    guild_id: int,
    kind: str,
    key: str,
    due_at: datetime,
    now: datetime,
    *,
    chapter_id: int | None = None,
    period: Month | None = None,
    expires_at: datetime | None = None,
    **payload: Any,
) -> None:
    """Owes something once: the same key (unique in the organisation) again changes nothing."""
    await c.execute(
        insert_or(outbox)
        .values(
            guild_id=guild_id,
            chapter_id=chapter_id,
            kind=kind,
            dedup_key=f"{guild_id}:{key}",
            period=period,
            payload=payload,
            due_at=due_at,
            expires_at=expires_at,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[outbox.c.dedup_key])
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(outbox.c.due_at <= now, OPEN, or_(outbox.c.state == "waiting", outbox.c.lease_until < now))


async def is_due(c: AsyncConnection, now: datetime) -> bool:
    """Whether there is anything to claim."""
    return await c.scalar(select(outbox.c.id).where(_free(now)).limit(1)) is not None


async def claim(c: AsyncConnection, owner: str, now: datetime, lease_until: datetime, limit: int) -> list[Errand]:
    """Takes what is due and free under a lease, oldest first; commit before sending anything."""
    due = (
        select(outbox.c.id)
        .where(_free(now))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = await c.execute(
        update(outbox)
        .where(outbox.c.id == due.c.id)
        .values(state="leased", lease_owner=owner, lease_until=lease_until, attempts=outbox.c.attempts + 1)
        .returning(*_COLUMNS)
    )
    errands = sorted((_errand(row) for row in claimed), key=lambda each: (each.due_at, each.id))
    new = [each.id for each in errands if each.first_claimed_at is None]
    if new:
        await c.execute(update(outbox).where(outbox.c.id.in_(new)).values(first_claimed_at=now))
    return errands


async def finish(
    c: AsyncConnection, errand: Errand, owner: str, state: str, now: datetime, *, reason: str | None = None, **sent: int | None
) -> bool:
    """Records how an errand ended (`sent`, `refused`, `dropped`); False if the lease was lost meanwhile."""
    values: dict[str, Any] = {"state": state, "reason": reason, "lease_owner": None, "lease_until": None, **sent}
    if state == "sent":
        values["sent_at"] = now
    ended = await c.execute(
        update(outbox).where(outbox.c.id == errand.id, outbox.c.guild_id == errand.guild_id, outbox.c.lease_owner == owner).values(**values)
    )
    return ended.rowcount == 1


async def postpone(c: AsyncConnection, errand: Errand, owner: str, until: datetime, reason: str) -> None:
    """Gives an errand back, to be tried again at a later moment."""
    await c.execute(
        update(outbox)
        .where(outbox.c.id == errand.id, outbox.c.guild_id == errand.guild_id, outbox.c.lease_owner == owner)
        .values(state="waiting", lease_owner=None, lease_until=None, due_at=until, reason=reason)
    )


async def sent_messages(
    c: AsyncConnection, guild_id: int, chapter_id: int, kinds: Sequence[str], period: Month | None = None
) -> list[Errand]:
    """What was sent to a chapter of these kinds, oldest first: where the messages stand that may have to change."""
    rows: Select[Any] = (
        select(*_COLUMNS)
        .where(
            outbox.c.guild_id == guild_id,
            outbox.c.chapter_id == chapter_id,
            outbox.c.kind.in_(kinds),
            outbox.c.state == "sent",
            outbox.c.message_id.isnot(None),
        )
        .order_by(outbox.c.id)
    )
    if period is not None:
        rows = rows.where(outbox.c.period == period)
    return [_errand(row) for row in await c.execute(rows)]


async def sent_under(c: AsyncConnection, guild_id: int, key: str) -> Errand | None:
    """What was put under this key, if its message has gone out."""
    rows: Select[Any] = select(*_COLUMNS).where(outbox.c.guild_id == guild_id, outbox.c.dedup_key == f"{guild_id}:{key}")
    row = (await c.execute(rows.where(outbox.c.state == "sent", outbox.c.message_id.isnot(None)))).one_or_none()
    return None if row is None else _errand(row)


async def withdraw(c: AsyncConnection, guild_id: int, chapter_id: int, kinds: Sequence[str], period: Month, reason: str) -> None:
    """Drops what waits for a chapter's period and is of no use any more."""
    await c.execute(
        update(outbox)
        .where(
            outbox.c.guild_id == guild_id,
            outbox.c.chapter_id == chapter_id,
            outbox.c.kind.in_(kinds),
            outbox.c.period == period,
            outbox.c.state == "waiting",
        )
        .values(state="dropped", reason=reason)
    )


async def stuck(c: AsyncConnection, guild_id: int, limit: int = 25) -> list[tuple[str, int | None, str]]:
    """What was tried and is refused or still waits: kind, chapter and reason, newest first."""
    rows = await c.execute(
        select(outbox.c.kind, outbox.c.chapter_id, outbox.c.reason)
        .where(
            outbox.c.guild_id == guild_id,
            in_state("waiting", "refused"),
            or_(outbox.c.state == "refused", and_(outbox.c.state == "waiting", outbox.c.attempts > 2)),
        )
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [(row.kind, row.chapter_id, row.reason or "") for row in rows]


async def tidy(c: AsyncConnection, before: datetime) -> None:
    """Forgets what was dropped long ago; what was sent stays, because its messages may have to change."""
    await c.execute(delete(outbox).where(outbox.c.state == "dropped", outbox.c.created_at < before))
