"""Check-ins in every version, the chapters that took part, and which chapters may be asked whether they did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chapters import Visibility
from bot.domain.checkins import CheckIn, Format, Kind, PartnerState
from db.statements import insert_or
from db.tables import chapter, checkin, checkin_partner, checkin_version


@dataclass(frozen=True, slots=True)
class Stored:
    """A check-in as it stands; its version tells whether somebody changed it since it was shown."""

    id: int
    guild_id: int
    chapter_id: int
    entry: CheckIn
    version: int
    recorded_at: datetime
    recorded_by: int | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Partner:
    """A chapter that is said to have taken part, and what it says itself; `kept_back` if it hides or is archived."""

    chapter_id: int
    name: str
    state: PartnerState
    kept_back: bool

    @property
    def declined(self) -> bool:
        """Whether it said that it took no part."""
        return self.state is PartnerState.DECLINED

    @property
    def named(self) -> bool:
        """Whether the recording chapter's card names it."""
        return not (self.declined or self.kept_back)


@dataclass(frozen=True, slots=True)
class Past:
    """A check-in as it was recorded at an earlier moment, and for each partner chapter what it said and by whom."""

    chapter_id: int
    form_key: str
    entry: CheckIn
    recorded_at: datetime
    recorded_by: int | None
    partners: tuple[tuple[int, PartnerState, int | None], ...] = ()


def to_plain(entry: CheckIn) -> dict[str, Any]:
    """The entry as plain data."""
    return {
        "kind": entry.kind.value,
        "day": entry.day.isoformat(),
        "people": entry.people,
        "format": entry.format and entry.format.value,
        "education": entry.education,
        "note": entry.note,
    }


def from_plain(plain: dict[str, Any]) -> CheckIn:
    """The entry that `to_plain` made plain."""
    return CheckIn(
        Kind(plain["kind"]),
        date.fromisoformat(plain["day"]),
        plain["people"],
        plain["format"] and Format(plain["format"]),
        plain["education"],
        plain["note"],
    )


def _columns(entry: CheckIn) -> dict[str, Any]:
    return to_plain(entry) | {"day": entry.day}


def to_entry(row: Row[Any]) -> CheckIn:
    """The entry that a row of check-ins holds."""
    return CheckIn(Kind(row.kind), row.day, row.people, row.format and Format(row.format), row.education, row.note)


def to_stored(row: Row[Any]) -> Stored:
    """The check-in that a row holds."""
    withdrawn = row.withdrawn_at is not None
    return Stored(row.id, row.guild_id, row.chapter_id, to_entry(row), row.version, row.recorded_at, row.recorded_by, withdrawn)


# Put together once: recording a check-in and showing a report's card ask most of these.
_HERE = checkin.c.guild_id == bindparam("guild")
_CHECKINS = select(checkin).where(_HERE)
_FOUND = _CHECKINS.where(checkin.c.id == bindparam("checkin"))
_BY_FORM = _CHECKINS.where(checkin.c.form_key == bindparam("form"))
_SAME = (
    _CHECKINS.where(checkin.c.chapter_id == bindparam("chapter"), checkin.c.kind == bindparam("of_kind"), checkin.c.day == bindparam("on"))
    .where(checkin.c.withdrawn_at.is_(None))
    .order_by(checkin.c.id.desc())
    .limit(1)
)
_FIRST_DAY = select(func.min(checkin.c.day)).where(_HERE, checkin.c.chapter_id == bindparam("chapter"), checkin.c.withdrawn_at.is_(None))
_ADD = insert(checkin)
_ADD_ONE = _ADD.returning(checkin)
_IDS_BY_FORM = select(checkin.c.form_key, checkin.c.id).where(_HERE, checkin.c.form_key.in_(bindparam("forms", expanding=True)))
_ADVANCE = update(checkin).where(_HERE, checkin.c.id == bindparam("checkin")).returning(checkin)
_ADD_VERSION = insert(checkin_version)
_VERSIONS = (
    select(checkin_version.c.fields)
    .where(checkin_version.c.guild_id == bindparam("guild"), checkin_version.c.checkin_id == bindparam("checkin"))
    .order_by(checkin_version.c.version)
)

