"""What the goals measure, counted over all chapters of an organisation: now from the summaries, on a past day from the entries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, not_, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import functioning
from bot.domain.calendar import ONE_DAY, Month
from bot.domain.chapters import Dues, Money, State, Visibility
from bot.domain.checkins import Kind
from bot.domain.functioning import Criterion
from bot.domain.goals import Metric
from bot.domain.policy import Policy
from db.tables import (
    branch,
    chapter,
    chapter_state,
    checkin,
    checkin_partner,
    evidence,
    gathering,
    gathering_chapter,
    report,
    standing_fact,
    summary,
)

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


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted chapter by chapter; only what was asked for is more than nothing."""

    chapters: int
    members: Part
    met: Part
    functioning: Part
    at_risk: int
    collecting: Part
    delegates: Part
    reporting: Part


async def tally(c: AsyncConnection, guild_id: int, at: At, policy: Policy, wanted: Collection[str], *, hidden: bool = True) -> Tally:
    """Counts for the wanted metrics over all chapters that are active or resting, or over those only that are not hidden."""
    rows = _now(guild_id, at, policy, wanted) if at.ended is None else _then(guild_id, at, at.ended, policy, wanted)
    if not hidden:
        rows = rows.where(chapter.c.visibility != Visibility.HIDDEN.value)
    told = rows.cte("told")
    if at.ended is not None or {Metric.DELEGATES, Metric.REPORTING_CHAPTERS} & set(wanted):
        # A column that is a search of its own would be searched again wherever its value is used.
        told = told.prefix_with("MATERIALIZED")
    judged = _judged_now(told.c, at) if at.ended is None else _judged_then(told.c, at, policy)
    row = (await c.execute(_sums(told.c, judged, at, policy))).one()
    heard_on = [day for day in (row.together_on, row.learns_on, row.reports_on) if day is not None]
    return Tally(
        chapters=row.chapters,
        members=Part(row.members or 0, row.members_told, _day(row.members_on)),
        met=Part(row.met or 0, row.met_told, _day(row.met_on)),
        functioning=Part(row.functions, row.heard, min(heard_on, default=None)),
        at_risk=row.at_risk,
        collecting=Part(row.collecting, row.dues_told, row.collecting_on),
        delegates=Part(row.delegates, row.delegates_told, row.delegates_on),
        reporting=Part(row.reporting, row.reporting_told, row.reporting_on),
    )


def _day(on: date | Month | None) -> date | None:
    return on.last if isinstance(on, Month) else on


@dataclass(frozen=True, slots=True)
class _Judged:
    """Conditions on one chapter's row: whether it functions, is at risk, and since when it is known to collect dues."""

    functions: ColumnElement[bool]
    risky: ColumnElement[bool]
    collecting_on: ColumnElement[Any]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _sums(told: Any, judged: _Judged, at: At, policy: Policy) -> Select[Any]:
    """One row of sums over one row for each chapter."""
    evidence_days = [told[f"{each}_on"] for each in Criterion]
    delegate, reporting = told.delegate == "yes", told.published_on >= at.since(policy.reporting_days)
    collecting = judged.collecting_on >= at.since(policy.dues_days)
    return select(
        func.count().label("chapters"),
        func.sum(told.members).label("members"),
        func.count(told.members).label("members_told"),
        func.min(told.members_on).label("members_on"),
        func.sum(told.met).label("met"),
        func.count(told.met).label("met_told"),
        func.min(told.met_on).label("met_on"),
        _count(judged.functions).label("functions"),
        _count(and_(judged.functions, judged.risky)).label("at_risk"),
        _count(or_(*(day.isnot(None) for day in evidence_days))).label("heard"),
        *(func.min(case((judged.functions, day))).label(day.name) for day in evidence_days),
        _count(collecting).label("collecting"),
        func.min(case((collecting, judged.collecting_on))).label("collecting_on"),
        _count(told.dues_on >= at.since(policy.dues_days)).label("dues_told"),
        _count(delegate).label("delegates"),
        func.count(told.delegate).label("delegates_told"),
        func.min(case((delegate, told.delegate_on))).label("delegates_on"),
        _count(reporting).label("reporting"),
        func.count(told.published_on).label("reporting_told"),
        func.min(case((reporting, told.published_on))).label("reporting_on"),
    )


