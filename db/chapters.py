"""Chapters, the states that they were in, and their branches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.chapters import Chapter, Rest, State, Visibility, fold
from bot.domain.rights import TABLE, Action, Role
from db.tables import admin, branch, chapter, chapter_state, facilitator
from db.types import Snowflake

COLUMNS = (
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
    chapter.c.loosens_to,
    chapter.c.loosens_at,
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
    """The chapter in a row that holds these columns, and maybe more."""
    values = {column.name: row._mapping[column.name] for column in COLUMNS}
    values["languages"] = tuple(values["languages"])
    values["visibility"] = Visibility(values["visibility"])
    values["loosens_to"] = values["loosens_to"] and Visibility(values["loosens_to"])
    values["archived"] = bool(values["archived"])
    return Chapter(**values)


def own_of(user: ColumnElement[int] | int, roles: Collection[Role]) -> ColumnElement[bool]:
    """Which chapters somebody is one of these to: admin or facilitator of its own."""
    people = {Role.ADMIN: admin.c, Role.OWN_FACILITATOR: facilitator.c}
    return or_(
        *(exists().where(each.chapter_id == chapter.c.id, each.user_id == user) for each in (people[role] for role in sorted(roles)))
    )


def private_to(user: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Of which chapters somebody may see what is private."""
    return own_of(user, TABLE[Action.SEE_PRIVATE].roles)


