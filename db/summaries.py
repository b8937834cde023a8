"""What a chapter's history comes to: one function reads it from the entries, one keeps it beside the chapter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, String, and_, bindparam, cast, exists, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import calendar, errands, functioning, owed
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, Dues, Money, Rest, State
from bot.domain.functioning import Criterion, Standing
from bot.domain.owed import Owed
from bot.domain.policy import Policy
from db import chapters, organisations
from db.evidence import counted_by, counting
from db.outbox import OPEN
from db.statements import insert_or
from db.tables import (
    admin,
    chapter,
    chapter_state,
    checkin,
    checkin_partner,
    contact,
    evidence,
    organisation,
    outbox,
    report,
    standing_fact,
    summary,
    unreachable,
)

BATCH = 200


@dataclass(frozen=True, slots=True)
class History:
    """What the entries of one chapter come to."""

    chapter: Chapter
    standings: dict[Criterion, Standing]
    members: int | None
    members_on: date | None
    met: int | None
    met_on: date | None
    collecting_on: date | None
    delegate: bool
    dues: Dues | None
    dues_on: date | None
    heard_on: date | None
    reachable: bool
    owed: Owed
    prompted_at: datetime | None
    later_until: date | None
    duty_passed_for: Month | None

    def facts(self, now: datetime) -> errands.Facts:
        """What decides the chapter's errands at this moment."""
        by_now = owed.on(self.owed, calendar.today(now, self.chapter.zone))
        # Of a period that has come to be owed since nobody has been asked, nor has put it off.
        same = by_now.asked_for == self.owed.asked_for
        return errands.Facts(
            owed=by_now,
            zone=self.chapter.zone,
            prompt_hour=self.chapter.prompt_hour,
            prompted_at=self.prompted_at if same else None,
            later_until=self.later_until if same else None,
            duty_passed_for=self.duty_passed_for,
            loosens_at=self.chapter.loosens_at,
        )


async def read(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int], policy: Policy) -> list[History]:
    """The histories of these chapters, in a handful of indexed queries for all of them."""
    asked = {"guild": guild_id, "chapters": chapter_ids, **counted_by(policy)}
    rows = (await c.execute(_histories(_needed(policy)), asked)).all()
    paused = [row.id for row in rows if row.paused]
    rests = await chapters.rests(c, guild_id, paused) if paused else {}
    return [_history(row, rests.get(row.id, ()), policy) for row in rows]


async def refresh(
    c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int], now: datetime, policy: Policy | None = None
) -> list[History]:
    """Writes what the history of these chapters comes to, in the transaction of the entry that changed it; returns the histories."""
    policy = policy or await organisations.policy_in_force(c, guild_id)
    refreshed: list[History] = []
    for start in range(0, len(chapter_ids), BATCH):
        rows = []
        for history in await read(c, guild_id, chapter_ids[start : start + BATCH], policy):
            refreshed.append(history)
            facts = history.facts(now)
            due = errands.owed_now(facts, policy, now) or errands.duty_passes(facts, policy, now) or facts.owed != history.owed
            due = due or facts.loosens(now)
            rows.append(_row(history, policy, now if due else errands.next_look(facts, policy, now)))
        await _write(c, rows)
    return refreshed


async def write(c: AsyncConnection, history: History, policy: Policy, next_at: datetime | None) -> None:
    """Stores the summary of one history; `next_at` is when the planner looks at the chapter again."""
    await _write(c, [_row(history, policy, next_at)])


def _row(history: History, policy: Policy, next_at: datetime | None) -> dict[str, Any]:
    return {
        "chapter_id": history.chapter.id,
        "guild_id": history.chapter.guild_id,
        **summarised(history, policy),
        "next_at": next_at,
    }