def _now(guild_id: int, at: At, policy: Policy, wanted: Collection[str]) -> Select[Any]:
    """One row for each chapter from its summary."""
    counts = summary.c.members_on >= at.since(policy.members_days)
    meets = summary.c.met_on >= at.since(policy.active_members_days)
    kept = ("lapses_at", "at_risk_at", "awake_at", "collecting_on", *(f"{each}_on" for each in Criterion))
    return (
        select(
            case((counts, summary.c.members)).label("members"),
            case((counts & summary.c.members.isnot(None), summary.c.members_on)).label("members_on"),
            case((meets, summary.c.met)).label("met"),
            case((meets & summary.c.met.isnot(None), summary.c.met_on)).label("met_on"),
            *(summary.c[name] for name in kept),
            _if(Metric.DUES_BODIES in wanted, _fact(summary.c.chapter_id, "dues", standing_fact.c.confirmed_on, at.until)).label("dues_on"),
            *_searched(summary.c.chapter_id, at, wanted),
        )
        .join_from(summary, chapter, chapter.c.id == summary.c.chapter_id)
        .where(summary.c.guild_id == guild_id, ~summary.c.archived)
    )


def _judged_now(told: Any, at: At) -> _Judged:
    awake = or_(told.awake_at.is_(None), told.awake_at <= at.now)
    return _Judged(and_(told.lapses_at > at.now, awake), told.at_risk_at <= at.now, told.collecting_on)


def _then(guild_id: int, at: At, ended: datetime, policy: Policy, wanted: Collection[str]) -> Select[Any]:
    """One row for each chapter from its entries, as it stood on a past day."""
    members, met = report.alias("reported_members"), report.alias("reported_met")
    money, dues = standing_fact.alias("money"), standing_fact.alias("dues")
    judged = Metric.FUNCTIONING_CHAPTERS in wanted
    collecting = Metric.DUES_BODIES in wanted
    return (
        select(
            members.c.members,
            members.c.period.label("members_on"),
            met.c.met,
            met.c.period.label("met_on"),
            awake_on(at.day).label("awake"),
            *(_if(judged, _newest_evidence(each, at.day)).label(f"{each}_on") for each in Criterion),
            *(_if(judged, _deciding(each, at.day, policy)).label(f"{each}_by") for each in _several(policy)),
            money.c.value.label("money"),
            money.c.confirmed_on.label("money_on"),
            dues.c.value.label("dues"),
            dues.c.confirmed_on.label("dues_on"),
            *_searched(chapter.c.id, at, wanted),
        )
        .select_from(chapter)
        .join(chapter_state, chapter_state.c.id == newest_state(ended))
        .outerjoin(members, members.c.id == _newest_report(report.c.members, at, policy.members_days))
        .outerjoin(met, met.c.id == _newest_report(report.c.met, at, policy.active_members_days))
        .outerjoin(money, money.c.id == _if(collecting, _fact(chapter.c.id, "money", standing_fact.c.id, at.day)))
        .outerjoin(dues, dues.c.id == _if(collecting, _fact(chapter.c.id, "dues", standing_fact.c.id, at.day)))
        .where(chapter.c.guild_id == guild_id, chapter_state.c.state != State.ARCHIVED.value)
    )


def _several(policy: Policy) -> list[Criterion]:
    """The criteria of which one piece of evidence is not enough, so that the newest does not decide."""
    return [each for each in Criterion if functioning.needed(each, policy) > 1]


def _judged_then(told: Any, at: At, policy: Policy) -> _Judged:
    safe, several = at.day + timedelta(days=policy.at_risk_days), _several(policy)
    lasts = [(told[f"{each}_by" if each in several else f"{each}_on"], functioning.window(each, policy)) for each in Criterion]
    collects = and_(told.dues == Dues.COLLECTING.value, told.money != Money.NONE.value)
    return _Judged(
        functions=and_(told.awake, *(by > at.day - window for by, window in lasts)),
        risky=or_(*(by <= safe - window for by, window in lasts)),
        collecting_on=case((and_(collects, told.dues_on < told.money_on), told.dues_on), (collects, told.money_on)),
    )


