"""Gatherings of a branch, and what each chapter that was there has said to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chapters import Visibility
from db.measures import CONFIRMED
from db.tables import branch, chapter, gathering, gathering_chapter


@dataclass(frozen=True, slots=True)
class Gathering:
    """A gathering as one chapter sees it; `confirmed` is how many chapters have confirmed it."""

    id: int
    branch: str
    day: date
    people: int | None
    delegates: int | None
    recorded_by: int | None
    state: str
    answered_by: int | None
    confirmed: int

    @property
    def counts(self) -> bool:
        """Whether enough chapters have confirmed it."""
        return self.confirmed >= CONFIRMED


@dataclass(frozen=True, slots=True)
class Asked:
    """A chapter that was asked about a gathering, and what it has said."""

    chapter_id: int
    name: str
    hidden: bool
    state: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A gathering as its recorder sees it, with its chapters by name."""

    id: int
    branch_id: int
    branch: str
    day: date
    people: int | None
    delegates: int | None
    asked: tuple[Asked, ...]

    @property
    def counts(self) -> bool:
        """Whether enough chapters have confirmed it."""
        return sum(each.state == "confirmed" for each in self.asked) >= CONFIRMED


_ADD = insert(gathering).returning(gathering.c.id)
_ASK = insert(gathering_chapter)
_THIS = (gathering.c.guild_id == bindparam("guild"), gathering.c.id == bindparam("of"))
_CHANGE = update(gathering).where(*_THIS)
_STANDS = gathering.c.withdrawn_at.is_(None)
_OF_FORM = select(gathering.c.id).where(gathering.c.guild_id == bindparam("guild"), gathering.c.form_key == bindparam("form"))
_OF_DAY = select(gathering.c.id).where(
    gathering.c.guild_id == bindparam("guild"), gathering.c.branch_id == bindparam("branch"), gathering.c.day == bindparam("day"), _STANDS
)
_RECORDED = (
    select(gathering.c.id, gathering.c.branch_id, branch.c.name.label("branch"), gathering.c.day, gathering.c.people, gathering.c.delegates)
    .join(branch, branch.c.id == gathering.c.branch_id)
    .where(*_THIS, _STANDS)
)
_ASKED = (
    select(
        gathering_chapter.c.chapter_id,
        chapter.c.name,
        (chapter.c.visibility == Visibility.HIDDEN.value).label("hidden"),
        gathering_chapter.c.state,
    )
    .join(chapter, chapter.c.id == gathering_chapter.c.chapter_id)
    .where(gathering_chapter.c.guild_id == bindparam("guild"), gathering_chapter.c.gathering_id == bindparam("of"))
    .order_by(chapter.c.folded)
)


async def add(
    c: AsyncConnection,
    guild_id: int,
    branch_id: int,
    day: date,
    chapter_ids: Iterable[int],
    people: int | None,
    delegates: int | None,
    now: datetime,
    by: int | None,
    form_key: str | None = None,
) -> int:
    """Stores a gathering that these chapters are asked to confirm; returns its id."""
    row = {"guild_id": guild_id, "branch_id": branch_id, "form_key": form_key, "day": day, "people": people, "delegates": delegates}
    gathering_id: int = (await c.execute(_ADD, {**row, "recorded_at": now, "recorded_by": by})).scalar_one()
    await ask(c, guild_id, gathering_id, chapter_ids)
    return gathering_id


async def ask(c: AsyncConnection, guild_id: int, gathering_id: int, chapter_ids: Iterable[int]) -> None:
    """Notes that these chapters are asked as well."""
    rows = [{"gathering_id": gathering_id, "chapter_id": each, "guild_id": guild_id, "state": "asked"} for each in chapter_ids]
    if rows:
        await c.execute(_ASK, rows)


async def change(c: AsyncConnection, guild_id: int, gathering_id: int, values: Mapping[str, int]) -> None:
    """Stores the given columns of one gathering."""
    if values:
        await c.execute(_CHANGE, {"guild": guild_id, "of": gathering_id, **values})


