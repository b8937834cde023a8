"""The outbox: what is owed to somebody, as rows; claimed under a lease, sent, recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, delete, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.calendar import Month
from db.statements import insert_or
from db.tables import outbox
from db.types import Instant


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
    dedup_key: str
    created_at: datetime

    @property
    def mark(self) -> int:
        """By what its message is recognised: by what it is about, because a database that was restored gives its numbers anew."""
        about = f"{self.guild_id}:report:{self.chapter_id}:{self.period}" if self.kind == "report" else self.dedup_key
        return int.from_bytes(blake2b(about.encode(), digest_size=4).digest()) >> 4

    @property
    def nonce(self) -> str:
        """By what Discord recognises it for some minutes: longer than the mark, because it tells apart all that is sent meanwhile."""
        return f"ch{blake2b(self.dedup_key.encode(), digest_size=11).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A row that is not delivered, why, and since when; `waits` while it is still tried."""

    id: int
    kind: str
    chapter_id: int | None
    reason: str | None
    since: datetime
    waits: bool


MOST_SHOWN = 200
_ENDED_AT = {"sent": "sent_at", "refused": "refused_at"}

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
    outbox.c.dedup_key,
    outbox.c.created_at,
)


_NOW = bindparam("now", type_=Instant)
_FREE = and_(outbox.c.due_at <= _NOW, OPEN, or_(outbox.c.state == "waiting", outbox.c.lease_until < _NOW))
_WITH_DUE = select(outbox.c.guild_id, func.min(outbox.c.due_at)).where(_FREE).group_by(outbox.c.guild_id)
_PUT = insert_or(outbox).on_conflict_do_nothing(index_elements=[outbox.c.dedup_key])
_OF_KINDS = (
    outbox.c.guild_id == bindparam("guild"),
    outbox.c.chapter_id == bindparam("chapter"),
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
)
_SENT = (outbox.c.state == "sent", outbox.c.message_id.isnot(None))
_SENT_MESSAGES: Select[Any] = select(*_COLUMNS).where(*_OF_KINDS, *_SENT).order_by(outbox.c.id)
_SENT_OF_PERIOD = _SENT_MESSAGES.where(outbox.c.period == bindparam("of_period"))
_FOUND_SENT: Select[Any] = select(*_COLUMNS).where(outbox.c.guild_id == bindparam("guild"), outbox.c.id == bindparam("of"), *_SENT)
_SENT_UNDER: Select[Any] = select(*_COLUMNS).where(outbox.c.guild_id == bindparam("guild"), outbox.c.dedup_key == bindparam("key"), *_SENT)
_WITHDRAW = update(outbox).where(*_OF_KINDS, outbox.c.period == bindparam("of_period"), outbox.c.state == "waiting")
_WAITING_FOR = update(outbox).where(
    outbox.c.guild_id == bindparam("guild"), outbox.c.chapter_id == bindparam("chapter"), outbox.c.state == "waiting"
)
_REVIVE = update(outbox).where(
    outbox.c.guild_id == bindparam("guild"),
    outbox.c.chapter_id == bindparam("chapter"),
    outbox.c.state == "dropped",
    outbox.c.reason == bindparam("because"),
    or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > _NOW),
)
_HASTEN = _WAITING_FOR.where(outbox.c.kind.in_(bindparam("kinds", expanding=True)), outbox.c.due_at > _NOW)
_LEASED = update(outbox).where(
    outbox.c.id == bindparam("of"), outbox.c.guild_id == bindparam("guild"), outbox.c.lease_owner == bindparam("owner")
)
_FIRST_CLAIMED = update(outbox).where(outbox.c.id.in_(bindparam("new", expanding=True)))
_UNDELIVERED = select(
    outbox.c.id,
    outbox.c.kind,
    outbox.c.chapter_id,
    outbox.c.reason,
    func.coalesce(outbox.c.refused_at, outbox.c.first_claimed_at, outbox.c.created_at, type_=Instant).label("since"),
    (outbox.c.state == "waiting").label("waits"),
).where(outbox.c.guild_id == bindparam("guild"), in_state("waiting", "refused"))
_REFUSED = and_(outbox.c.state == "refused", outbox.c.refused_at > bindparam("refused_since", type_=Instant))
_WAITING = and_(
    outbox.c.state == "waiting",
    outbox.c.attempts >= bindparam("tries", type_=Integer),
    outbox.c.first_claimed_at <= bindparam("tried_before", type_=Instant),
)
_STUCK = _UNDELIVERED.where(or_(_REFUSED, _WAITING)).order_by(outbox.c.id.desc()).limit(bindparam("most", type_=Integer))
_UNTOLD = _UNDELIVERED.where(_REFUSED, outbox.c.told_at.is_(None)).order_by(outbox.c.id.desc())
_NOTE_TOLD = update(outbox).where(outbox.c.guild_id == bindparam("guild"), outbox.c.id.in_(bindparam("these", expanding=True)))
_WAITING_UNTIL = select(outbox.c.id, outbox.c.payload).where(
    outbox.c.guild_id == bindparam("guild"),
    outbox.c.kind == bindparam("of_kind"),
    in_state("waiting"),
    outbox.c.due_at == bindparam("until", type_=Instant),
)
_BRING_FORWARD = update(outbox).where(outbox.c.id.in_(bindparam("these", expanding=True)))
_OF_KIND = (outbox.c.guild_id == bindparam("guild"), outbox.c.kind == bindparam("of_kind"))
_OPEN_OF_KIND = select(select(outbox.c.id).where(*_OF_KIND, OPEN).exists())
_FORGET_OF_KIND = delete(outbox).where(*_OF_KIND)
_TIDY = delete(outbox).where(outbox.c.state == "dropped", outbox.c.created_at < bindparam("before"))