def _if(wanted: bool, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column if wanted else null()


def newest_state(ended: datetime) -> ColumnElement[Any]:
    """The dated state that was in force for a chapter at this moment; none for one that was not there yet."""
    rows = select(chapter_state.c.id).where(chapter_state.c.chapter_id == chapter.c.id, chapter_state.c.since < ended)
    return rows.order_by(chapter_state.c.since.desc(), chapter_state.c.id.desc()).limit(1).correlate(chapter).scalar_subquery()


def awake_on(day: date) -> ColumnElement[bool]:
    """Whether a dated state leaves a chapter active on this day."""
    resting = and_(chapter_state.c.state == State.RESTING.value, chapter_state.c.from_day <= day)
    return not_(and_(resting, or_(chapter_state.c.until.is_(None), chapter_state.c.until >= day)))


def _searched(chapter_id: ColumnElement[Any], at: At, wanted: Collection[str]) -> list[ColumnElement[Any]]:
    """What no summary holds, searched for each chapter, and only for metrics that need it."""
    published = select(func.max(report.c.first_published_on)).where(
        report.c.chapter_id == chapter_id, report.c.first_published_on <= at.until
    )
    delegates = Metric.DELEGATES in wanted
    return [
        _if(delegates, _fact(chapter_id, "delegate", standing_fact.c.value, at.until)).label("delegate"),
        _if(delegates, _fact(chapter_id, "delegate", standing_fact.c.confirmed_on, at.until)).label("delegate_on"),
        _if(Metric.REPORTING_CHAPTERS in wanted, published.correlate(chapter_id.table).scalar_subquery()).label("published_on"),
    ]


def _fact(chapter_id: ColumnElement[Any], key: str, column: ColumnElement[Any], until: date) -> ColumnElement[Any]:
    rows = select(column).where(standing_fact.c.chapter_id == chapter_id, standing_fact.c.key == key, standing_fact.c.confirmed_on <= until)
    newest = rows.order_by(standing_fact.c.confirmed_on.desc(), standing_fact.c.id.desc()).limit(1)
    return newest.correlate(chapter_id.table).scalar_subquery()


def _newest_report(answer: ColumnElement[Any], at: At, days: int) -> ColumnElement[Any]:
    """The report of the newest period in the window that answers this and was first published by the day."""
    rows = select(report.c.id).where(
        report.c.chapter_id == chapter.c.id,
        report.c.period >= Month.of(at.since(days)),
        report.c.first_published_on <= at.day,
        answer.isnot(None),
    )
    return rows.order_by(report.c.period.desc()).limit(1).correlate(chapter).scalar_subquery()


def _newest_evidence(criterion: Criterion, day: date) -> ColumnElement[Any]:
    rows = _evidence(criterion, day).with_only_columns(evidence.c.day)
    return rows.order_by(evidence.c.day.desc()).limit(1).correlate(chapter).scalar_subquery()


def _evidence(criterion: Criterion, day: date) -> Select[Any]:
    of_chapter = and_(evidence.c.chapter_id == chapter.c.id, evidence.c.criterion == criterion.value)
    return select(evidence).where(of_chapter, evidence.c.day <= day, evidence.c.known_on <= day)


def _deciding(criterion: Criterion, day: date, policy: Policy) -> ColumnElement[Any]:
    """The newest day from which on the evidence is as much as the policy asks for."""
    later = evidence.alias("later")
    amount = select(func.sum(later.c.amount)).where(
        later.c.chapter_id == evidence.c.chapter_id,
        later.c.criterion == evidence.c.criterion,
        later.c.day.between(evidence.c.day, day),
        later.c.known_on <= day,
    )
    enough = _evidence(criterion, day).where(
        evidence.c.day > day - functioning.window(criterion, policy),
        amount.correlate(evidence).scalar_subquery() >= functioning.needed(criterion, policy),
    )
    return enough.with_only_columns(func.max(evidence.c.day)).correlate(chapter).scalar_subquery()


async def branches_collecting(c: AsyncConnection, guild_id: int, at: At, policy: Policy) -> Part:
    """Branches that have a way to hold money and collect dues, both confirmed lately; behind it are those whose dues are known."""
    rows = await c.execute(
        select(standing_fact.c.branch_id, standing_fact.c.key, standing_fact.c.value, standing_fact.c.confirmed_on)
        .join(branch, branch.c.id == standing_fact.c.branch_id)
        .where(branch.c.guild_id == guild_id, standing_fact.c.confirmed_on <= at.until)
        .order_by(standing_fact.c.confirmed_on, standing_fact.c.id)
    )
    newest: dict[int, dict[str, tuple[str, date]]] = {}
    for row in rows:
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
    yes = gathering_chapter.c.state == "confirmed"
    held = (
        select(gathering.c.id, gathering.c.branch_id, gathering.c.day)
        .join(gathering_chapter, and_(gathering_chapter.c.gathering_id == gathering.c.id, yes))
        .where(gathering.c.guild_id == guild_id, gathering.c.day.between(first, at.until))
        .group_by(gathering.c.id)
        .having(func.count() >= CONFIRMED)
        .subquery()
    )
    behind = select(func.count(distinct(gathering_chapter.c.chapter_id))).where(
        yes, gathering_chapter.c.gathering_id.in_(select(held.c.id))
    )
    ever = select(gathering.c.id).where(gathering.c.guild_id == guild_id, gathering.c.day <= at.until).exists()
    row = (
        await c.execute(
            select(func.count(distinct(held.c.branch_id)).label("value"), func.min(held.c.day).label("oldest")).add_columns(
                behind.scalar_subquery().label("behind"), ever.label("ever")
            )
        )
    ).one()
    return Part(row.value, row.behind, row.oldest), bool(row.ever)


async def checkins(c: AsyncConnection, guild_id: int, kind: Kind, first: date, at: At, *, hidden: bool = True) -> tuple[Part, bool]:
    """Check-ins of a kind since a day, a joint one once and withdrawn ones not at all, and whether one of this kind was ever recorded."""
    there = _there(guild_id, at, hidden=hidden)
    joined = exists().where(
        checkin_partner.c.checkin_id == checkin.c.id, checkin_partner.c.state == "confirmed", checkin_partner.c.chapter_id.in_(there)
    )
    counted = select(checkin.c.id).where(
        checkin.c.guild_id == guild_id,
        checkin.c.kind == kind.value,
        checkin.c.day <= at.until,
        checkin.c.withdrawn_at.is_(None),
        or_(checkin.c.chapter_id.in_(there), joined),
    )
    by_chapter = (
        counted.where(checkin.c.day >= first)
        .with_only_columns(checkin.c.chapter_id, func.count().label("checkins"), func.min(checkin.c.day).label("oldest"))
        .group_by(checkin.c.chapter_id)
        .subquery()
    )
    sums = select(
        func.coalesce(func.sum(by_chapter.c.checkins), 0).label("value"),
        func.count().label("behind"),
        func.min(by_chapter.c.oldest).label("oldest"),
        counted.exists().label("ever"),
    )
    row = (await c.execute(sums.select_from(by_chapter))).one()
    return Part(row.value, row.behind, row.oldest), bool(row.ever)


def _there(guild_id: int, at: At, *, hidden: bool) -> Select[Any]:
    """The ids of the chapters that are not archived."""
    rows = select(chapter.c.id).where(chapter.c.guild_id == guild_id)
    if at.ended is None:
        rows = rows.where(chapter.c.archived_at.is_(None))
    else:
        rows = rows.join(chapter_state, chapter_state.c.id == newest_state(at.ended)).where(chapter_state.c.state != State.ARCHIVED.value)
    return rows if hidden else rows.where(chapter.c.visibility != Visibility.HIDDEN.value)
