"""What anybody may look up of chapters: pages of them by name, and what one chapter's standing rests on, now or on a past day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, String, and_, bindparam, func, not_, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import calendar, functioning
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, State
from bot.domain.checkins import Kind
from bot.domain.functioning import Criterion, Evidence, Status
from bot.domain.policy import Policy
from db.chapters import visible_to
from db.evidence import counted_by, counting
from db.measures import awake_on, newest_state
from db.tables import branch, chapter, chapter_state, checkin, checkin_partner, contact, evidence, report, summary
from db.types import Day, Id, Instant, Snowflake


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of chapters."""

    id: int
    name: str
    city: str | None
    branch: str | None


@dataclass(frozen=True, slots=True)
class Narrow:
    """What a list is narrowed down to; the statuses are functioning, new and resting."""

    branch_id: int | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """A piece of evidence and the entry that it was derived from: a check-in (`kind`), or the report of `period`."""

    evidence: Evidence
    kind: Kind | None
    people: int | None
    period: Month | None


@dataclass(frozen=True, slots=True)
class LastReport:
    """The newest published report, and where it was posted."""

    period: Month
    published_at: datetime
    post: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Background:
    """The day of a chapter's newest record of any kind, its newest report, and its branch."""

    heard_on: date | None
    last_report: LastReport | None
    branch: str | None


async def page(
    c: AsyncConnection,
    guild_id: int,
    user_id: int,
    now: datetime,
    policy: Policy,
    narrow: Narrow,
    *,
    offset: int,
    limit: int,
) -> tuple[list[Listed], int]:
    """Some of the chapters that this person may see, by name, and how many there are in all."""
    asked: dict[str, Any] = {"guild": guild_id, "user": user_id, "now": now, "skipped": offset, "most": limit, "branch": narrow.branch_id}
    days = {} if narrow.status is None else await _days(c, guild_id, now)
    for n, (day, zones) in enumerate(days.items()):
        asked |= {f"zones_{n}": zones, f"day_{n}": day, f"young_{n}": day - timedelta(days=policy.new_days)}
    counted, listed = _pages(narrow.branch_id is not None, narrow.status, len(days))
    total: int = (await c.execute(counted, asked)).scalar_one()
    return [Listed(**row._mapping) for row in await c.execute(listed, asked)], total


async def _days(c: AsyncConnection, guild_id: int, now: datetime) -> Mapping[date, list[str]]:
    """What day it is for the chapters of an organisation: their zones by their today."""
    found: dict[date, list[str]] = {}
    for zone in await c.scalars(_ZONES, {"guild": guild_id}):
        found.setdefault(calendar.today(now, calendar.zone(zone)), []).append(zone)
    return found


@cache
def _pages(of_branch: bool, status: Status | None, days: int) -> tuple[Select[Any], Select[Any]]:
    where = [chapter.c.guild_id == _GUILD, chapter.c.archived_at.is_(None), visible_to(bindparam("user", type_=Snowflake))]
    if of_branch:
        where.append(chapter.c.branch_id == bindparam("branch"))
    if status is not None:
        where.append(_has(status, days))
    wanted = select(chapter.c.id).join_from(chapter, summary, summary.c.chapter_id == chapter.c.id).where(*where)
    listed = (
        wanted.add_columns(chapter.c.name, chapter.c.city, branch.c.name.label("branch"))
        .outerjoin(branch, branch.c.id == chapter.c.branch_id)
        .order_by(chapter.c.folded)
        .offset(bindparam("skipped", type_=Integer))
        .limit(bindparam("most", type_=Integer))
    )
    return select(func.count()).select_from(wanted.subquery()), listed


def _has(status: Status, days: int) -> ColumnElement[bool]:
    def on_its_day(condition: Callable[[int], ColumnElement[bool]]) -> ColumnElement[bool]:
        zones = (bindparam(f"zones_{n}", type_=String, expanding=True) for n in range(days))
        return or_(*(and_(chapter.c.timezone.in_(there), condition(n)) for n, there in enumerate(zones)))

    def rests(n: int) -> ColumnElement[bool]:
        day = bindparam(f"day_{n}", type_=Day)
        return and_(chapter.c.resting_from <= day, or_(chapter.c.resting_until.is_(None), chapter.c.resting_until >= day))

    resting = func.coalesce(on_its_day(rests), False)
    functions = and_(not_(resting), func.coalesce(summary.c.lapses_at > bindparam("now", type_=Instant), False))
    match status:
        case Status.FUNCTIONING:
            return functions
        case Status.RESTING:
            return resting
        case Status.NEW:
            young = on_its_day(lambda n: chapter.c.added_on > bindparam(f"young_{n}", type_=Day))
            return and_(not_(resting), not_(functions), young)
        case _:
            raise ValueError(f"no list is made of chapters that are {status}")


async def state_then(c: AsyncConnection, guild_id: int, chapter_id: int, day: date, ended: datetime) -> State:
    """The state that was in force at the end of a day."""
    row = (
        await c.execute(
            select(chapter_state.c.state, awake_on(day).label("awake"))
            .join_from(chapter, chapter_state, chapter_state.c.id == newest_state(ended))
            .where(chapter.c.guild_id == guild_id, chapter.c.id == chapter_id)
        )
    ).one_or_none()
    if row is None:
        return State.ACTIVE
    return State.ARCHIVED if row.state == State.ARCHIVED.value else State.ACTIVE if row.awake else State.RESTING


