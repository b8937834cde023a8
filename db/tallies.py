"""What the goals measure chapter by chapter: now summed from the summaries, on a past day from the entries as they were known then."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, BindParameter, ColumnElement, FromClause, Row, Select, and_, bindparam, case, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import functioning
from bot.domain.calendar import Month
from bot.domain.chapters import Dues, Money, State, Visibility
from bot.domain.functioning import Criterion
from bot.domain.goals import Metric
from bot.domain.policy import Policy
from db.evidence import counted_by, counting
from db.measures import At, Part, awake_on, functions_at, newest_state
from db.tables import chapter, chapter_state, evidence, report, standing_fact, summary

_MEMBERS = frozenset({Metric.MEMBERS, Metric.GENDER_BALANCE})
_MET = frozenset({Metric.MEMBERS, Metric.ACTIVE_MEMBERS})
_SUMMED = _MEMBERS | _MET | {Metric.FUNCTIONING_CHAPTERS, Metric.DUES_BODIES, Metric.DELEGATES, Metric.REPORTING_CHAPTERS}

_GUILD: BindParameter[Any] = bindparam("guild")
_NOW: BindParameter[Any] = bindparam("now")
_UNTIL: BindParameter[Any] = bindparam("until")
_ENDED: BindParameter[Any] = bindparam("ended")


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted chapter by chapter; only what the wanted metrics are made of is more than nothing."""

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
    metrics = _SUMMED.intersection(wanted)
    sums = _now(metrics, hidden) if at.ended is None else _then(metrics, hidden, _several(policy))
    row = (await c.execute(sums, _values(guild_id, at, policy))).one()
    return Tally(
        chapters=row.chapters,
        members=_part(row, "members", ["members_on"]),
        met=_part(row, "met", ["met_on"]),
        functioning=_part(row, "functioning", [f"{each}_on" for each in Criterion]),
        at_risk=row._mapping.get("at_risk", 0),
        collecting=_part(row, "collecting", ["collecting_on"]),
        delegates=_part(row, "delegates", ["delegates_on"]),
        reporting=_part(row, "reporting", ["reporting_on"]),
    )


async def first_heard(c: AsyncConnection, guild_id: int, at: At, earlier: At, policy: Policy, *, hidden: bool) -> int:
    """How many chapters function at the end of a day that were there at the end of an earlier one, with nothing known of them then."""
    asked = _values(guild_id, at, policy) | {"earlier": earlier.day, "earlier_ended": earlier.ended}
    found: int = (await c.execute(_then_first_heard(hidden, _several(policy)), asked)).scalar_one()
    return found


def _part(row: Row[Any], name: str, days: Collection[str]) -> Part:
    values = row._mapping
    oldest = [_day(values[on]) for on in days if values.get(on) is not None]
    return Part(values.get(name) or 0, values.get(f"{name}_told", 0), min(oldest, default=None))


def _day(on: date | Month) -> date:
    return on.last if isinstance(on, Month) else on


def _several(policy: Policy) -> frozenset[Criterion]:
    """The criteria of which one piece of evidence is not enough, so that the newest does not decide."""
    return frozenset(each for each in Criterion if functioning.needed(each, policy) > 1)


def _values(guild_id: int, at: At, policy: Policy) -> dict[str, Any]:
    """What the statements below are run with."""
    days = {"members": policy.members_days, "met": policy.active_members_days, "dues": policy.dues_days, "reporting": policy.reporting_days}
    values: dict[str, Any] = {"guild": guild_id, "until": at.until, **{f"{name}_since": at.since(n) for name, n in days.items()}}
    if at.ended is None:
        return values | {"now": at.now}
    values |= {"ended": at.ended} | counted_by(policy) | {f"{name}_from": Month.of(at.since(days[name])) for name in ("members", "met")}
    for each in Criterion:
        lapsed = at.day - functioning.window(each, policy)
        risky = lapsed + timedelta(days=policy.at_risk_days)
        values |= {f"{each}_lapsed": lapsed, f"{each}_risky": risky, f"{each}_needed": functioning.needed(each, policy)}
    return values


@dataclass(frozen=True, slots=True)
class _Judged:
    """Conditions on one chapter's row: whether its answers count, it functions, is at risk, and since when it is known to collect dues."""

    members: ColumnElement[bool]
    met: ColumnElement[bool]
    functions: ColumnElement[bool]
    risky: ColumnElement[bool]
    collecting_on: ColumnElement[Any]


def _sums(told: FromClause, judged: _Judged, metrics: frozenset[str]) -> Select[Any]:
    """One row of sums over one row for each chapter."""
    return select(*_summed(told.c, judged, metrics)).select_from(told)