async def withdraw(c: AsyncConnection, guild_id: int, gathering_id: int, now: datetime) -> None:
    """Withdraws a gathering: from then on nobody finds it, and nobody can answer to it."""
    await c.execute(_CHANGE, {"guild": guild_id, "of": gathering_id, "withdrawn_at": now})


async def of_form(c: AsyncConnection, guild_id: int, form_key: str) -> int | None:
    """The gathering that this form recorded."""
    found: int | None = await c.scalar(_OF_FORM, {"guild": guild_id, "form": form_key})
    return found


async def of_day(c: AsyncConnection, guild_id: int, branch_id: int, day: date) -> int | None:
    """The gathering that a branch held on a day."""
    found: int | None = await c.scalar(_OF_DAY, {"guild": guild_id, "branch": branch_id, "day": day})
    return found


async def recorded(c: AsyncConnection, guild_id: int, gathering_id: int) -> Recorded | None:
    """A gathering as its recorder sees it."""
    row = (await c.execute(_RECORDED, {"guild": guild_id, "of": gathering_id})).one_or_none()
    if row is None:
        return None
    asked = [Asked(**each._mapping) for each in await c.execute(_ASKED, {"guild": guild_id, "of": gathering_id})]
    return Recorded(**row._mapping, asked=tuple(asked))


def _confirmed() -> ScalarSelect[int]:
    """How many chapters have confirmed a gathering."""
    yes = gathering_chapter.alias("yes")
    counted = select(func.count()).where(yes.c.gathering_id == gathering.c.id, yes.c.state == "confirmed")
    return counted.correlate(gathering).scalar_subquery()


_FOUND = (
    select(
        gathering.c.id,
        branch.c.name.label("branch"),
        gathering.c.day,
        gathering.c.people,
        gathering.c.delegates,
        gathering.c.recorded_by,
        gathering_chapter.c.state,
        gathering_chapter.c.answered_by,
        _confirmed().label("confirmed"),
    )
    .join(branch, branch.c.id == gathering.c.branch_id)
    .join(gathering_chapter, gathering_chapter.c.gathering_id == gathering.c.id)
    .where(
        gathering.c.guild_id == bindparam("guild"),
        gathering.c.id == bindparam("gathering"),
        gathering_chapter.c.chapter_id == bindparam("chapter"),
        _STANDS,
    )
)
_ANSWER = update(gathering_chapter).where(
    gathering_chapter.c.guild_id == bindparam("guild"),
    gathering_chapter.c.gathering_id == bindparam("gathering"),
    gathering_chapter.c.chapter_id == bindparam("chapter"),
)
_NEWEST = (
    select(branch.c.name, func.max(gathering.c.day).label("day"))
    .join(gathering, gathering.c.branch_id == branch.c.id)
    .where(
        branch.c.guild_id == bindparam("guild"), gathering.c.day.between(bindparam("first"), bindparam("until")), _confirmed() >= CONFIRMED
    )
    .group_by(branch.c.id)
    .order_by(branch.c.name)
)


async def find(c: AsyncConnection, guild_id: int, gathering_id: int, chapter_id: int) -> Gathering | None:
    """A gathering that this chapter was asked about."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "gathering": gathering_id, "chapter": chapter_id})).one_or_none()
    return None if row is None else Gathering(**row._mapping)


async def answer(c: AsyncConnection, guild_id: int, gathering_id: int, chapter_id: int, state: str, now: datetime, by: int | None) -> None:
    """Stores what a chapter says to a gathering."""
    said = {"state": state, "answered_at": now, "answered_by": by}
    await c.execute(_ANSWER, {"guild": guild_id, "gathering": gathering_id, "chapter": chapter_id, **said})


async def newest_of_branches(c: AsyncConnection, guild_id: int, first: date, until: date) -> list[tuple[str, date]]:
    """Each branch with a gathering in these days that counts, by name, and the day of its newest."""
    rows = await c.execute(_NEWEST, {"guild": guild_id, "first": first, "until": until})
    return [(row.name, row.day) for row in rows]