async def grounds(c: AsyncConnection, guild_id: int, chapter_id: int, policy: Policy, day: date) -> Sequence[Ground]:
    """For each criterion the newest evidence known by a day, as much of it as the policy asks for; newest first."""
    asked_for = tuple(functioning.needed(criterion, policy) for criterion in Criterion)
    rows = await c.execute(_grounds(asked_for), {"guild": guild_id, "of": chapter_id, "day": day, **counted_by(policy)})
    return [Ground(_piece(row), row.kind and Kind(row.kind), row.people, row.period) for row in rows]


def _piece(row: Row[Any]) -> Evidence:
    return Evidence(Criterion(row.criterion), row.day, row.known_on, row.amount, row.kind, row.people)


@lru_cache(maxsize=16)
def _grounds(asked_for: tuple[int, ...]) -> Select[Any]:
    newest = [
        select(evidence.c.id)
        .where(
            evidence.c.guild_id == _GUILD,
            evidence.c.chapter_id == _OF,
            evidence.c.criterion == criterion.value,
            evidence.c.day <= _DAY,
            evidence.c.known_on <= _DAY,
            *counting(criterion),
        )
        .order_by(evidence.c.day.desc(), evidence.c.id.desc())
        .limit(amount)
        .subquery()
        for criterion, amount in zip(Criterion, asked_for, strict=True)
    ]
    ids = union_all(*(select(each.c.id) for each in newest)).subquery()
    return (
        select(*(evidence.c[name] for name in ("criterion", "day", "known_on", "amount", "kind", "people")), report.c.period)
        .join(ids, ids.c.id == evidence.c.id)
        .outerjoin(report, report.c.id == evidence.c.report_id)
        .order_by(evidence.c.day.desc(), evidence.c.id.desc())
    )


async def background(c: AsyncConnection, entity: Chapter, day: date, ended: datetime) -> Background:
    """What was known of a chapter by the end of a day beside its evidence."""
    asked = {"guild": entity.guild_id, "of": entity.id, "day": day, "ended": ended}
    row = (await c.execute(_BACKGROUND, asked)).one()
    touched_on = None if row.touched_at is None else calendar.today(row.touched_at, entity.zone)
    days = [each for each in (row.own, row.joint, row.reported, touched_on) if each is not None]
    last = None
    if row.first_published_at is not None:
        post = (row.post_channel_id, row.post_message_id)
        last = LastReport(row.period, row.first_published_at, None if None in post else post)
    return Background(max(days, default=None), last, row.branch)


def _background() -> Select[Any]:
    lasting = (checkin.c.guild_id == _GUILD, checkin.c.withdrawn_at.is_(None), checkin.c.day <= _DAY)
    published = (report.c.guild_id == _GUILD, report.c.chapter_id == _OF, report.c.first_published_on <= _DAY)
    joint = (
        select(func.max(checkin.c.day))
        .join(checkin_partner, checkin_partner.c.checkin_id == checkin.c.id)
        .where(checkin_partner.c.chapter_id == _OF, checkin_partner.c.state == "confirmed", *lasting)
    )
    touched = select(func.max(contact.c.at)).where(
        contact.c.guild_id == _GUILD, contact.c.chapter_id == _OF, contact.c.kind == "in_touch", contact.c.at < _ENDED
    )
    last = report.alias("last")
    newest = select(report.c.id).where(*published).order_by(report.c.period.desc()).limit(1)
    return (
        select(
            select(func.max(checkin.c.day)).where(checkin.c.chapter_id == _OF, *lasting).scalar_subquery().label("own"),
            joint.scalar_subquery().label("joint"),
            select(func.max(report.c.first_published_on)).where(*published).scalar_subquery().label("reported"),
            touched.scalar_subquery().label("touched_at"),
            branch.c.name.label("branch"),
            *(last.c[name] for name in ("period", "first_published_at", "post_channel_id", "post_message_id")),
        )
        .select_from(chapter)
        .outerjoin(branch, branch.c.id == chapter.c.branch_id)
        .outerjoin(last, last.c.id == newest.scalar_subquery())
        .where(chapter.c.guild_id == _GUILD, chapter.c.id == _OF)
    )


# Built once: these are asked whenever somebody looks a chapter up.
_GUILD, _OF, _DAY, _ENDED = (
    bindparam("guild", type_=Snowflake),
    bindparam("of", type_=Id),
    bindparam("day", type_=Day),
    bindparam("ended", type_=Instant),
)
_BACKGROUND = _background()
_ZONES = select(chapter.c.timezone).where(chapter.c.guild_id == _GUILD).distinct()
_BRANCH_NAME = select(branch.c.name).where(branch.c.guild_id == _GUILD, branch.c.id == _OF)


async def branch_name(c: AsyncConnection, guild_id: int, branch_id: int) -> str | None:
    """What a branch is called."""
    found: str | None = await c.scalar(_BRANCH_NAME, {"guild": guild_id, "of": branch_id})
    return found