def _summed(told: Any, judged: _Judged, metrics: frozenset[str]) -> Iterator[ColumnElement[Any]]:
    """For each figure: what it is, how many told something of it, and its oldest day."""
    yield func.count().label("chapters")
    for name, counts, of in (("members", judged.members, _MEMBERS), ("met", judged.met, _MET)):
        if metrics & of:
            yield func.sum(told[name]).filter(counts).label(name)
            yield func.count().filter(counts).label(f"{name}_told")
            yield func.min(told[f"{name}_on"]).filter(counts).label(f"{name}_on")
    if Metric.FUNCTIONING_CHAPTERS in metrics:
        evidence_days = [told[f"{each}_on"] for each in Criterion]
        yield func.count().filter(judged.functions).label("functioning")
        yield func.count().filter(judged.functions, judged.risky).label("at_risk")
        yield func.count(func.coalesce(*evidence_days)).label("functioning_told")
        yield from (func.min(day).filter(judged.functions).label(day.name) for day in evidence_days)
    if Metric.DUES_BODIES in metrics:
        collecting = judged.collecting_on >= bindparam("dues_since")
        yield func.count().filter(collecting).label("collecting")
        yield func.min(judged.collecting_on).filter(collecting).label("collecting_on")
        yield func.count().filter(told.dues_on >= bindparam("dues_since")).label("collecting_told")
    if Metric.DELEGATES in metrics:
        yield func.count().filter(told.delegate == "yes").label("delegates")
        yield func.count(told.delegate).label("delegates_told")
        yield func.min(told.delegate_on).filter(told.delegate == "yes").label("delegates_on")
    if Metric.REPORTING_CHAPTERS in metrics:
        reporting = told.published_on >= bindparam("reporting_since")
        yield func.count().filter(reporting).label("reporting")
        yield func.count(told.published_on).label("reporting_told")
        yield func.min(told.published_on).filter(reporting).label("reporting_on")


# Both statements are put together once for each set of metrics: this takes longer than running them for a hundred chapters.


@lru_cache(maxsize=64)
def _now(metrics: frozenset[str], hidden: bool) -> Select[Any]:
    """The sums from the summaries, and from the entries where no summary holds what is wanted."""
    kept = ("members", "members_on", "met", "met_on", "lapses_at", "at_risk_at", "awake_at", "dues_on", "collecting_on")
    rows = (
        select(*(summary.c[name] for name in (*kept, *(f"{each}_on" for each in Criterion))))
        .select_from(summary)
        .where(summary.c.guild_id == _GUILD, ~summary.c.archived)
    )
    if not hidden:
        rows = rows.join(chapter, chapter.c.id == summary.c.chapter_id).where(chapter.c.visibility != Visibility.HIDDEN.value)
    rows = _with_entries(rows, summary.c.chapter_id, metrics)
    told = _searched_once(rows) if Metric.REPORTING_CHAPTERS in metrics else rows.subquery("told")
    row = told.c
    judged = _Judged(
        members=row.members_on >= bindparam("members_since"),
        met=row.met_on >= bindparam("met_since"),
        functions=functions_at(row, _NOW),
        risky=row.at_risk_at <= _NOW,
        collecting_on=row.collecting_on,
    )
    return _sums(told, judged, metrics)


@lru_cache(maxsize=64)
def _then(metrics: frozenset[str], hidden: bool, several: frozenset[Criterion]) -> Select[Any]:
    """The sums from the entries, as every chapter stood on a past day."""
    return _sums(*_judged_then(metrics, hidden, several), metrics)


@lru_cache(maxsize=8)
def _then_first_heard(hidden: bool, several: frozenset[Criterion]) -> Select[Any]:
    """How many functioned on a past day of those that were there on an earlier one, with nothing known of them then."""
    heard = evidence.alias("heard")
    by_then = and_(heard.c.chapter_id == chapter.c.id, heard.c.day <= bindparam("earlier"), heard.c.known_on <= bindparam("earlier"))
    there = newest_state(bindparam("earlier_ended"))
    new = and_(there.isnot(None), ~select(heard.c.id).where(by_then).correlate(chapter).exists())
    told, judged = _judged_then(frozenset({Metric.FUNCTIONING_CHAPTERS}), hidden, several, new.label("first_heard"))
    return select(func.count().filter(judged.functions, told.c.first_heard)).select_from(told)


