"""Chapters, their admins and facilitators, and their branches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, exists, func, insert, literal_column, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, Rest, State, Visibility, fold
from db.statements import insert_or
from db.tables import admin, branch, chapter, chapter_state, facilitator, unreachable

_COLUMNS = (
    chapter.c.id,
    chapter.c.guild_id,
    chapter.c.name,
    chapter.c.branch_id,
    chapter.c.city,
    chapter.c.latitude,
    chapter.c.longitude,
    chapter.c.timezone,
    chapter.c.languages,
    chapter.c.channel_id,
    chapter.c.role_id,
    chapter.c.founded,
    chapter.c.added_on,
    chapter.c.visibility,
    chapter.c.resting_from,
    chapter.c.resting_until,
    chapter.c.archived_at.isnot(None).label("archived"),
    chapter.c.rhythm,
    chapter.c.prompt_hour,
    chapter.c.discreet,
    chapter.c.duty_user_id,
)


@dataclass(frozen=True, slots=True)
class Branch:
    """The chapters of one country."""

    id: int
    guild_id: int
    country: str
    name: str
    currency: str | None


def to_chapter(row: Row[Any]) -> Chapter:
    """The chapter in a row that `chapters()` selects."""
    values = dict(row._mapping)
    values["languages"] = tuple(values["languages"])
    values["visibility"] = Visibility(values["visibility"])
    values["archived"] = bool(values["archived"])
    return Chapter(**values)


def chapters(guild_id: int) -> Select[Any]:
    """All chapters of an organisation, archived ones too."""
    return select(*_COLUMNS).where(chapter.c.guild_id == guild_id)


# Nearly every answer begins with these, so they are put together once.
_IN_GUILD: Select[Any] = select(*_COLUMNS).where(chapter.c.guild_id == bindparam("guild"))
_FOUND = _IN_GUILD.where(chapter.c.id == bindparam("chapter"))
_NAMED = _IN_GUILD.where(chapter.c.folded == bindparam("folded"))
_PEOPLE = union_all(
    *(
        select(literal_column(f"'{kind}'").label("kind"), table.c.user_id, order.label("place")).where(
            table.c.guild_id == bindparam("guild"), table.c.chapter_id == bindparam("chapter")
        )
        for kind, table, order in (("admin", admin, admin.c.position), ("facilitator", facilitator, facilitator.c.since))
    )
)


async def find(c: AsyncConnection, guild_id: int, chapter_id: int) -> Chapter | None:
    """One chapter of this organisation."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "chapter": chapter_id})).one_or_none()
    return None if row is None else to_chapter(row)


async def many(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int]) -> dict[int, Chapter]:
    """These chapters of this organisation, by id."""
    rows = await c.execute(chapters(guild_id).where(chapter.c.id.in_(list(chapter_ids))))
    return {row.id: to_chapter(row) for row in rows}


async def guild_of(c: AsyncConnection, chapter_id: int) -> int | None:
    """The organisation that a chapter belongs to: for buttons pressed in direct messages, which name only the chapter."""
    found: int | None = await c.scalar(select(chapter.c.guild_id).where(chapter.c.id == chapter_id))
    return found


def visible_to(user_id: int) -> ColumnElement[bool]:
    """Which chapters somebody may see: all but hidden ones, and those of which they are admin or facilitator."""
    own = exists().where(admin.c.chapter_id == chapter.c.id, admin.c.user_id == user_id)
    facilitated = exists().where(facilitator.c.chapter_id == chapter.c.id, facilitator.c.user_id == user_id)
    return (chapter.c.visibility != Visibility.HIDDEN.value) | own | facilitated


async def by_name(c: AsyncConnection, guild_id: int, name: str) -> Chapter | None:
    """The chapter with this name, compared without case and accents."""
    row = (await c.execute(_NAMED, {"guild": guild_id, "folded": fold(name)})).one_or_none()
    return None if row is None else to_chapter(row)