_NAMED = (checkin_partner.c.guild_id == bindparam("guild"), checkin_partner.c.checkin_id == bindparam("checkin"))
_KEPT_BACK = (chapter.c.visibility == Visibility.HIDDEN.value) | chapter.c.archived_at.isnot(None)
_PARTNERS = (
    select(checkin_partner.c.chapter_id, chapter.c.name, checkin_partner.c.state, _KEPT_BACK.label("kept_back"))
    .join(chapter, chapter.c.id == checkin_partner.c.chapter_id)
    .where(*_NAMED)
    .order_by(chapter.c.folded)
)
_ADD_PARTNERS = insert(checkin_partner)
_ASK_PARTNER = insert_or(checkin_partner).on_conflict_do_nothing()
_REMOVE_PARTNERS = delete(checkin_partner).where(*_NAMED, checkin_partner.c.chapter_id.in_(bindparam("chapters", expanding=True)))
_ANSWER_PARTNER = update(checkin_partner).where(
    *_NAMED, checkin_partner.c.chapter_id == bindparam("chapter"), checkin_partner.c.state != bindparam("says")
)
_JOINT = select(checkin_partner.c.checkin_id).where(
    checkin_partner.c.chapter_id == bindparam("chapter"), checkin_partner.c.state == PartnerState.CONFIRMED.value
)
_RECENT_DAYS = (
    select(checkin.c.day)
    .where(_HERE, checkin.c.chapter_id == bindparam("chapter"), checkin.c.day <= bindparam("until"), checkin.c.withdrawn_at.is_(None))
    .distinct()
    .order_by(checkin.c.day.desc())
    .limit(bindparam("most", type_=Integer))
)
_THEN = checkin.c.day.between(bindparam("first"), bindparam("last"))
_OWN_THEN = select(checkin.c.id).where(checkin.c.chapter_id == bindparam("chapter"), _THEN)
# Not "own or joint": SQLite would go through all check-ins of those days.
_COUNTED = _CHECKINS.where(checkin.c.id.in_(_OWN_THEN.union_all(_JOINT)), _THEN, checkin.c.withdrawn_at.is_(None)).order_by(
    checkin.c.day, checkin.c.id
)
_DONE = _COUNTED.with_only_columns(checkin.c.kind, checkin.c.day).order_by(None)

_OPEN_TO_ALL = (
    chapter.c.guild_id == bindparam("guild"),
    chapter.c.archived_at.is_(None),
    chapter.c.visibility != Visibility.HIDDEN.value,
)
_MAY_BE_NAMED = select(chapter.c.id, chapter.c.name).where(*_OPEN_TO_ALL)
_PARTNERS_CALLED = _MAY_BE_NAMED.with_only_columns(chapter.c.folded, chapter.c.id).where(
    chapter.c.folded.in_(bindparam("names", expanding=True))
)
_MAY_BE_PARTNERS = _MAY_BE_NAMED.with_only_columns(chapter.c.id).where(chapter.c.id.in_(bindparam("chapters", expanding=True)))


_OTHERS_BY_NAME = (
    _MAY_BE_NAMED.where(chapter.c.id != bindparam("chapter")).order_by(chapter.c.folded).limit(bindparam("most", type_=Integer))
)


async def _one(c: AsyncConnection, rows: Select[Any], asked: dict[str, Any]) -> Stored | None:
    row = (await c.execute(rows, asked)).one_or_none()
    return None if row is None else to_stored(row)


async def first_day(c: AsyncConnection, guild_id: int, chapter_id: int) -> date | None:
    """The day of a chapter's earliest check-in that was not withdrawn."""
    found: date | None = await c.scalar(_FIRST_DAY, {"guild": guild_id, "chapter": chapter_id})
    return found


