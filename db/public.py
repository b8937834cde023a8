"""What a public page is made of: open chapters, where they are, and what they published; nothing of any other chapter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, and_, bindparam, exists, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.reports import Part, Report, from_plain
from db.measures import functions_at
from db.tables import SQUARE, branch, change, chapter, goal_value, organisation, report, report_version, summary
from db.types import Id, Instant, MonthIndex, Snowflake

FEW_OPEN = 200
"""With so many open chapters or fewer each is on the map, and their newest reports are looked up chapter by chapter."""
MOST_SQUARES = 600


@dataclass(frozen=True, slots=True)
class Seal:
    """Of which organisation a page is, and what changes whenever anything that stands on it does, but for the passing of time."""

    guild_id: int
    since: datetime
    newest_change: int | None
    valued_through: date | None
    language: str


@dataclass(frozen=True, slots=True)
class Open:
    """An open chapter; `functioning` or not: nothing else of its standing."""

    id: int
    name: str
    city: str | None
    branch: str | None
    functioning: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an open chapter is, or how many there are in a square of some degrees; named and marked only where each stands for itself."""

    latitude: float
    longitude: float
    chapters: int = 1
    functioning: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A published report of an open chapter as it is stored."""

    chapter_id: int
    chapter: str
    period: Month
    published_at: datetime
    edited_at: datetime | None
    quiet: bool
    may_share: bool
    report: Report


_GUILD = bindparam("guild", type_=Snowflake)
_NOW = bindparam("now", type_=Instant)
# Written out, not bound: only so does SQLite see that the index of open chapters holds all of them.
_IS_OPEN = chapter.c.visibility == literal(Visibility.OPEN.value, literal_execute=True)
_OPEN = (chapter.c.guild_id == _GUILD, _IS_OPEN, chapter.c.archived_at.is_(None))
_FUNCTIONING = func.coalesce(functions_at(summary.c, _NOW), False)

_SLUGS = select(organisation.c.slug).where(organisation.c.slug.startswith(bindparam("begins")))
_SWITCH = update(organisation).where(organisation.c.guild_id == _GUILD)
_NEWEST_CHANGE = (
    select(change.c.id)
    .where(change.c.guild_id == organisation.c.guild_id)
    .order_by(change.c.at.desc(), change.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_SEAL = select(
    organisation.c.guild_id,
    organisation.c.public_since.label("since"),
    _NEWEST_CHANGE.label("newest_change"),
    organisation.c.valued_through,
    organisation.c.language,
).where(organisation.c.slug == bindparam("slug"), organisation.c.public_since.isnot(None), organisation.c.removed_at.is_(None))


async def slugs_like(c: AsyncConnection, begins: str) -> set[str]:
    """The addresses in use, in any server, that begin so."""
    return set(await c.scalars(_SLUGS, {"begins": begins}))


async def switch(c: AsyncConnection, guild_id: int, slug: str | None, name: str | None, since: datetime | None) -> None:
    """Gives an organisation its public page, or with no moment takes it away."""
    await c.execute(_SWITCH.values(slug=slug, public_name=name, public_since=since), {"guild": guild_id})


async def seal(c: AsyncConnection, slug: str) -> Seal | None:
    """The seal of the page with this address; None where there is none, or none any more."""
    row = (await c.execute(_SEAL, {"slug": slug})).one_or_none()
    return None if row is None else Seal(**row._mapping)


_COUNTED = (
    select(func.count(), func.count().filter(_FUNCTIONING)).join_from(chapter, summary, summary.c.chapter_id == chapter.c.id).where(*_OPEN)
)
_LISTED = (
    select(chapter.c.id, chapter.c.name, chapter.c.city, branch.c.name.label("branch"), _FUNCTIONING.label("functioning"))
    .join_from(chapter, summary, summary.c.chapter_id == chapter.c.id)
    .outerjoin(branch, branch.c.id == chapter.c.branch_id)
    .where(*_OPEN)
    .order_by(chapter.c.folded)
)
_PAGE = _LISTED.offset(bindparam("skipped", type_=Integer)).limit(bindparam("most", type_=Integer))
_ONE = _LISTED.where(chapter.c.id == bindparam("of", type_=Id))
_CALLED = _LISTED.where(chapter.c.folded == bindparam("folded"))


async def counts(c: AsyncConnection, guild_id: int, now: datetime) -> tuple[int, int]:
    """How many chapters are open, and how many of these function."""
    open_ones, functioning = (await c.execute(_COUNTED, {"guild": guild_id, "now": now})).one()
    return open_ones, functioning


async def page(c: AsyncConnection, guild_id: int, now: datetime, *, skip: int, limit: int) -> list[Open]:
    """Some of the open chapters, by name."""
    return [_open(row) for row in await c.execute(_PAGE, {"guild": guild_id, "now": now, "skipped": skip, "most": limit})]


async def find(c: AsyncConnection, guild_id: int, chapter_id: int, now: datetime) -> Open | None:
    """An open chapter by its id."""
    row = (await c.execute(_ONE, {"guild": guild_id, "now": now, "of": chapter_id})).one_or_none()
    return None if row is None else _open(row)


async def called(c: AsyncConnection, guild_id: int, folded: str, now: datetime) -> Open | None:
    """An open chapter by its name as names are compared."""
    row = (await c.execute(_CALLED, {"guild": guild_id, "now": now, "folded": folded})).one_or_none()
    return None if row is None else _open(row)


def _open(row: Row[Any]) -> Open:
    return Open(row.id, row.name, row.city, row.branch, bool(row.functioning))


_PLACED = (*_OPEN, chapter.c.latitude.isnot(None), chapter.c.longitude.isnot(None))
_SPOTS = (
    select(chapter.c.latitude, chapter.c.longitude, chapter.c.name, _FUNCTIONING.label("functioning"))
    .join_from(chapter, summary, summary.c.chapter_id == chapter.c.id)
    .where(*_PLACED)
    .order_by(chapter.c.folded)
)
_SQUARES = (
    select(func.avg(chapter.c.latitude).label("latitude"), func.avg(chapter.c.longitude).label("longitude"), func.count().label("chapters"))
    .where(*_PLACED)
    .group_by(text(SQUARE))
    .order_by(func.count().desc())
    .limit(MOST_SQUARES)
)


async def spots(c: AsyncConnection, guild_id: int, now: datetime, open_chapters: int) -> list[Spot]:
    """Where the open chapters are: each for itself if they are few, else those of a square of some degrees together."""
    if open_chapters > FEW_OPEN:
        return [Spot(row.latitude, row.longitude, row.chapters) for row in await c.execute(_SQUARES, {"guild": guild_id})]
    found = await c.execute(_SPOTS, {"guild": guild_id, "now": now})
    return [Spot(row.latitude, row.longitude, 1, bool(row.functioning), row.name) for row in found]


def _issued() -> Select[Any]:
    return (
        select(
            report.c.chapter_id,
            chapter.c.name.label("chapter"),
            report.c.period,
            report.c.first_published_at.label("published_at"),
            report.c.published_at.label("edited_at"),
            report.c.version,
            report.c.quiet,
            report.c.may_share,
            report_version.c.answers,
        )
        .join_from(report, chapter, chapter.c.id == report.c.chapter_id)
        .join(report_version, and_(report_version.c.report_id == report.c.id, report_version.c.version == report.c.version))
        .where(*_OPEN, report.c.guild_id == _GUILD, report.c.first_published_at.isnot(None))
    )


_OF_CHAPTER = _issued().where(report.c.chapter_id == bindparam("of", type_=Id))
_OF_PERIOD = _OF_CHAPTER.where(report.c.period == bindparam("wanted", type_=MonthIndex))
_ALL_OF_CHAPTER = _OF_CHAPTER.order_by(report.c.period.desc()).limit(bindparam("most", type_=Integer))
_MOST = bindparam("most", type_=Integer)
_NEWEST_OF_FEW = (
    select(report.c.id)
    .where(report.c.chapter_id.in_(select(chapter.c.id).where(*_OPEN)), report.c.first_published_on.isnot(None))
    .order_by(report.c.first_published_on.desc(), report.c.id.desc())
    .limit(_MOST)
)
_NEWEST_OF_MANY = (
    select(report.c.id)
    .where(
        report.c.guild_id == _GUILD,
        report.c.first_published_at.isnot(None),
        exists().where(chapter.c.id == report.c.chapter_id, *_OPEN),
    )
    .order_by(report.c.first_published_at.desc(), report.c.id.desc())
    .limit(_MOST)
)
_NEWEST = {
    few: _issued()
    .where(report.c.id.in_(ids.correlate(None).scalar_subquery()))
    .order_by(report.c.first_published_at.desc(), report.c.id.desc())
    for few, ids in ((True, _NEWEST_OF_FEW), (False, _NEWEST_OF_MANY))
}


async def newest(c: AsyncConnection, guild_id: int, open_chapters: int, limit: int) -> list[Issued]:
    """The reports of open chapters that were published last."""
    found = await c.execute(_NEWEST[open_chapters <= FEW_OPEN], {"guild": guild_id, "most": limit})
    return [_as_issued(row) for row in found]


async def of_chapter(c: AsyncConnection, guild_id: int, chapter_id: int, limit: int) -> list[Issued]:
    """The published reports of an open chapter, newest period first."""
    found = await c.execute(_ALL_OF_CHAPTER, {"guild": guild_id, "of": chapter_id, "most": limit})
    return [_as_issued(row) for row in found]


async def of_period(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> Issued | None:
    """The published report of an open chapter's period."""
    row = (await c.execute(_OF_PERIOD, {"guild": guild_id, "of": chapter_id, "wanted": period})).one_or_none()
    return None if row is None else _as_issued(row)


