"""What is taken out as tables, a few chapters or rows at a time, so that any number of them needs no more memory than a few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.checkins import PartnerState
from bot.domain.privacy import Count
from bot.domain.reports import Part
from bot.domain.rights import STORED, TABLE, Action
from db.chapters import own_of, private_to, visible_to
from db.tables import (
    branch,
    change,
    chapter,
    checkin,
    checkin_partner,
    composition,
    goal,
    goal_figure,
    goal_revision,
    goal_value,
    report,
    report_part,
    report_version,
    standing_fact,
    summary,
)
from db.types import Id, Snowflake

AT_ONCE = 2000
"""Ids that are looked up together."""


@dataclass(frozen=True, slots=True)
class Known:
    """A chapter that may be named in a file, and whether what is private of it may stand there."""

    id: int
    name: str
    own: bool


_GUILD, _USER = bindparam("guild", type_=Snowflake), bindparam("user", type_=Snowflake)
_OF: BindParameter[Any] = bindparam("chapters", expanding=True)
_AFTER, _MOST = bindparam("after", type_=Id), bindparam("most", type_=Integer)

_THEIR_OWN = own_of(_USER, TABLE[Action.EXPORT].roles & STORED)
_KNOWN: Select[Any] = (
    select(chapter.c.id, chapter.c.name, private_to(_USER).label("own")).where(chapter.c.guild_id == _GUILD).order_by(chapter.c.folded)
)
_SEEN = _KNOWN.where(visible_to(_USER), chapter.c.archived_at.is_(None))
_ADMINS = _KNOWN.where(_THEIR_OWN)


async def known(c: AsyncConnection, guild_id: int, user_id: int, *, own: bool) -> list[Known]:
    """The chapters that a file for this person may name, by name: their own ones, or all that they may see."""
    rows = await c.execute(_ADMINS if own else _SEEN, {"guild": guild_id, "user": user_id})
    return [Known(row.id, row.name, bool(row.own)) for row in rows]


_SUMMARY = ("members", "members_on", "met", "met_on", "lapses_at", "awake_at", "archived")
_CHAPTERS = (
    select(*chapter.c, branch.c.country, *(summary.c[name] for name in _SUMMARY))
    .outerjoin(branch, branch.c.id == chapter.c.branch_id)
    .outerjoin(summary, summary.c.chapter_id == chapter.c.id)
    .where(chapter.c.guild_id == _GUILD, chapter.c.id.in_(_OF))
)
_FACTS = (
    select(standing_fact.c.chapter_id, standing_fact.c.key, standing_fact.c.value)
    .where(standing_fact.c.guild_id == _GUILD, standing_fact.c.chapter_id.in_(_OF))
    .order_by(standing_fact.c.confirmed_on, standing_fact.c.id)
)
_COUNTS = (
    select(*(composition.c[name] for name in ("id", "chapter_id", "day", "counts")))
    .where(
        composition.c.guild_id == _GUILD,
        composition.c.chapter_id.in_(_OF),
        composition.c.dimension == bindparam("dimension"),
        composition.c.replaced_at.is_(None),
    )
    .order_by(composition.c.day, composition.c.id)
)
_CHECKINS = (
    select(*(checkin.c[name] for name in ("id", "chapter_id", "day", "kind", "people", "format", "education", "note")))
    .where(checkin.c.guild_id == _GUILD, checkin.c.chapter_id.in_(_OF), checkin.c.withdrawn_at.is_(None))
    .order_by(checkin.c.chapter_id, checkin.c.day, checkin.c.id)
)
_PARTNERS = (
    select(checkin_partner.c.checkin_id, checkin_partner.c.chapter_id)
    .where(
        checkin_partner.c.guild_id == _GUILD,
        checkin_partner.c.checkin_id.in_(bindparam("checkins", expanding=True)),
        checkin_partner.c.state == PartnerState.CONFIRMED.value,
    )
    .order_by(checkin_partner.c.checkin_id, checkin_partner.c.chapter_id)
)
_WORDS = and_(report_part.c.report_id == report.c.id, report_part.c.part == Part.WORDS.value)
_REPORTS = (
    select(
        *(report.c[name] for name in ("chapter_id", "period", "first_published_on", "may_share", "quiet")),
        report_version.c.answers,
        report_part.c.answers.label("words"),
    )
    .join(report_version, and_(report_version.c.report_id == report.c.id, report_version.c.version == report.c.version))
    .outerjoin(report_part, _WORDS)
    .where(report.c.guild_id == _GUILD, report.c.chapter_id.in_(_OF), report.c.first_published_at.isnot(None))
    .order_by(report.c.chapter_id, report.c.period)
)


async def chapters(c: AsyncConnection, guild_id: int, ids: Sequence[int]) -> dict[int, Any]:
    """These chapters' own rows, each with the country of its branch and what its history comes to."""
    return {row.id: row for row in await c.execute(_CHAPTERS, {"guild": guild_id, "chapters": ids})}


