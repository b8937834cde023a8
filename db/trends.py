"""The growth from one month to the next over the chapters that answered in both: worked out from the reports, and kept."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, delete, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.goals import Metric
from bot.domain.trend import Link
from db.stale import RHYTHM
from db.statements import insert_or
from db.tables import chapter, report, trend_link

ANSWERED = {Metric.MEMBERS.value: "members", Metric.ACTIVE_MEMBERS.value: "met"}
"""The metrics that are sums of what chapters answer, and the answer."""
_PARTS = 12
"""A month's share of what changes in one to four months, in whole numbers."""

_NEW = insert_or(trend_link)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=[trend_link.c.guild_id, trend_link.c.metric, trend_link.c.month],
    set_={name: _NEW.excluded[name] for name in ("before", "after", "chapters")},
)
_HERE = trend_link.c.guild_id == bindparam("guild")
_DROP = delete(trend_link).where(_HERE, trend_link.c.metric == bindparam("of_metric"), trend_link.c.month == bindparam("into"))
_KEPT = (
    select(trend_link.c.metric, trend_link.c.month, trend_link.c.before, trend_link.c.after, trend_link.c.chapters)
    .where(_HERE, trend_link.c.metric.in_(bindparam("metrics", expanding=True)))
    .where(trend_link.c.month.between(bindparam("first"), bindparam("last")))
    .order_by(trend_link.c.metric, trend_link.c.month)
)


async def keep(c: AsyncConnection, guild_id: int, metric: str, month: Month, link: Link | None) -> None:
    """Keeps the link into a month in place of the one before, or that there is none."""
    if link is None:
        await c.execute(_DROP, {"guild": guild_id, "of_metric": metric, "into": month})
    else:
        values = {"before": link.before, "after": link.after, "chapters": link.chapters}
        await c.execute(_KEEP, {"guild_id": guild_id, "metric": metric, "month": month, **values})


async def kept(c: AsyncConnection, guild_id: int, metrics: Iterable[str], first: Month, last: Month) -> dict[str, list[Link]]:
    """The links of these metrics into the months from a first to a last one, oldest first."""
    found: dict[str, list[Link]] = {}
    asked = {"guild": guild_id, "metrics": list(metrics), "first": first, "last": last}
    for row in await c.execute(_KEPT, asked):
        found.setdefault(row.metric, []).append(Link(row.month, row.before, row.after, row.chapters))
    return found


async def of_reports(c: AsyncConnection, guild_id: int, metric: str, month: Month, few: int) -> Link | None:
    """The growth into a month, from the current reports of chapters that answered this in both; None if none did.

    What a chapter answers that reports every few months has moved evenly since its report before. Over fewer than `few` chapters, hidden
    ones are left out.
    """
    link = await _of_reports(c, guild_id, metric, month, hidden=True)
    if link is not None and link.chapters < few:
        return await _of_reports(c, guild_id, metric, month, hidden=False)
    return link


async def _of_reports(c: AsyncConnection, guild_id: int, metric: str, month: Month, *, hidden: bool) -> Link | None:
    asked = {
        "guild": guild_id,
        "earliest": month.plus(-RHYTHM),
        "month": month,
        "latest": month.plus(RHYTHM - 1),
        "number": month.index,
    }
    row = (await c.execute(_both(ANSWERED[metric], hidden), asked)).one()
    if not row.chapters:
        return None
    before, after = ((total + _PARTS // 2) // _PARTS for total in (row.before, row.after))
    return Link(month, before, after, row.chapters)


@cache
def _both(answer: str, hidden: bool) -> Select[Any, Any, Any]:
    earlier, later = report.alias("earlier"), report.alias("later")
    told = _answered(answer)
    month = report.c.period
    newest = told.where(month >= bindparam("earliest"), month < bindparam("month")).order_by(month.desc()).limit(1)
    following = told.where(month >= bindparam("month"), month <= bindparam("latest")).order_by(month).limit(1)
    since, until = _number(earlier.c.period), _number(later.c.period)
    step = (later.c[answer] - earlier.c[answer]) * (_PARTS // (until - since))
    before = earlier.c[answer] * _PARTS + step * (bindparam("number", type_=Integer) - 1 - since)
    rows = (
        select(func.sum(before).label("before"), func.sum(before + step).label("after"), func.count().label("chapters"))
        .select_from(chapter)
        .join(earlier, earlier.c.id == newest.correlate(chapter).scalar_subquery())
        .join(later, later.c.id == following.correlate(chapter).scalar_subquery())
        .where(chapter.c.guild_id == bindparam("guild"), until - since <= chapter.c.rhythm)
    )
    return rows if hidden else rows.where(chapter.c.visibility != Visibility.HIDDEN.value)


def _answered(answer: str) -> Select[Any]:
    return select(report.c.id).where(
        report.c.chapter_id == chapter.c.id, report.c[answer].isnot(None), report.c.first_published_on.isnot(None)
    )


def _number(period: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(period, Integer)