async def _write(c: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await c.execute(_WRITE, rows if len(rows) > 1 else rows[0])


_NEW = insert_or(summary)
_WRITE = _NEW.on_conflict_do_update(
    index_elements=[summary.c.chapter_id],
    set_={column.name: _NEW.excluded[column.name] for column in summary.c if column.name not in {"chapter_id", "guild_id"}},
)


def summarised(history: History, policy: Policy) -> dict[str, Any]:
    """The summary's columns, all but `next_at`: a function of history and policy alone."""
    entity, stands = history.chapter, history.standings
    lapses_on = functioning.lapse_day(stands, policy)
    awake_on = None if entity.resting_until is None else entity.resting_until + calendar.ONE_DAY
    return {
        "members": history.members,
        "members_on": history.members_on,
        "met": history.met,
        "met_on": history.met_on,
        "together_on": stands[Criterion.TOGETHER].newest,
        "learns_on": stands[Criterion.LEARNS].newest,
        "reports_on": stands[Criterion.REPORTS].newest,
        "dues_on": history.dues_on,
        "collecting_on": history.collecting_on,
        "delegate": history.delegate,
        "heard_on": history.heard_on,
        "lapses_at": functioning.lapses_at(stands, policy, entity.zone),
        "at_risk_at": None if lapses_on is None else functioning.at_risk_from(lapses_on, policy, entity.zone),
        "awake_at": None if awake_on is None else calendar.start_of(awake_on, entity.zone),
        "archived": entity.archived,
        "reachable": history.reachable,
        "owed_period": history.owed.newest_owed,
        "answered_period": history.owed.newest_answered,
        "overdue_at": owed.overdue_at(history.owed, policy, entity.zone),
        "silent_at": owed.silent_at(history.owed, policy, entity.zone),
    }


def _needed(policy: Policy) -> tuple[int, ...]:
    return tuple(functioning.needed(criterion, policy) for criterion in Criterion)


def evidence_days(criterion: Criterion, needed: int) -> list[ScalarSelect[Any]]:
    """Days and amounts of the newest evidence of a chapter that counts, so many pieces as are needed, newest first."""
    of_chapter = and_(evidence.c.chapter_id == chapter.c.id, evidence.c.criterion == criterion.value)
    rows = select(evidence.c.day).where(of_chapter, *counting(criterion))
    rows = rows.order_by(evidence.c.day.desc(), evidence.c.id.desc()).limit(1)
    amounts = rows.with_only_columns(evidence.c.amount)
    return [query.correlate(chapter).scalar_subquery() for n in range(needed) for query in (rows.offset(n), amounts.offset(n))]


def standing_of(values: Sequence[Any], needed: int) -> Standing:
    """The standing that `evidence_days` selected the days and amounts of."""
    seen = 0
    for day, amount in zip(values[::2], values[1::2], strict=True):
        seen += amount or 0
        if seen >= needed:
            return Standing(values[0], day)
    return Standing(values[0], None)


_LATER = report.alias("later")
_ANSWERED_LATER = (
    select(_LATER.c.id)
    .where(
        _LATER.c.chapter_id == report.c.chapter_id,
        _LATER.c.period >= report.c.period,
        or_(_LATER.c.first_published_at.isnot(None), _LATER.c.skipped_at.isnot(None)),
    )
    .exists()
)


@lru_cache(maxsize=16)
def _histories(needed: tuple[int, ...]) -> Select[Any]:
    """Made once for how much evidence each criterion needs: putting so many parts together takes longer than running them."""
    published = and_(report.c.chapter_id == chapter.c.id, report.c.first_published_at.isnot(None))
    answered = and_(report.c.chapter_id == chapter.c.id, or_(report.c.first_published_at.isnot(None), report.c.skipped_at.isnot(None)))
    of_owed = select(report.c.later_until).where(report.c.chapter_id == chapter.c.id, report.c.owed)
    prompt = select(outbox.c.period).where(
        outbox.c.chapter_id == chapter.c.id, outbox.c.kind == errands.Kind.PROMPT.value, outbox.c.state == "sent"
    )
    columns = {
        "members": _newest(select(report.c.members).where(published, report.c.members.isnot(None)), report.c.period),
        "members_period": _newest(select(report.c.period).where(published, report.c.members.isnot(None)), report.c.period),
        "met": _newest(select(report.c.met).where(published, report.c.met.isnot(None)), report.c.period),
        "met_period": _newest(select(report.c.period).where(published, report.c.met.isnot(None)), report.c.period),
        "newest_answered": _newest(select(report.c.period).where(answered), report.c.period),
        "newest_owed": _newest(select(report.c.period).where(report.c.chapter_id == chapter.c.id, report.c.owed), report.c.period),
        "later_until": _newest(of_owed, report.c.period),
        "prompted_period": _newest(prompt, outbox.c.period),
        "prompted_at": _newest(prompt.with_only_columns(outbox.c.sent_at), outbox.c.period),
        "checked_in_on": _one(func.max(checkin.c.day), checkin.c.chapter_id == chapter.c.id, checkin.c.withdrawn_at.is_(None)),
        "joined_on": select(func.max(checkin.c.day))
        .join(checkin_partner, checkin_partner.c.checkin_id == checkin.c.id)
        .where(checkin_partner.c.chapter_id == chapter.c.id, checkin_partner.c.state == "confirmed", checkin.c.withdrawn_at.is_(None))
        .correlate(chapter)
        .scalar_subquery(),
        "published_at": _one(func.max(report.c.published_at), published),
        "touched_at": _one(func.max(contact.c.at), contact.c.chapter_id == chapter.c.id, contact.c.kind == "in_touch"),
        "unanswered": select(func.aggregate_strings(cast(report.c.period, String), ","))
        .where(report.c.chapter_id == chapter.c.id, report.c.owed, ~_ANSWERED_LATER)
        .correlate(chapter)
        .scalar_subquery(),
        "paused": exists().where(chapter_state.c.chapter_id == chapter.c.id, chapter_state.c.state != State.ACTIVE.value),
        "delegate": _fact("delegate"),
        "money": _fact("money"),
        "dues": _fact("dues"),
        "dues_on": _fact("dues", standing_fact.c.confirmed_on),
        "money_on": _fact("money", standing_fact.c.confirmed_on),
        "prompt_state": select(outbox.c.state)
        .where(outbox.c.chapter_id == chapter.c.id, outbox.c.kind == errands.Kind.PROMPT.value)
        .order_by(outbox.c.period.desc())
        .limit(1)
        .correlate(chapter)
        .scalar_subquery(),
        "admins": _one(func.count(), admin.c.chapter_id == chapter.c.id),
        "free_admins": select(func.count())
        .select_from(
            admin.outerjoin(unreachable, and_(unreachable.c.guild_id == admin.c.guild_id, unreachable.c.user_id == admin.c.user_id))
        )
        .where(admin.c.chapter_id == chapter.c.id, unreachable.c.user_id.is_(None))
        .correlate(chapter)
        .scalar_subquery(),
    }
    of_each = zip(Criterion, needed, strict=True)
    days = [value.label(f"{criterion}_{n}") for criterion, amount in of_each for n, value in enumerate(evidence_days(criterion, amount))]
    labelled = [value.label(name) for name, value in columns.items()]
    asked_for = chapter.c.id.in_(bindparam("chapters", expanding=True))
    agreed = (chapter.c.asks_since, organisation.c.asks_since.label("all_asked_since"))
    rows = select(*chapters.COLUMNS, chapter.c.rhythm_since, chapter.c.duty_passed_for, *agreed, *labelled, *days)
    rows = rows.join(organisation, organisation.c.guild_id == chapter.c.guild_id)
    return rows.where(chapter.c.guild_id == bindparam("guild"), asked_for).order_by(chapter.c.id)


def _newest(query: Select[Any], by: ColumnElement[Any]) -> ScalarSelect[Any]:
    return query.order_by(by.desc()).limit(1).correlate(chapter).scalar_subquery()


def _one(value: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(value).where(*where).correlate(chapter).scalar_subquery()


def _fact(key: str, column: ColumnElement[Any] = standing_fact.c.value) -> ScalarSelect[Any]:
    rows = select(column).where(standing_fact.c.chapter_id == chapter.c.id, standing_fact.c.key == key)
    return rows.order_by(standing_fact.c.confirmed_on.desc(), standing_fact.c.id.desc()).limit(1).correlate(chapter).scalar_subquery()


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _history(row: Row[Any], rests: tuple[Rest, ...], policy: Policy) -> History:
    values, entity = row._mapping, chapters.to_chapter(row)
    first = owed.first_asked(entity.added_on, _earliest(row.asks_since, row.all_asked_since), entity.zone)
    periods = (Month.at(index) for index in sorted(map(int, filter(None, (row.unanswered or "").split(",")))))
    unanswered = tuple(month for month in periods if first is not None and month >= first)
    standings = {}
    for criterion in Criterion:
        needed = functioning.needed(criterion, policy)
        standings[criterion] = standing_of([values[f"{criterion}_{n}"] for n in range(2 * needed)], needed)
    heard = [row.checked_in_on, row.joined_on]
    heard += [calendar.today(at, entity.zone) for at in (row.published_at, row.touched_at) if at is not None]
    collects = row.dues == Dues.COLLECTING and row.money not in (None, Money.NONE)
    asked_for = unanswered[-1] if unanswered else None
    return History(
        chapter=entity,
        standings=standings,
        members=row.members,
        members_on=row.members_period and row.members_period.last,
        met=row.met,
        met_on=row.met_period and row.met_period.last,
        collecting_on=min(row.dues_on, row.money_on) if collects else None,
        delegate=row.delegate == "yes",
        dues=row.dues and Dues(row.dues),
        dues_on=row.dues_on,
        heard_on=max((day for day in heard if day is not None), default=None),
        reachable=row.free_admins > 0 or (row.admins > 0 and row.prompt_state == "sent"),
        owed=Owed(
            first=first,
            rhythm=entity.rhythm,
            newest_owed=row.newest_owed,
            newest_answered=row.newest_answered,
            unanswered=unanswered,
            rests=rests,
            rhythm_since=row.rhythm_since,
        ),
        prompted_at=row.prompted_at if asked_for is not None and row.prompted_period == asked_for else None,
        later_until=row.later_until,
        duty_passed_for=row.duty_passed_for,
    )


_DUE = (
    select(summary.c.guild_id, summary.c.chapter_id)
    .where(summary.c.next_at <= bindparam("now"))
    .order_by(summary.c.next_at)
    .limit(bindparam("limit"))
)


async def due(c: AsyncConnection, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Organisation and chapter of those the planner should look at now, longest waiting first."""
    return [(row.guild_id, row.chapter_id) for row in await c.execute(_DUE, {"now": now, "limit": limit})]


_MOMENTS = union_all(
    select(func.min(summary.c.next_at).label("at")).where(summary.c.next_at > bindparam("after")),
    select(func.min(organisation.c.next_at)).where(organisation.c.next_at > bindparam("after")),
    select(func.min(outbox.c.due_at)).where(outbox.c.due_at > bindparam("after"), OPEN),
).subquery()
_NEXT = select(func.min(_MOMENTS.c.at))


async def next_at(c: AsyncConnection, after: datetime) -> datetime | None:
    """The first moment after this one at which something may be due anywhere: for a clock that jumps."""
    found: datetime | None = await c.scalar(_NEXT, {"after": after})
    return found
