"""The dated rows of the policy, and what every chapter would stand by under another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import functioning
from bot.domain.chapters import Rest, State, Visibility
from bot.domain.errands import Kind
from bot.domain.functioning import Criterion, Standing
from bot.domain.policy import Policy
from db import organisations
from db.evidence import counted_by
from db.summaries import evidence_days, standing_of
from db.tables import chapter, outbox, policy, summary


@dataclass(frozen=True, slots=True)
class Chosen:
    """That a setting was given a value: since when, and by whom."""

    id: int
    key: str
    value: Any
    since: datetime
    set_by: int | None


class Stands(NamedTuple):
    """How a chapter stands by its evidence: what decides when it lapses, and what else its status hangs on."""

    id: int
    zone: str
    hidden: bool
    added_on: date
    resting_from: date | None
    resting_until: date | None
    heard_on: date | None
    standings: dict[Criterion, Standing]

    def state(self, day: date) -> State:
        """Whether it rests on this day."""
        rests = self.resting_from is not None and Rest(self.resting_from, self.resting_until).covers(day)
        return State.RESTING if rests else State.ACTIVE


_CHOSEN = (
    select(policy.c.id, policy.c.key, policy.c.value, policy.c.since, policy.c.set_by)
    .where(policy.c.guild_id == bindparam("guild"))
    .order_by(policy.c.since, policy.c.id)
)
_NEWEST = select(func.max(policy.c.id)).where(policy.c.guild_id == bindparam("guild"))
_NEWEST_SINCE = select(func.max(policy.c.since)).where(policy.c.guild_id == bindparam("guild"))
_UNPLAN = delete(outbox).where(
    outbox.c.guild_id == bindparam("guild"),
    outbox.c.kind.in_([kind.value for kind in Kind]),
    outbox.c.state == "waiting",
    outbox.c.first_claimed_at.is_(None),
)
_LOOK = update(summary).where(summary.c.guild_id == bindparam("guild")).values(next_at=bindparam("now"))


async def chosen(c: AsyncConnection, guild_id: int) -> dict[str, Chosen]:
    """What was last chosen for each setting that was ever changed, by its key."""
    return {row.key: Chosen(*row) for row in await c.execute(_CHOSEN, {"guild": guild_id})}


async def version(c: AsyncConnection, guild_id: int) -> int:
    """The id of the newest change, 0 while everything is as the rules were written: it differs whenever the policy may."""
    return await c.scalar(_NEWEST, {"guild": guild_id}) or 0


async def newest_since(c: AsyncConnection, guild_id: int) -> datetime | None:
    """The moment of the newest change: chapters that the planner is still to look at for it wait since then."""
    found: datetime | None = await c.scalar(_NEWEST_SINCE, {"guild": guild_id})
    return found


async def put(c: AsyncConnection, guild_id: int, key: str, value: Any, now: datetime, by: int | None) -> None:
    """Puts a value in force from now on, and has every chapter looked at anew by the planner, a few at a time.

    What was planned by the old policy, and that nobody has begun to send, is planned anew by the new one, or is not owed any more.
    The mark is part of the same transaction: whatever stops the program before all are looked at, the next tick goes on.
    """
    await organisations.set_policy(c, guild_id, key, value, now, by)
    await c.execute(_UNPLAN, {"guild": guild_id})
    await c.execute(_LOOK, {"guild": guild_id, "now": now})


async def stands(c: AsyncConnection, guild_id: int, policy: Policy, after: int, limit: int) -> Sequence[Stands]:
    """The next chapters by id that are not archived, as their evidence counts under this policy."""
    needed = tuple(functioning.needed(criterion, policy) for criterion in Criterion)
    asked = {"guild": guild_id, "after": after, "most": limit, **counted_by(policy)}
    found = []
    for row in await c.execute(_stands(needed), asked):
        standings, at = dict[Criterion, Standing](), len(_LEAN)
        for criterion, amount in zip(Criterion, needed, strict=True):
            standings[criterion] = standing_of(row[at : at + 2 * amount], amount)
            at += 2 * amount
        found.append(Stands._make((*row[: len(_LEAN)], standings)))
    return found


_LEAN = (
    chapter.c.id,
    chapter.c.timezone,
    (chapter.c.visibility == Visibility.HIDDEN.value).label("hidden"),
    chapter.c.added_on,
    chapter.c.resting_from,
    chapter.c.resting_until,
    summary.c.heard_on,
)


@lru_cache(maxsize=64)
def _stands(needed: tuple[int, ...]) -> Select[Any]:
    days = [value for criterion, amount in zip(Criterion, needed, strict=True) for value in evidence_days(criterion, amount)]
    return (
        select(*_LEAN, *(value.label(f"evidence_{n}") for n, value in enumerate(days)))
        .join(summary, summary.c.chapter_id == chapter.c.id)
        .where(chapter.c.guild_id == bindparam("guild"), chapter.c.archived_at.is_(None), chapter.c.id > bindparam("after"))
        .order_by(chapter.c.id)
        .limit(bindparam("most", type_=Integer))
    )