def visible_to(user: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Which chapters somebody may see: all but hidden ones, and those of which they are admin or facilitator."""
    return or_(chapter.c.visibility != Visibility.HIDDEN.value, private_to(user))


# Nearly every answer begins with some of these, so they are put together once.
_HERE = chapter.c.guild_id == bindparam("guild")
_LASTING = chapter.c.archived_at.is_(None)
_SEEN = visible_to(bindparam("user", type_=Snowflake))
_IN_GUILD: Select[Any] = select(*COLUMNS).where(_HERE)
_FOUND = _IN_GUILD.where(chapter.c.id == bindparam("chapter"))
_MANY = _IN_GUILD.where(chapter.c.id.in_(bindparam("chapters", expanding=True)))
_NAMED = _IN_GUILD.where(chapter.c.folded == bindparam("folded"))
_GUILD_OF = select(chapter.c.guild_id).where(chapter.c.id == bindparam("chapter"))
_ARCHIVED_NAMES = select(chapter.c.name).where(_HERE, chapter.c.archived_at.isnot(None), _SEEN).order_by(chapter.c.folded)
_HOMES = (
    select(chapter.c.name, chapter.c.channel_id)
    .where(
        chapter.c.guild_id == bindparam("guild"),
        chapter.c.channel_id.isnot(None),
        chapter.c.archived_at.is_(None),
        chapter.c.visibility != Visibility.HIDDEN.value,
    )
    .order_by(chapter.c.name)
)
_COUNT = select(func.count()).where(_HERE, _LASTING)
_OF_ADMIN = (
    _IN_GUILD.join(admin, admin.c.chapter_id == chapter.c.id)
    .where(admin.c.user_id == bindparam("user"), _LASTING)
    .order_by(chapter.c.folded)
    .limit(bindparam("most", type_=Integer))
)
_OF_ROLES = (
    _IN_GUILD.where(chapter.c.role_id.in_(bindparam("roles", expanding=True)), _LASTING, _SEEN)
    .order_by(chapter.c.folded)
    .limit(bindparam("most", type_=Integer))
)
_ADD = insert(chapter)
_ADD_ONE = _ADD.returning(chapter.c.id)
_ALL_ADMINS = select(admin.c.chapter_id, admin.c.user_id).where(admin.c.guild_id == bindparam("guild"))
_IDS_OF = select(chapter.c.folded, chapter.c.id).where(_HERE, chapter.c.folded.in_(bindparam("names", expanding=True)))
_CHANGE = update(chapter).where(_HERE, chapter.c.id == bindparam("chapter"))
_ADD_STATE = insert(chapter_state)
_STATES = (
    select(chapter_state.c.chapter_id, chapter_state.c.state, chapter_state.c.from_day, chapter_state.c.until)
    .where(chapter_state.c.guild_id == bindparam("guild"), chapter_state.c.chapter_id.in_(bindparam("chapters", expanding=True)))
    .order_by(chapter_state.c.chapter_id, chapter_state.c.since, chapter_state.c.id)
)
_PASSED_FOR = select(chapter.c.duty_passed_for).where(_HERE, chapter.c.id == bindparam("chapter"))
_BRANCHES = select(branch).where(branch.c.guild_id == bindparam("guild"))
_BY_NAME = _BRANCHES.order_by(branch.c.name)
_ADD_BRANCH = insert(branch).returning(branch.c.id)


async def find(c: AsyncConnection, guild_id: int, chapter_id: int) -> Chapter | None:
    """One chapter of this organisation."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "chapter": chapter_id})).one_or_none()
    return None if row is None else to_chapter(row)


async def many(c: AsyncConnection, guild_id: int, chapter_ids: Iterable[int]) -> dict[int, Chapter]:
    """These chapters of this organisation, by id."""
    rows = await c.execute(_MANY, {"guild": guild_id, "chapters": list(chapter_ids)})
    return {row.id: to_chapter(row) for row in rows}


async def guild_of(c: AsyncConnection, chapter_id: int) -> int | None:
    """The organisation that a chapter belongs to: for buttons pressed in direct messages, which name only the chapter."""
    found: int | None = await c.scalar(_GUILD_OF, {"chapter": chapter_id})
    return found


async def by_name(c: AsyncConnection, guild_id: int, name: str) -> Chapter | None:
    """The chapter with this name, compared without case and accents."""
    row = (await c.execute(_NAMED, {"guild": guild_id, "folded": fold(name)})).one_or_none()
    return None if row is None else to_chapter(row)


async def archived_names(c: AsyncConnection, guild_id: int, user_id: int) -> list[str]:
    """The names of the archived chapters that this person may see."""
    return list(await c.scalars(_ARCHIVED_NAMES, {"guild": guild_id, "user": user_id}))


async def homes(c: AsyncConnection, guild_id: int) -> list[tuple[str, int]]:
    """The names and channels of the chapters that have one, without hidden ones."""
    return [(row.name, row.channel_id) for row in await c.execute(_HOMES, {"guild": guild_id})]


async def count(c: AsyncConnection, guild_id: int) -> int:
    """How many chapters there are, without archived ones."""
    found: int | None = await c.scalar(_COUNT, {"guild": guild_id})
    return found or 0


async def of_admin(c: AsyncConnection, guild_id: int, user_id: int, limit: int = 25) -> list[Chapter]:
    """The chapters that this person is an admin of, by name."""
    rows = await c.execute(_OF_ADMIN, {"guild": guild_id, "user": user_id, "most": limit})
    return [to_chapter(row) for row in rows]


async def of_roles(c: AsyncConnection, guild_id: int, user_id: int, role_ids: Iterable[int], limit: int = 25) -> list[Chapter]:
    """The chapters whose Discord role is among these and that this person may see, by name."""
    rows = await c.execute(_OF_ROLES, {"guild": guild_id, "user": user_id, "roles": list(role_ids), "most": limit})
    return [to_chapter(row) for row in rows]


async def add(c: AsyncConnection, guild_id: int, now: datetime, by: int | None, **values: Any) -> int:
    """Stores a new active chapter and the first of its dated states; returns its id."""
    values = {"languages": [], **values, "folded": fold(values["name"]), "added_at": now}
    made = await c.execute(_ADD_ONE, {"guild_id": guild_id, **values})
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
    await c.execute(_ADD, rows)
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
    await c.execute(_ADD_STATE, states)
    return ids


async def everything(c: AsyncConnection, guild_id: int) -> dict[str, tuple[Chapter, frozenset[int]]]:
    """All chapters, archived ones too, with their admins; by folded name."""
    people: dict[int, set[int]] = {}
    for row in await c.execute(_ALL_ADMINS, {"guild": guild_id}):
        people.setdefault(row.chapter_id, set()).add(row.user_id)
    rows = await c.execute(_IN_GUILD, {"guild": guild_id})
    return {fold(found.name): (found, frozenset(people.get(found.id, ()))) for found in map(to_chapter, rows)}


async def ids_of(c: AsyncConnection, guild_id: int, folded: Sequence[str]) -> dict[str, int]:
    """The chapters with these folded names, archived ones too."""
    rows = await c.execute(_IDS_OF, {"guild": guild_id, "names": folded})
    return {row.folded: row.id for row in rows}


async def change(c: AsyncConnection, guild_id: int, chapter_id: int, **values: Any) -> None:
    """Stores the given columns of one chapter."""
    await c.execute(_CHANGE, {"guild": guild_id, "chapter": chapter_id, **values})


async def set_state(
    c: AsyncConnection, guild_id: int, chapter_id: int, state: State, from_day: date, until: date | None, now: datetime, by: int | None
) -> None:
    """Writes a dated state and what the chapter itself says of it."""
    values = {"state": state.value, "since": now, "from_day": from_day, "until": until, "set_by": by}
    await c.execute(_ADD_STATE, {"guild_id": guild_id, "chapter_id": chapter_id, **values})
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
    rows = await c.execute(_STATES, {"guild": guild_id, "chapters": chapter_ids})
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


def _branch(row: Row[Any]) -> Branch:
    return Branch(**row._mapping)


async def branches(c: AsyncConnection, guild_id: int) -> list[Branch]:
    """All branches, by name."""
    rows = await c.execute(_BY_NAME, {"guild": guild_id})
    return [_branch(row) for row in rows]


async def add_branch(c: AsyncConnection, guild_id: int, country: str, name: str, currency: str | None = None) -> int:
    """Stores a branch; returns its id."""
    made = await c.execute(_ADD_BRANCH, {"guild_id": guild_id, "country": country, "name": name, "currency": currency})
    new: int = made.scalar_one()
    return new


async def duty_passed(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> bool:
    """Whether duty has passed on for this period or a later one."""
    passed: Month | None = await c.scalar(_PASSED_FOR, {"guild": guild_id, "chapter": chapter_id})
    return passed is not None and passed >= period