def _judged_then(
    metrics: frozenset[str], hidden: bool, several: frozenset[Criterion], *more: ColumnElement[Any]
) -> tuple[FromClause, _Judged]:
    rows = (
        select(awake_on(_UNTIL).label("awake"), *more)
        .select_from(chapter)
        .join(chapter_state, chapter_state.c.id == newest_state(_ENDED))
        .where(chapter.c.guild_id == _GUILD, chapter_state.c.state != State.ARCHIVED.value)
    )
    if not hidden:
        rows = rows.where(chapter.c.visibility != Visibility.HIDDEN.value)
    for name, of in (("members", _MEMBERS), ("met", _MET)):
        if metrics & of:
            answered = report.alias(f"reported_{name}")
            rows = rows.outerjoin(answered, answered.c.id == _newest_report(name))
            rows = rows.add_columns(answered.c[name], answered.c.period.label(f"{name}_on"))
        else:
            rows = rows.add_columns(*_nothing(name))
    judged_by = metrics & {Metric.FUNCTIONING_CHAPTERS}
    rows = rows.add_columns(*(_if(judged_by, _newest_evidence(each)).label(f"{each}_on") for each in Criterion))
    rows = rows.add_columns(*(_if(judged_by, _deciding(each)).label(f"{each}_by") for each in Criterion if each in several))
    for key in ("money", "dues"):
        rows = _with_fact(rows, chapter.c.id, key) if Metric.DUES_BODIES in metrics else rows.add_columns(*_nothing(key))
    told = _searched_once(_with_entries(rows, chapter.c.id, metrics))
    row = told.c
    by = {each: row[f"{each}_by" if each in several else f"{each}_on"] for each in Criterion}
    collects = and_(row.dues == Dues.COLLECTING.value, row.money != Money.NONE.value)
    judged = _Judged(
        members=row.members_on.isnot(None),
        met=row.met_on.isnot(None),
        functions=and_(row.awake, *(by[each] > bindparam(f"{each}_lapsed") for each in Criterion)),
        risky=or_(*(by[each] <= bindparam(f"{each}_risky") for each in Criterion)),
        collecting_on=case((and_(collects, row.dues_on < row.money_on), row.dues_on), (collects, row.money_on)),
    )
    return told, judged


def _searched_once(rows: Select[Any]) -> CTE:
    """Rows of which a column is a search of its own: it would be searched again wherever its value is used."""
    return rows.cte("told").prefix_with("MATERIALIZED")


def _with_entries(rows: Select[Any], chapter_id: ColumnElement[Any], metrics: frozenset[str]) -> Select[Any]:
    """With what no summary holds, for the metrics that need it."""
    if Metric.DELEGATES in metrics:
        rows = _with_fact(rows, chapter_id, "delegate")
    if Metric.REPORTING_CHAPTERS in metrics:
        published = report.c.first_published_on
        newest = select(func.max(published)).where(report.c.chapter_id == chapter_id, published <= _UNTIL)
        rows = rows.add_columns(newest.correlate(chapter_id.table).scalar_subquery().label("published_on"))
    return rows


def _with_fact(rows: Select[Any], chapter_id: ColumnElement[Any], key: str) -> Select[Any]:
    fact = standing_fact.alias(key)
    rows = rows.outerjoin(fact, fact.c.id == _newest_fact(chapter_id, key, standing_fact.c.id))
    return rows.add_columns(fact.c.value.label(key), fact.c.confirmed_on.label(f"{key}_on"))


def _nothing(name: str) -> Sequence[ColumnElement[Any]]:
    """The columns of what is not wanted: a join to nothing would look through a whole table for it."""
    return null().label(name), null().label(f"{name}_on")


def _if(wanted: frozenset[str], column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column if wanted else null()


def _newest_fact(chapter_id: ColumnElement[Any], key: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    confirmed = standing_fact.c.confirmed_on
    rows = select(column).where(standing_fact.c.chapter_id == chapter_id, standing_fact.c.key == key, confirmed <= _UNTIL)
    newest = rows.order_by(confirmed.desc(), standing_fact.c.id.desc()).limit(1)
    return newest.correlate(chapter_id.table).scalar_subquery()


def _newest_report(name: str) -> ColumnElement[Any]:
    """The report of the newest period in the window that answers this and was first published by the day."""
    rows = select(report.c.id).where(
        report.c.chapter_id == chapter.c.id,
        report.c.period >= bindparam(f"{name}_from"),
        report.c.first_published_on <= _UNTIL,
        report.c[name].isnot(None),
    )
    return rows.order_by(report.c.period.desc()).limit(1).correlate(chapter).scalar_subquery()


def _newest_evidence(criterion: Criterion) -> ColumnElement[Any]:
    return _evidence(criterion).order_by(evidence.c.day.desc()).limit(1).correlate(chapter).scalar_subquery()


def _evidence(criterion: Criterion) -> Select[Any]:
    of_chapter = and_(evidence.c.chapter_id == chapter.c.id, evidence.c.criterion == criterion.value)
    return select(evidence.c.day).where(of_chapter, evidence.c.day <= _UNTIL, evidence.c.known_on <= _UNTIL, *counting(criterion))


def _deciding(criterion: Criterion) -> ColumnElement[Any]:
    """The newest day from which on the evidence is as much as the policy asks for."""
    later = evidence.alias("later")
    amount = select(func.sum(later.c.amount)).where(
        later.c.chapter_id == evidence.c.chapter_id,
        later.c.criterion == evidence.c.criterion,
        later.c.day.between(evidence.c.day, _UNTIL),
        later.c.known_on <= _UNTIL,
        *counting(criterion, later),
    )
    enough = _evidence(criterion).where(
        evidence.c.day > bindparam(f"{criterion}_lapsed"),
        amount.correlate(evidence).scalar_subquery() >= bindparam(f"{criterion}_needed"),
    )
    return enough.with_only_columns(func.max(evidence.c.day)).correlate(chapter).scalar_subquery()