async def names(c: AsyncConnection, guild_id: int, user_id: int) -> list[tuple[int, str]]:
    """Id and name of each chapter that this person may see and that is not archived, by name."""
    rows = await c.execute(
        select(chapter.c.id, chapter.c.name)
        .where(chapter.c.guild_id == guild_id, chapter.c.archived_at.is_(None), visible_to(user_id))
        .order_by(chapter.c.folded)
    )
    return [(row.id, row.name) for row in rows]


async def count(c: AsyncConnection, guild_id: int) -> int:
    """How many chapters there are, without archived ones."""
    found: int | None = await c.scalar(select(func.count()).where(chapter.c.guild_id == guild_id, chapter.c.archived_at.is_(None)))
    return found or 0


async def of_admin(c: AsyncConnection, guild_id: int, user_id: int, limit: int = 25) -> list[Chapter]:
    """The chapters that this person is an admin of, by name."""
    rows = await c.execute(
        chapters(guild_id)
        .join(admin, admin.c.chapter_id == chapter.c.id)
        .where(admin.c.user_id == user_id, chapter.c.archived_at.is_(None))
        .order_by(chapter.c.folded)
        .limit(limit)
    )
    return [to_chapter(row) for row in rows]


async def of_roles(c: AsyncConnection, guild_id: int, user_id: int, role_ids: Iterable[int], limit: int = 25) -> list[Chapter]:
    """The chapters whose Discord role is among these and that this person may see, by name."""
    rows = await c.execute(
        chapters(guild_id)
        .where(chapter.c.role_id.in_(list(role_ids)), chapter.c.archived_at.is_(None), visible_to(user_id))
        .order_by(chapter.c.folded)
        .limit(limit)
    )
    return [to_chapter(row) for row in rows]


async def admins(c: AsyncConnection, guild_id: int, chapter_id: int) -> list[int]:
    """The chapter's admins in duty order."""
    rows = await c.scalars(
        select(admin.c.user_id).where(admin.c.guild_id == guild_id, admin.c.chapter_id == chapter_id).order_by(admin.c.position)
    )
    return list(rows)