def _as_issued(row: Row[Any]) -> Issued:
    content = Report(**{part.value: from_plain(part, row.answers.get(part.value, {})) for part in Part})  # type: ignore[arg-type]
    edited = row.edited_at if row.version > 1 else None
    return Issued(row.chapter_id, row.chapter, row.period, row.published_at, edited, bool(row.quiet), bool(row.may_share), content)


_HISTORY = (
    select(goal_value.c.goal_id, goal_value.c.day, goal_value.c.value, goal_value.c.behind)
    .where(
        goal_value.c.guild_id == _GUILD,
        goal_value.c.goal_id.in_(bindparam("goals", expanding=True)),
        goal_value.c.day.in_(bindparam("days", expanding=True)),
        goal_value.c.value.isnot(None),
    )
    .order_by(goal_value.c.day)
)


async def history(
    c: AsyncConnection, guild_id: int, goals: Sequence[int], days: Sequence[date]
) -> dict[int, list[tuple[date, int, int | None]]]:
    """The values kept for these goals on these days, oldest first, each with the chapters behind it."""
    found: dict[int, list[tuple[date, int, int | None]]] = {goal_id: [] for goal_id in goals}
    for goal_id, day, value, behind in await c.execute(_HISTORY, {"guild": guild_id, "goals": goals, "days": days}):
        found[goal_id].append((day, value, behind))
    return found