async def find(c: AsyncConnection, guild_id: int, checkin_id: int) -> Stored | None:
    """One check-in of this organisation, withdrawn or not."""
    return await _one(c, _FOUND, {"guild": guild_id, "checkin": checkin_id})


async def by_form(c: AsyncConnection, guild_id: int, form_key: str) -> Stored | None:
    """The check-in that this form has stored already."""
    return await _one(c, _BY_FORM, {"guild": guild_id, "form": form_key})


async def same(c: AsyncConnection, guild_id: int, chapter_id: int, kind: Kind, day: date) -> Stored | None:
    """A check-in of the same chapter, kind and day; the newest if there are several."""
    return await _one(c, _SAME, {"guild": guild_id, "chapter": chapter_id, "of_kind": kind.value, "on": day})


async def add(c: AsyncConnection, guild_id: int, chapter_id: int, form_key: str, entry: CheckIn, now: datetime, by: int | None) -> Stored:
    """Stores a new check-in; a form that stored one already raises an integrity error."""
    values = {"guild_id": guild_id, "chapter_id": chapter_id, "form_key": form_key, "recorded_at": now, "recorded_by": by}
    made = await c.execute(_ADD_ONE, values | _columns(entry))
    return to_stored(made.one())


async def add_many(c: AsyncConnection, guild_id: int, entries: Sequence[Past]) -> dict[str, int]:
    """Stores check-ins of the past with their first versions; ids by form key. What they count for is `evidence.rebuild`'s to write."""
    made = [
        {
            "guild_id": guild_id,
            "chapter_id": each.chapter_id,
            "form_key": each.form_key,
            "recorded_at": each.recorded_at,
            "recorded_by": each.recorded_by,
            **_columns(each.entry),
        }
        for each in entries
    ]
    await c.execute(_ADD, made)
    keys = [each.form_key for each in entries]
    found = await c.execute(_IDS_BY_FORM, {"guild": guild_id, "forms": keys})
    ids: dict[str, int] = {row.form_key: row.id for row in found}
    partners = [
        {
            "checkin_id": ids[each.form_key],
            "chapter_id": chapter_id,
            "guild_id": guild_id,
            "state": state.value,
            "asked_at": each.recorded_at,
            "answered_at": None if state is PartnerState.ASKED else each.recorded_at,
            "answered_by": by,
        }
        for each in entries
        for chapter_id, state, by in each.partners
    ]
    if partners:
        await c.execute(_ADD_PARTNERS, partners)
    versions = [
        {
            "checkin_id": ids[each.form_key],
            "version": 1,
            "guild_id": guild_id,
            "fields": to_plain(each.entry) | {"partners": [chapter_id for chapter_id, _, _ in each.partners], "withdrawn": False},
            "saved_at": each.recorded_at,
            "saved_by": each.recorded_by,
        }
        for each in entries
    ]
    await c.execute(_ADD_VERSION, versions)
    return ids


async def keep_version(c: AsyncConnection, stored: Stored, partners: Iterable[Partner], now: datetime, by: int | None) -> None:
    """Writes what a check-in and its partners say now beside its earlier versions."""
    named = [partner.chapter_id for partner in partners]
    fields = to_plain(stored.entry) | {"partners": named, "withdrawn": stored.withdrawn}
    values = {"checkin_id": stored.id, "version": stored.version, "guild_id": stored.guild_id, "saved_at": now, "saved_by": by}
    await c.execute(_ADD_VERSION, values | {"fields": fields})


async def versions(c: AsyncConnection, guild_id: int, checkin_id: int) -> list[dict[str, Any]]:
    """What every version of a check-in said, the oldest first."""
    return list(await c.scalars(_VERSIONS, {"guild": guild_id, "checkin": checkin_id}))


async def advance(c: AsyncConnection, stored: Stored, entry: CheckIn, *, withdrawn_at: datetime | None = None) -> Stored:
    """Stores the next version of a check-in that was read in the same transaction."""
    values = _columns(entry) | {"version": stored.version + 1, "withdrawn_at": withdrawn_at}
    changed = await c.execute(_ADVANCE, {"guild": stored.guild_id, "checkin": stored.id, **values})
    return to_stored(changed.one())


