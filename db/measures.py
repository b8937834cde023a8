"""What the goals measure beside the chapters' own tally, and what all measuring shares: when, and how a figure is told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, distinct, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import ONE_DAY
from bot.domain.chapters import Dues, Money, State, Visibility
from bot.domain.checkins import Kind
from bot.domain.policy import Policy
from db.tables import branch, chapter, chapter_state, checkin, checkin_partner, gathering, gathering_chapter, standing_fact

CONFIRMED = 2
"""A gathering counts once so many of its chapters have confirmed it."""


@dataclass(frozen=True, slots=True)
class At:
    """When something is measured: on the organisation's day, or (with `ended`) on a past one as it was at that moment, its end."""

    day: date
    now: datetime
    ended: datetime | None = None

    def since(self, days: int) -> date:
        """The first of the last so many days."""
        return self.day - timedelta(days=days - 1)

    @property
    def until(self) -> date:
        """The last day of which entries count; now this is tomorrow, because some chapters are ahead of their organisation."""
        return self.day if self.ended else self.day + ONE_DAY


@dataclass(frozen=True, slots=True)
class Part:
    """A figure, how many chapters told something of what it counts, and the day of its oldest part."""

    value: int
    behind: int
    oldest: date | None


def newest_state(ended: datetime | ColumnElement[Any]) -> ColumnElement[Any]:
    """The dated state that was in force for a chapter at this moment; none for one that was not there yet."""
    rows = select(chapter_state.c.id).where(chapter_state.c.chapter_id == chapter.c.id, chapter_state.c.since < ended)
    return rows.order_by(chapter_state.c.since.desc(), chapter_state.c.id.desc()).limit(1).correlate(chapter).scalar_subquery()


def awake_on(day: date | ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a dated state leaves a chapter active on this day."""
    resting = and_(chapter_state.c.state == State.RESTING.value, chapter_state.c.from_day <= day)
    return not_(and_(resting, or_(chapter_state.c.until.is_(None), chapter_state.c.until >= day)))


def functions_at(of: Any, now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a chapter whose summary has these columns functions at this moment."""
    return and_(of.lapses_at > now, or_(of.awake_at.is_(None), of.awake_at <= now))


_FACTS = (
    select(standing_fact.c.branch_id, standing_fact.c.key, standing_fact.c.value, standing_fact.c.confirmed_on)
    .join(branch, branch.c.id == standing_fact.c.branch_id)
    .where(branch.c.guild_id == bindparam("guild"), standing_fact.c.confirmed_on <= bindparam("until"))
    .order_by(standing_fact.c.confirmed_on, standing_fact.c.id)
)


async def branches_collecting(c: AsyncConnection, guild_id: int, at: At, policy: Policy) -> Part:
    """Branches that have a way to hold money and collect dues, both confirmed lately; behind it are those whose dues are known."""
    newest: dict[int, dict[str, tuple[str, date]]] = {}
    for row in await c.execute(_FACTS, {"guild": guild_id, "until": at.until}):
        newest.setdefault(row.branch_id, {})[row.key] = (row.value, row.confirmed_on)
    recent = at.since(policy.dues_days)
    told, collecting = 0, []
    for facts in newest.values():
        dues, dues_on = facts.get("dues", (None, date.min))
        money, money_on = facts.get("money", (Money.NONE, date.min))
        told += dues_on >= recent
        if dues == Dues.COLLECTING and money != Money.NONE and min(dues_on, money_on) >= recent:
            collecting.append(min(dues_on, money_on))
    return Part(len(collecting), told, min(collecting, default=None))


async def gatherings(c: AsyncConnection, guild_id: int, first: date, at: At) -> tuple[Part, bool]:
    """Branches with a gathering since a day that at least two of its chapters confirmed, and whether any gathering was ever recorded."""
    row = (await c.execute(_gatherings(), {"guild": guild_id, "first": first, "until": at.until})).one()
    return Part(row.value, row.behind, row.oldest), bool(row.ever)


@cache
def _gatherings() -> Select[Any]:
    yes = gathering_chapter.c.state == "confirmed"
    by_now = and_(gathering.c.guild_id == bindparam("guild"), gathering.c.day <= bindparam("until"))
    held = (
        select(gathering.c.id, gathering.c.branch_id, gathering.c.day)
        .join(gathering_chapter, and_(gathering_chapter.c.gathering_id == gathering.c.id, yes))
        .where(by_now, gathering.c.day >= bindparam("first"))
        .group_by(gathering.c.id)
        .having(func.count() >= CONFIRMED)
        .subquery()
    )
    behind = select(func.count(distinct(gathering_chapter.c.chapter_id))).where(
        yes, gathering_chapter.c.gathering_id.in_(select(held.c.id))
    )
    return select(
        func.count(distinct(held.c.branch_id)).label("value"),
        func.min(held.c.day).label("oldest"),
        behind.scalar_subquery().label("behind"),
        select(gathering.c.id).where(by_now).exists().label("ever"),
    )


async def checkins(c: AsyncConnection, guild_id: int, kind: Kind, first: date, at: At, *, hidden: bool = True) -> tuple[Part, bool]:
    """Check-ins of a kind since a day, a joint one once and withdrawn ones not at all, and whether one of this kind was ever recorded."""
    asked = {"guild": guild_id, "kind": kind.value, "first": first, "until": at.until, "ended": at.ended}
    row = (await c.execute(_checkins(at.ended is not None, hidden), asked)).one()
    return Part(row.value, row.behind, row.oldest), bool(row.ever)


@cache
def _checkins(past: bool, hidden: bool) -> Select[Any]:
    there = _there(past, hidden)
    joined = exists().where(
        checkin_partner.c.checkin_id == checkin.c.id, checkin_partner.c.state == "confirmed", checkin_partner.c.chapter_id.in_(there)
    )
    counted = select(checkin.c.id).where(
        checkin.c.guild_id == bindparam("guild"),
        checkin.c.kind == bindparam("kind"),
        checkin.c.day <= bindparam("until"),
        checkin.c.withdrawn_at.is_(None),
        or_(checkin.c.chapter_id.in_(there), joined),
    )
    by_chapter = (
        counted.where(checkin.c.day >= bindparam("first"))
        .with_only_columns(checkin.c.chapter_id, func.count().label("checkins"), func.min(checkin.c.day).label("oldest"))
        .group_by(checkin.c.chapter_id)
        .subquery()
    )
    return select(
        func.coalesce(func.sum(by_chapter.c.checkins), 0).label("value"),
        func.count().label("behind"),
        func.min(by_chapter.c.oldest).label("oldest"),
        counted.exists().label("ever"),
    ).select_from(by_chapter)


def _there(past: bool, hidden: bool) -> Select[Any]:
    """The ids of the chapters that are not archived."""
    rows = select(chapter.c.id).where(chapter.c.guild_id == bindparam("guild"))
    if past:
        in_force = newest_state(bindparam("ended"))
        rows = rows.join(chapter_state, chapter_state.c.id == in_force).where(chapter_state.c.state != State.ARCHIVED.value)
    else:
        rows = rows.where(chapter.c.archived_at.is_(None))
    return rows if hidden else rows.where(chapter.c.visibility != Visibility.HIDDEN.value)