async def people(c: AsyncConnection, guild_id: int, chapter_id: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The chapter's admins in duty order, and its own facilitators, longest first."""
    rows = (await c.execute(_PEOPLE, {"guild": guild_id, "chapter": chapter_id})).all()
    ordered = sorted(rows, key=lambda row: row.place)
    return (
        tuple(row.user_id for row in ordered if row.kind == "admin"),
        tuple(row.user_id for row in ordered if row.kind == "facilitator"),
    )


async def add(c: AsyncConnection, guild_id: int, now: datetime, by: int | None, **values: Any) -> int:
    """Stores a new active chapter and the first of its dated states; returns its id."""
    values = {"languages": [], **values, "folded": fold(values["name"]), "added_at": now}
    made = await c.execute(insert(chapter).values(guild_id=guild_id, **values).returning(chapter.c.id))
    chapter_id: int = made.scalar_one()
    await set_state(c, guild_id, chapter_id, State.ACTIVE, values["added_on"], None, now, by)
    return chapter_id


async def add_many(
    c: AsyncConnection, guild_id: int, newcomers: Sequence[Mapping[str, Any]], now: datetime, by: int | None
) -> dict[str, int]:
    """Stores new active chapters, each with the first of its dated states; their columns must be the same ones. Ids by folded name."""
    if not newcomers:
        return {}
    rows = [{"languages": [], **each, "guild_id": guild_id, "folded": fold(each["name"]), "added_at": now} for each in newcomers]
    await c.execute(insert(chapter), rows)
    ids = await ids_of(c, guild_id, [row["folded"] for row in rows])
    states = [
        {
            "guild_id": guild_id,
            "chapter_id": ids[row["folded"]],
            "state": State.ACTIVE.value,
            "since": now,
            "from_day": row["added_on"],
            "set_by": by,
        }
        for row in rows
    ]
    await c.execute(insert(chapter_state), states)
    return ids


async def everything(c: AsyncConnection, guild_id: int) -> dict[str, tuple[Chapter, frozenset[int]]]:
    """All chapters, archived ones too, with their admins; by folded name."""
    people: dict[int, set[int]] = {}
    for row in await c.execute(select(admin.c.chapter_id, admin.c.user_id).where(admin.c.guild_id == guild_id)):
        people.setdefault(row.chapter_id, set()).add(row.user_id)
    rows = await c.execute(chapters(guild_id))
    return {fold(found.name): (found, frozenset(people.get(found.id, ()))) for found in map(to_chapter, rows)}


async def ids_of(c: AsyncConnection, guild_id: int, folded: Sequence[str]) -> dict[str, int]:
    """The chapters with these folded names, archived ones too."""
    rows = await c.execute(select(chapter.c.folded, chapter.c.id).where(chapter.c.guild_id == guild_id, chapter.c.folded.in_(folded)))
    return {row.folded: row.id for row in rows}


async def change(c: AsyncConnection, guild_id: int, chapter_id: int, **values: Any) -> None:
    """Stores the given columns of one chapter."""
    await c.execute(update(chapter).where(chapter.c.guild_id == guild_id, chapter.c.id == chapter_id).values(**values))


async def set_state(
    c: AsyncConnection, guild_id: int, chapter_id: int, state: State, from_day: date, until: date | None, now: datetime, by: int | None
) -> None:
    """Writes a dated state and what the chapter itself says of it."""
    await c.execute(
        insert(chapter_state).values(
            guild_id=guild_id, chapter_id=chapter_id, state=state.value, since=now, from_day=from_day, until=until, set_by=by
        )
    )
    resting = state is State.RESTING
    await change(
        c,
        guild_id,
        chapter_id,
        resting_from=from_day if resting else None,
        resting_until=until if resting else None,
        archived_at=now if state is State.ARCHIVED else None,
    )


async def rests(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> dict[int, tuple[Rest, ...]]:
    """The days on which these chapters rested or were archived: each state lasts until its own end or the next state."""
    rows = await c.execute(
        select(chapter_state.c.chapter_id, chapter_state.c.state, chapter_state.c.from_day, chapter_state.c.until)
        .where(chapter_state.c.guild_id == guild_id, chapter_state.c.chapter_id.in_(chapter_ids))
        .order_by(chapter_state.c.chapter_id, chapter_state.c.since, chapter_state.c.id)
    )
    found: dict[int, list[Rest]] = {}
    open_state: dict[int, tuple[str, date, date | None]] = {}
    for row in rows:
        _close(found, open_state, row.chapter_id, row.from_day)
        open_state[row.chapter_id] = (row.state, row.from_day, row.until)
    for chapter_id in list(open_state):
        _close(found, open_state, chapter_id, None)
    return {chapter_id: tuple(rests) for chapter_id, rests in found.items()}


def _close(found: dict[int, list[Rest]], open_state: dict[int, tuple[str, date, date | None]], chapter_id: int, ended: date | None) -> None:
    if chapter_id not in open_state:
        return
    state, since, until = open_state.pop(chapter_id)
    if state == State.ACTIVE.value:
        return
    ends = [day for day in (until, None if ended is None else date.fromordinal(ended.toordinal() - 1)) if day is not None]
    if not ends or min(ends) >= since:
        found.setdefault(chapter_id, []).append(Rest(since, min(ends, default=None)))


async def add_admin(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int, now: datetime) -> bool:
    """Puts a person last in duty order; False if they are admin already."""
    last = select(func.coalesce(func.max(admin.c.position), 0) + 1).where(admin.c.chapter_id == chapter_id).scalar_subquery()
    made = await c.execute(
        insert_or(admin)
        .values(guild_id=guild_id, chapter_id=chapter_id, user_id=user_id, position=last, since=now)
        .on_conflict_do_nothing()
    )
    return made.rowcount == 1


async def add_first_admins(c: AsyncConnection, guild_id: int, admins: Mapping[int, Sequence[int]], now: datetime) -> None:
    """Stores the admins of chapters that have none yet, in duty order."""
    rows = [
        {"guild_id": guild_id, "chapter_id": chapter_id, "user_id": user_id, "position": position, "since": now}
        for chapter_id, people in admins.items()
        for position, user_id in enumerate(people, start=1)
    ]
    if rows:
        await c.execute(insert(admin), rows)


async def remove_admin(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int) -> bool:
    """Takes a person from the admins; False if they were none."""
    gone = await c.execute(delete(admin).where(admin.c.guild_id == guild_id, admin.c.chapter_id == chapter_id, admin.c.user_id == user_id))
    return gone.rowcount == 1


async def add_facilitator(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int, now: datetime) -> bool:
    """Stores a person as one of the chapter's own facilitators; False if they are already."""
    made = await c.execute(
        insert_or(facilitator).values(guild_id=guild_id, chapter_id=chapter_id, user_id=user_id, since=now).on_conflict_do_nothing()
    )
    return made.rowcount == 1


async def remove_facilitator(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int) -> bool:
    """Takes a person from the chapter's own facilitators; False if they were none."""
    gone = await c.execute(
        delete(facilitator).where(
            facilitator.c.guild_id == guild_id, facilitator.c.chapter_id == chapter_id, facilitator.c.user_id == user_id
        )
    )
    return gone.rowcount == 1


async def set_unreachable(c: AsyncConnection, guild_id: int, user_id: int, reason: str, now: datetime) -> None:
    """Remembers that a person refused a direct message or has left."""
    await c.execute(
        insert_or(unreachable)
        .values(guild_id=guild_id, user_id=user_id, reason=reason, since=now)
        .on_conflict_do_update(index_elements=[unreachable.c.guild_id, unreachable.c.user_id], set_={"reason": reason, "since": now})
    )


async def set_reachable(c: AsyncConnection, guild_id: int, user_id: int) -> None:
    """Forgets that a person could not be reached: they have just been here."""
    await c.execute(delete(unreachable).where(unreachable.c.guild_id == guild_id, unreachable.c.user_id == user_id))


async def unreachable_among(c: AsyncConnection, guild_id: int, user_ids: Iterable[int]) -> set[int]:
    """Which of these people refused a direct message or have left."""
    rows = await c.scalars(
        select(unreachable.c.user_id).where(unreachable.c.guild_id == guild_id, unreachable.c.user_id.in_(list(user_ids)))
    )
    return set(rows)


def _branch(row: Row[Any]) -> Branch:
    return Branch(**row._mapping)


async def branches(c: AsyncConnection, guild_id: int) -> list[Branch]:
    """All branches, by name."""
    rows = await c.execute(select(branch).where(branch.c.guild_id == guild_id).order_by(branch.c.name))
    return [_branch(row) for row in rows]


async def branch_of_country(c: AsyncConnection, guild_id: int, country: str) -> Branch | None:
    """The branch of this country (ISO 3166 code)."""
    row = (await c.execute(select(branch).where(branch.c.guild_id == guild_id, branch.c.country == country))).one_or_none()
    return None if row is None else _branch(row)


async def add_branch(c: AsyncConnection, guild_id: int, country: str, name: str, currency: str | None = None) -> int:
    """Stores a branch; returns its id."""
    made = await c.execute(insert(branch).values(guild_id=guild_id, country=country, name=name, currency=currency).returning(branch.c.id))
    new: int = made.scalar_one()
    return new


async def left_since(c: AsyncConnection, guild_id: int, user_ids: Iterable[int], since: datetime) -> set[int]:
    """Which of these people were found to have left the server after this moment."""
    rows = await c.scalars(
        select(unreachable.c.user_id).where(
            unreachable.c.guild_id == guild_id,
            unreachable.c.user_id.in_(list(user_ids)),
            unreachable.c.reason == "left",
            unreachable.c.since > since,
        )
    )
    return set(rows)


async def duty_passed(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> bool:
    """Whether duty has passed on for this period or a later one."""
    passed: Month | None = await c.scalar(
        select(chapter.c.duty_passed_for).where(chapter.c.guild_id == guild_id, chapter.c.id == chapter_id)
    )
    return passed is not None and passed >= period