async def partners_of(c: AsyncConnection, guild_id: int, checkin_id: int) -> list[Partner]:
    """The chapters that are said to have taken part, by name."""
    rows = await c.execute(_PARTNERS, {"guild": guild_id, "checkin": checkin_id})
    return [Partner(row.chapter_id, row.name, PartnerState(row.state), bool(row.kept_back)) for row in rows]


async def ask_partner(c: AsyncConnection, guild_id: int, checkin_id: int, chapter_id: int, now: datetime) -> None:
    """Notes that a chapter is asked whether it took part; what it answered already stays."""
    values = {"checkin_id": checkin_id, "chapter_id": chapter_id, "guild_id": guild_id, "state": PartnerState.ASKED.value, "asked_at": now}
    await c.execute(_ASK_PARTNER, values)


async def remove_partners(c: AsyncConnection, guild_id: int, checkin_id: int, chapter_ids: Iterable[int]) -> None:
    """Takes chapters from those that are said to have taken part."""
    gone = list(chapter_ids)
    if gone:
        await c.execute(_REMOVE_PARTNERS, {"guild": guild_id, "checkin": checkin_id, "chapters": gone})


async def answer_partner(
    c: AsyncConnection, guild_id: int, checkin_id: int, chapter_id: int, state: PartnerState, now: datetime, by: int
) -> bool:
    """Stores what a chapter says of its part; False if that is what it said already, or nobody says it took part."""
    asked = {"guild": guild_id, "checkin": checkin_id, "chapter": chapter_id}
    answered = await c.execute(_ANSWER_PARTNER, {**asked, "says": state.value, "state": state.value, "answered_at": now, "answered_by": by})
    return answered.rowcount == 1


async def counted(
    c: AsyncConnection, guild_id: int, chapter_id: int, first: date | None = None, last: date | None = None
) -> list[tuple[int, CheckIn]]:
    """Id and entry of the check-ins that count for a chapter, its own and those it confirmed, from a first to a last day."""
    asked = {"guild": guild_id, "chapter": chapter_id, "first": first or date.min, "last": last or date.max}
    return [(row.id, to_entry(row)) for row in await c.execute(_COUNTED, asked)]


async def done(c: AsyncConnection, guild_id: int, chapter_id: int, first: date, last: date) -> list[tuple[Kind, date]]:
    """Kind and day of the same check-ins, in no order."""
    asked = {"guild": guild_id, "chapter": chapter_id, "first": first, "last": last}
    return [(Kind(kind), day) for kind, day in await c.execute(_DONE, asked)]


async def recent_days(c: AsyncConnection, guild_id: int, chapter_id: int, until: date, limit: int) -> list[date]:
    """The last days by this one on which a chapter recorded something, newest first."""
    return list(await c.scalars(_RECENT_DAYS, {"guild": guild_id, "chapter": chapter_id, "until": until, "most": limit}))


async def partners_called(c: AsyncConnection, guild_id: int, folded: Iterable[str]) -> dict[str, int]:
    """Those among these folded names under which a chapter may be named as a partner, and its id."""
    rows = await c.execute(_PARTNERS_CALLED, {"guild": guild_id, "names": list(folded)})
    return {row.folded: row.id for row in rows}


async def may_be_partners(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int]) -> set[int]:
    """Which of these chapters may be named as partners."""
    return set(await c.scalars(_MAY_BE_PARTNERS, {"guild": guild_id, "chapters": list(chapter_ids)}))


async def others_by_name(c: AsyncConnection, guild_id: int, chapter_id: int, limit: int) -> list[tuple[int, str]]:
    """Id and name of the other chapters that may be named as partners, by name."""
    rows = await c.execute(_OTHERS_BY_NAME, {"guild": guild_id, "chapter": chapter_id, "most": limit})
    return [(row.id, row.name) for row in rows]
