"""Organisations and the policy that is in force in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import calendar
from bot.domain.policy import Policy
from db.statements import insert_or
from db.tables import organisation, policy


@dataclass(frozen=True, slots=True)
class Organisation:
    """One Discord server and what it was set up with."""

    guild_id: int
    timezone: str
    language: str
    coordinator_role: int | None
    facilitator_role: int | None
    facilitators_channel: int | None
    reports_channel: int | None
    created_at: datetime
    set_up_at: datetime | None
    valued_through: date | None
    digested_on: date | None
    asks_since: datetime | None = None
    lacks: Mapping[str, str | None] | None = None
    slug: str | None = None
    public_name: str | None = None
    public_since: datetime | None = None
    policy: Policy = field(default_factory=Policy)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that goals, daily values and the digest are counted in."""
        return calendar.zone(self.timezone)


_COLUMNS = tuple(column for column in organisation.c if column.name not in ("next_at", "removed_at"))
# Nearly every answer begins with these, so they are put together once.
_WITH_POLICY = (
    select(*_COLUMNS, policy.c.key.label("policy_key"), policy.c.value.label("policy_value"))
    .outerjoin(policy, policy.c.guild_id == organisation.c.guild_id)
    .order_by(organisation.c.guild_id, policy.c.since, policy.c.id)
)
_FOUND = _WITH_POLICY.where(organisation.c.guild_id == bindparam("guild"))
_DUE = _WITH_POLICY.where(organisation.c.next_at <= bindparam("now"))
_POLICY = select(policy.c.key, policy.c.value).where(policy.c.guild_id == bindparam("guild")).order_by(policy.c.since, policy.c.id)


def _organisations(rows: Iterable[Row[Any]]) -> list[Organisation]:
    """The organisations of these rows: one row for each that changed nothing of the policy, else one for each change."""
    found: list[Organisation] = []
    for _, changes in groupby(rows, key=lambda row: row.guild_id):
        of_one = list(changes)
        values = {column.name: of_one[0]._mapping[column.name] for column in _COLUMNS}
        in_force = {row.policy_key: row.policy_value for row in of_one if row.policy_key is not None}
        found.append(Organisation(**values, policy=Policy.of(in_force)))
    return found


async def find(c: AsyncConnection, guild_id: int) -> Organisation | None:
    """The organisation of this server with its newest policy, or None while nobody has set it up."""
    found = _organisations(await c.execute(_FOUND, {"guild": guild_id}))
    return found[0] if found else None


async def all_of_them(c: AsyncConnection) -> list[Organisation]:
    """Every organisation, by id."""
    return _organisations(await c.execute(_WITH_POLICY))


async def due(c: AsyncConnection, now: datetime) -> list[Organisation]:
    """The organisations that something may be owed in at this moment."""
    return _organisations(await c.execute(_DUE, {"now": now}))


async def create(c: AsyncConnection, guild_id: int, now: datetime, timezone: str = "UTC", language: str = "en") -> bool:
    """Creates the organisation of this server, whose chapters nobody has agreed to ask yet; False if it was there already."""
    made = await c.execute(
        insert_or(organisation)
        .values(guild_id=guild_id, timezone=timezone, language=language, created_at=now, next_at=now)
        .on_conflict_do_nothing()
    )
    return made.rowcount == 1


async def change(c: AsyncConnection, guild_id: int, values: Mapping[str, Any]) -> None:
    """Stores the given columns."""
    if values:
        await c.execute(update(organisation).where(organisation.c.guild_id == guild_id).values(**values))


async def policy_in_force(c: AsyncConnection, guild_id: int, at: datetime | None = None) -> Policy:
    """The policy that was in force until a moment, or the newest one."""
    rows = _POLICY if at is None else _POLICY.where(policy.c.since < at)
    return Policy.of({row.key: row.value for row in await c.execute(rows, {"guild": guild_id})})


async def set_policy(c: AsyncConnection, guild_id: int, key: str, value: Any, now: datetime, by: int | None) -> None:
    """Puts one value of the policy in force from now on; earlier ones stay for the days they held."""
    await c.execute(insert(policy).values(guild_id=guild_id, key=key, value=value, since=now, set_by=by))