def _claim(*of: ColumnElement[bool]) -> ReturningUpdate[Any]:
    due = (
        select(outbox.c.id)
        .where(_FREE, *of)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return update(outbox).where(outbox.c.id == due.c.id).values(state="leased", attempts=outbox.c.attempts + 1).returning(*_COLUMNS)


_CLAIM = _claim()
_CLAIM_OF = _claim(outbox.c.guild_id == bindparam("guild"))


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
    """Owes something once: the same key (unique in the organisation) again changes nothing.

    A person is named by `user_id` or `by`, and in the key by `user_id` alone: by these they are found again when they erase themselves.
    """
    values = {
        "guild_id": guild_id,
        "chapter_id": chapter_id,
        "kind": kind,
        "dedup_key": f"{guild_id}:{key}",
        "period": period,
        "user_id": payload.get("user_id"),
        "by_user_id": payload.get("by"),
        "payload": payload,
        "due_at": due_at,
        "expires_at": expires_at,
        "created_at": now,
    }
    await c.execute(_PUT, values)


async def servers_with_due(c: AsyncConnection, now: datetime) -> list[int]:
    """The servers for which there is something to claim, the longest waiting first."""
    rows = await c.execute(_WITH_DUE, {"now": now})
    return [guild_id for guild_id, _ in sorted(rows, key=lambda row: (row[1], row[0]))]


async def claim(
    c: AsyncConnection, owner: str, now: datetime, lease_until: datetime, limit: int, *, guild_id: int | None = None
) -> list[Errand]:
    """Takes what is due and free (of one server) under a lease, oldest first; commit before sending anything."""
    asked = {"now": now, "most": limit, "lease_owner": owner, "lease_until": lease_until}
    claimed = await c.execute(_CLAIM, asked) if guild_id is None else await c.execute(_CLAIM_OF, {**asked, "guild": guild_id})
    errands = sorted((_errand(row) for row in claimed), key=lambda each: (each.due_at, each.id))
    new = [each.id for each in errands if each.first_claimed_at is None]
    if new:
        await c.execute(_FIRST_CLAIMED, {"new": new, "first_claimed_at": now})
    return errands


async def finish(
    c: AsyncConnection, errand: Errand, owner: str, state: str, now: datetime, *, reason: str | None = None, **sent: int | None
) -> bool:
    """Records how an errand ended (`sent`, `refused`, `dropped`); False if the lease was lost meanwhile."""
    values: dict[str, Any] = {"state": state, "reason": reason, "lease_owner": None, "lease_until": None, **sent}
    if state in _ENDED_AT:
        values[_ENDED_AT[state]] = now
    ended = await c.execute(_LEASED, {"of": errand.id, "guild": errand.guild_id, "owner": owner, **values})
    return ended.rowcount == 1


async def keep(c: AsyncConnection, errand: Errand, owner: str, until: datetime) -> None:
    """Lengthens a lease, for what takes long."""
    await c.execute(_LEASED, {"of": errand.id, "guild": errand.guild_id, "owner": owner, "lease_until": until})


async def postpone(c: AsyncConnection, errand: Errand, owner: str, until: datetime, reason: str) -> None:
    """Gives an errand back after a try that failed, to be tried again at a later moment."""
    values = {"state": "waiting", "lease_owner": None, "lease_until": None, "due_at": until, "reason": reason}
    await c.execute(_LEASED, {"of": errand.id, "guild": errand.guild_id, "owner": owner, **values})


async def give_back(c: AsyncConnection, errand: Errand, owner: str, until: datetime) -> None:
    """Gives an errand back as if it had never been claimed: nothing was sent."""
    values: dict[str, Any] = {"state": "waiting", "lease_owner": None, "lease_until": None, "due_at": until}
    values["attempts"] = errand.attempts - 1
    if errand.attempts == 1:
        values["first_claimed_at"] = None
    await c.execute(_LEASED, {"of": errand.id, "guild": errand.guild_id, "owner": owner, **values})


async def sent_messages(
    c: AsyncConnection, guild_id: int, chapter_id: int, kinds: Sequence[str], period: Month | None = None
) -> list[Errand]:
    """What was sent to a chapter of these kinds, oldest first: where the messages stand that may have to change."""
    asked = {"guild": guild_id, "chapter": chapter_id, "kinds": kinds}
    rows = c.execute(_SENT_MESSAGES, asked) if period is None else c.execute(_SENT_OF_PERIOD, {**asked, "of_period": period})
    return [_errand(row) for row in await rows]


async def sent_under(c: AsyncConnection, guild_id: int, key: str) -> Errand | None:
    """What was put under this key, if its message has gone out."""
    row = (await c.execute(_SENT_UNDER, {"guild": guild_id, "key": f"{guild_id}:{key}"})).one_or_none()
    return None if row is None else _errand(row)


async def sent_as(c: AsyncConnection, guild_id: int, errand_id: int) -> Errand | None:
    """What was sent as this errand."""
    row = (await c.execute(_FOUND_SENT, {"guild": guild_id, "of": errand_id})).one_or_none()
    return None if row is None else _errand(row)


async def withdraw(c: AsyncConnection, guild_id: int, chapter_id: int, kinds: Sequence[str], period: Month, reason: str) -> None:
    """Drops what waits for a chapter's period and is of no use any more."""
    asked = {"guild": guild_id, "chapter": chapter_id, "kinds": kinds, "of_period": period}
    await c.execute(_WITHDRAW, {**asked, "state": "dropped", "reason": reason})


async def bring_forward(c: AsyncConnection, guild_id: int, kind: str, user_id: int, due_at: datetime, now: datetime) -> None:
    """Has what waits for a person until this moment go out now."""
    rows = await c.execute(_WAITING_UNTIL, {"guild": guild_id, "of_kind": kind, "until": due_at})
    theirs = [row.id for row in rows if row.payload.get("user_id") == user_id]
    if theirs:
        await c.execute(_BRING_FORWARD, {"these": theirs, "due_at": now})


async def replace_any(c: AsyncConnection, guild_id: int, kind: str) -> bool:
    """Forgets what ended of a kind of which there is one at a time; False if one still waits or is on its way."""
    asked = {"guild": guild_id, "of_kind": kind}
    if await c.scalar(_OPEN_OF_KIND, asked):
        return False
    await c.execute(_FORGET_OF_KIND, asked)
    return True


async def withdraw_all(c: AsyncConnection, guild_id: int, chapter_id: int, reason: str) -> None:
    """Drops everything that waits for a chapter."""
    await c.execute(_WAITING_FOR, {"guild": guild_id, "chapter": chapter_id, "state": "dropped", "reason": reason})


async def revive(c: AsyncConnection, guild_id: int, chapter_id: int, reason: str, now: datetime) -> None:
    """Lets wait again what was dropped for this reason and is still of use."""
    asked = {"guild": guild_id, "chapter": chapter_id, "because": reason, "now": now}
    await c.execute(_REVIVE, {**asked, "state": "waiting", "reason": None})


async def hasten(c: AsyncConnection, guild_id: int, chapter_id: int, kinds: Sequence[str], now: datetime) -> None:
    """Makes due at once what was put off for a chapter."""
    await c.execute(_HASTEN, {"guild": guild_id, "chapter": chapter_id, "kinds": kinds, "now": now, "due_at": now})


async def stuck(
    c: AsyncConnection, guild_id: int, refused_since: datetime, tried_before: datetime, tries: int, limit: int = MOST_SHOWN
) -> list[Undelivered]:
    """What was refused lately, and what still waits though it was tried so often, first so long ago; newest first."""
    asked = {"guild": guild_id, "refused_since": refused_since, "tried_before": tried_before, "tries": tries, "most": limit}
    return [Undelivered(**row._mapping) for row in await c.execute(_STUCK, asked)]


async def untold(c: AsyncConnection, guild_id: int, refused_since: datetime) -> list[Undelivered]:
    """What was refused lately and nobody was told of yet, newest first."""
    return [Undelivered(**row._mapping) for row in await c.execute(_UNTOLD, {"guild": guild_id, "refused_since": refused_since})]


async def note_told(c: AsyncConnection, guild_id: int, errand_ids: Sequence[int], now: datetime) -> None:
    """Remembers that somebody was told that these were refused."""
    if errand_ids:
        await c.execute(_NOTE_TOLD, {"guild": guild_id, "these": errand_ids, "told_at": now})


async def tidy(c: AsyncConnection, before: datetime) -> None:
    """Forgets what was dropped long ago; what was sent stays, because its messages may have to change."""
    await c.execute(_TIDY, {"before": before})