async def facts(c: AsyncConnection, guild_id: int, ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """What these chapters last said of themselves, by chapter and key."""
    return {(row.chapter_id, row.key): row.value for row in await c.execute(_FACTS, {"guild": guild_id, "chapters": ids})}


async def counts(c: AsyncConnection, guild_id: int, ids: Sequence[int], dimension: str) -> dict[int, Count]:
    """The newest composition of each of these chapters."""
    rows = await c.execute(_COUNTS, {"guild": guild_id, "chapters": ids, "dimension": dimension})
    return {row.chapter_id: Count(row.id, row.chapter_id, row.day, row.counts) for row in rows}


async def checkins(c: AsyncConnection, guild_id: int, ids: Sequence[int]) -> dict[int, list[Any]]:
    """What these chapters recorded and did not withdraw, by chapter and day."""
    return _by_chapter(await c.execute(_CHECKINS, {"guild": guild_id, "chapters": ids}))


async def partners(c: AsyncConnection, guild_id: int, ids: Sequence[int]) -> dict[int, list[int]]:
    """Who confirmed that they took part in these check-ins."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(ids), AT_ONCE):
        for row in await c.execute(_PARTNERS, {"guild": guild_id, "checkins": ids[start : start + AT_ONCE]}):
            found.setdefault(row.checkin_id, []).append(row.chapter_id)
    return found


async def reports(c: AsyncConnection, guild_id: int, ids: Sequence[int]) -> dict[int, list[Any]]:
    """What these chapters published, each in its newest version, by chapter and period."""
    return _by_chapter(await c.execute(_REPORTS, {"guild": guild_id, "chapters": ids}))


def _by_chapter(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.chapter_id, []).append(row)
    return found


_FIGURES = (
    select(*(goal_figure.c[name] for name in ("goal_id", "day", "value")))
    .where(goal_figure.c.guild_id == _GUILD)
    .order_by(goal_figure.c.goal_id, goal_figure.c.day, goal_figure.c.id)
)
_GOALS = (
    select(goal.c.id, goal.c.metric, goal_revision.c.name)
    .join(goal_revision, goal_revision.c.goal_id == goal.c.id)
    .where(goal.c.guild_id == _GUILD)
    .order_by(goal_revision.c.adopted_at, goal_revision.c.id)
)
_VALUES = (
    select(*(goal_value.c[name] for name in ("goal_id", "day", "value", "behind", "chapters", "oldest")))
    .where(goal_value.c.guild_id == _GUILD, tuple_(goal_value.c.goal_id, goal_value.c.day) > tuple_(_AFTER, bindparam("day")))
    .order_by(goal_value.c.goal_id, goal_value.c.day)
    .limit(_MOST)
)
_LOG = (
    select(
        *(change.c[name] for name in ("id", "at", "kind", "chapter_id", "goal_id", "fields", "made_by")),
        chapter.c.name.label("chapter"),
        branch.c.name.label("branch"),
    )
    .outerjoin(chapter, and_(chapter.c.id == change.c.chapter_id, chapter.c.guild_id == change.c.guild_id, chapter.c.archived_at.is_(None)))
    .outerjoin(branch, and_(branch.c.id == change.c.branch_id, branch.c.guild_id == change.c.guild_id))
    .where(change.c.guild_id == _GUILD, change.c.id > _AFTER)
    .order_by(change.c.id)
    .limit(_MOST)
)
_UNSEEN = select(chapter.c.id).where(chapter.c.guild_id == _GUILD, ~visible_to(_USER))
_THEIRS = select(chapter.c.id).where(chapter.c.guild_id == _GUILD, _THEIR_OWN)
_LOG_SEEN = _LOG.where(or_(change.c.chapter_id.is_(None), change.c.chapter_id.not_in(_UNSEEN)))
_LOG_OWN = _LOG.where(change.c.chapter_id.in_(_THEIRS))


async def figures(c: AsyncConnection, guild_id: int) -> Sequence[Any]:
    """What coordinators recorded by hand, by goal and day."""
    return (await c.execute(_FIGURES, {"guild": guild_id})).all()


async def goal_names(c: AsyncConnection, guild_id: int) -> Mapping[int, tuple[str, str | None]]:
    """The metric and newest name of every goal there is or was."""
    return {row.id: (row.metric, row.name) for row in await c.execute(_GOALS, {"guild": guild_id})}


async def values(c: AsyncConnection, guild_id: int, after: tuple[int, str], most: int) -> Sequence[Any]:
    """The daily values that follow, by goal and day."""
    return (await c.execute(_VALUES, {"guild": guild_id, "after": after[0], "day": after[1], "most": most})).all()


async def changes(c: AsyncConnection, guild_id: int, user_id: int, after: int, most: int, *, own: bool) -> Sequence[Any]:
    """The lines of the open log that follow, oldest first: those about this person's own chapters, or all that they may see."""
    asked = {"guild": guild_id, "user": user_id, "after": after, "most": most}
    return (await c.execute(_LOG_OWN if own else _LOG_SEEN, asked)).all()


async def sizes(c: AsyncConnection, guild_id: int) -> tuple[int, int]:
    """How many daily values and lines of the log there are."""
    of_values = select(func.count()).select_from(goal_value).where(goal_value.c.guild_id == _GUILD).scalar_subquery()
    of_lines = select(func.count()).select_from(change).where(change.c.guild_id == _GUILD).scalar_subquery()
    row = (await c.execute(select(of_values.label("days"), of_lines.label("lines")), {"guild": guild_id})).one()
    return row.days, row.lines
