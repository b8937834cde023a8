"""Pages of a chapter's check-ins: its own and the joint ones that it confirmed, without withdrawn ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chapters import Visibility
from bot.domain.checkins import CheckIn, Format, Kind, PartnerState
from db.tables import chapter, checkin, checkin_partner
from db.types import Id


@dataclass(frozen=True, slots=True)
class Listed:
    """One check-in and who recorded it; `kept_back` if the recorder may not be named because it hides or is archived."""

    id: int
    recorder_id: int
    recorder: str
    kept_back: bool
    entry: CheckIn


_CHAPTER = bindparam("chapter", type_=Id)
_KEPT_BACK = (chapter.c.visibility == Visibility.HIDDEN.value) | chapter.c.archived_at.isnot(None)
_OWN = select(checkin.c.id).where(checkin.c.chapter_id == _CHAPTER)
_JOINT = select(checkin_partner.c.checkin_id).where(
    checkin_partner.c.chapter_id == _CHAPTER, checkin_partner.c.state == PartnerState.CONFIRMED.value
)
_LASTING = (checkin.c.guild_id == bindparam("guild"), checkin.c.withdrawn_at.is_(None), checkin.c.id.in_(_OWN.union_all(_JOINT)))
_OF_KIND = checkin.c.kind == bindparam("of_kind")
_COLUMNS = (checkin.c[name] for name in ("id", "kind", "day", "people", "format", "education", "note"))
_ROWS: Select[Any] = (
    select(*_COLUMNS, chapter.c.id.label("recorder_id"), chapter.c.name.label("recorder"), _KEPT_BACK.label("kept_back"))
    .join_from(checkin, chapter, chapter.c.id == checkin.c.chapter_id)
    .where(*_LASTING)
)


def _page(*narrower: ColumnElement[bool]) -> Select[Any]:
    newest = _ROWS.where(*narrower).order_by(checkin.c.day.desc(), checkin.c.id.desc())
    return newest.offset(bindparam("skip", type_=Integer)).limit(bindparam("most", type_=Integer))


def _count(*narrower: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(checkin).where(*_LASTING, *narrower)


# Put together once, for all kinds and for one.
_PAGES, _COUNTS = (_page(), _page(_OF_KIND)), (_count(), _count(_OF_KIND))
_FOUND = _ROWS.where(checkin.c.id == bindparam("checkin", type_=Id))
_PARTNERS = (
    select(checkin_partner.c.checkin_id, chapter.c.name)
    .join(chapter, chapter.c.id == checkin_partner.c.chapter_id)
    .where(
        checkin_partner.c.guild_id == bindparam("guild"),
        checkin_partner.c.checkin_id.in_(bindparam("checkins", expanding=True)),
        checkin_partner.c.state == PartnerState.CONFIRMED.value,
        checkin_partner.c.chapter_id != _CHAPTER,
        ~_KEPT_BACK,
    )
    .order_by(chapter.c.folded)
)


def _listed(row: Row[Any]) -> Listed:
    entry = CheckIn(Kind(row.kind), row.day, row.people, row.format and Format(row.format), row.education, row.note)
    return Listed(row.id, row.recorder_id, row.recorder, bool(row.kept_back), entry)


async def page(c: AsyncConnection, guild_id: int, chapter_id: int, kind: Kind | None, *, skip: int, limit: int) -> Sequence[Listed]:
    """Some of them, newest first; those of the same day by when they were recorded."""
    asked = {"guild": guild_id, "chapter": chapter_id, "of_kind": kind, "skip": skip, "most": limit}
    return [_listed(row) for row in await c.execute(_PAGES[kind is not None], asked)]


async def count(c: AsyncConnection, guild_id: int, chapter_id: int, kind: Kind | None) -> int:
    """How many there are in all."""
    found: int = (await c.execute(_COUNTS[kind is not None], {"guild": guild_id, "chapter": chapter_id, "of_kind": kind})).scalar_one()
    return found


async def find(c: AsyncConnection, guild_id: int, chapter_id: int, checkin_id: int) -> Listed | None:
    """One of them."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "chapter": chapter_id, "checkin": checkin_id})).one_or_none()
    return None if row is None else _listed(row)


async def partners(c: AsyncConnection, guild_id: int, chapter_id: int, checkin_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The other chapters that confirmed that they took part and may be named, by check-in."""
    found: dict[int, tuple[str, ...]] = {}
    for row in await c.execute(_PARTNERS, {"guild": guild_id, "chapter": chapter_id, "checkins": list(checkin_ids)}):
        found[row.checkin_id] = (*found.get(row.checkin_id, ()), row.name)
    return found
