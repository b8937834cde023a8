"""The people of chapters: their admins in duty order, their own facilitators, and who could not be reached."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from db.statements import insert_or
from db.tables import admin, facilitator, unreachable

# Nearly every answer begins with these, so they are put together once.
_OF = union_all(
    *(
        select(literal_column(f"'{kind}'").label("kind"), table.c.user_id, order.label("place")).where(
            table.c.guild_id == bindparam("guild"), table.c.chapter_id == bindparam("chapter")
        )
        for kind, table, order in (("admin", admin, admin.c.position), ("facilitator", facilitator, facilitator.c.since))
    )
)
_ADMINS = (
    select(admin.c.user_id)
    .where(admin.c.guild_id == bindparam("guild"), admin.c.chapter_id == bindparam("chapter"))
    .order_by(admin.c.position)
)
_NEXT_POSITION = select(func.coalesce(func.max(admin.c.position), 0) + 1).where(admin.c.chapter_id == bindparam("chapter"))
_ADD_ADMIN = insert_or(admin).values(position=_NEXT_POSITION.scalar_subquery()).on_conflict_do_nothing()
_ADD_FIRST_ADMINS = insert(admin)
_REMOVE_ADMIN = delete(admin).where(
    admin.c.guild_id == bindparam("guild"), admin.c.chapter_id == bindparam("chapter"), admin.c.user_id == bindparam("user")
)
_ADD_FACILITATOR = insert_or(facilitator).on_conflict_do_nothing()
_REMOVE_FACILITATOR = delete(facilitator).where(
    facilitator.c.guild_id == bindparam("guild"),
    facilitator.c.chapter_id == bindparam("chapter"),
    facilitator.c.user_id == bindparam("user"),
)
_NOT_REACHED = insert_or(unreachable)
_SET_UNREACHABLE = _NOT_REACHED.on_conflict_do_update(
    index_elements=[unreachable.c.guild_id, unreachable.c.user_id],
    set_={"reason": _NOT_REACHED.excluded.reason, "since": _NOT_REACHED.excluded.since},
)
_SET_REACHABLE = delete(unreachable).where(unreachable.c.guild_id == bindparam("guild"), unreachable.c.user_id == bindparam("user"))
_UNREACHABLE_AMONG = select(unreachable.c.user_id).where(
    unreachable.c.guild_id == bindparam("guild"), unreachable.c.user_id.in_(bindparam("users", expanding=True))
)
_LEFT_SINCE = _UNREACHABLE_AMONG.where(unreachable.c.reason == "left", unreachable.c.since > bindparam("since"))


async def of(c: AsyncConnection, guild_id: int, chapter_id: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The chapter's admins in duty order, and its own facilitators, longest first."""
    rows = (await c.execute(_OF, {"guild": guild_id, "chapter": chapter_id})).all()
    ordered = sorted(rows, key=lambda row: row.place)
    return (
        tuple(row.user_id for row in ordered if row.kind == "admin"),
        tuple(row.user_id for row in ordered if row.kind == "facilitator"),
    )


async def admins(c: AsyncConnection, guild_id: int, chapter_id: int) -> list[int]:
    """The chapter's admins in duty order."""
    return list(await c.scalars(_ADMINS, {"guild": guild_id, "chapter": chapter_id}))


async def add_admin(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int, now: datetime) -> bool:
    """Puts a person last in duty order; False if they are admin already."""
    values = {"guild_id": guild_id, "chapter_id": chapter_id, "user_id": user_id, "since": now}
    made = await c.execute(_ADD_ADMIN, {"chapter": chapter_id, **values})
    return made.rowcount == 1


async def add_first_admins(c: AsyncConnection, guild_id: int, admins: Mapping[int, Sequence[int]], now: datetime) -> None:
    """Stores the admins of chapters that have none yet, in duty order."""
    rows = [
        {"guild_id": guild_id, "chapter_id": chapter_id, "user_id": user_id, "position": position, "since": now}
        for chapter_id, people in admins.items()
        for position, user_id in enumerate(people, start=1)
    ]
    if rows:
        await c.execute(_ADD_FIRST_ADMINS, rows)


async def remove_admin(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int) -> bool:
    """Takes a person from the admins; False if they were none."""
    gone = await c.execute(_REMOVE_ADMIN, {"guild": guild_id, "chapter": chapter_id, "user": user_id})
    return gone.rowcount == 1


async def add_facilitator(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int, now: datetime) -> bool:
    """Stores a person as one of the chapter's own facilitators; False if they are already."""
    values = {"guild_id": guild_id, "chapter_id": chapter_id, "user_id": user_id, "since": now}
    made = await c.execute(_ADD_FACILITATOR, values)
    return made.rowcount == 1


async def remove_facilitator(c: AsyncConnection, guild_id: int, chapter_id: int, user_id: int) -> bool:
    """Takes a person from the chapter's own facilitators; False if they were none."""
    gone = await c.execute(_REMOVE_FACILITATOR, {"guild": guild_id, "chapter": chapter_id, "user": user_id})
    return gone.rowcount == 1


async def set_unreachable(c: AsyncConnection, guild_id: int, user_id: int, reason: str, now: datetime) -> None:
    """Remembers that a person refused a direct message or has left."""
    await c.execute(_SET_UNREACHABLE, {"guild_id": guild_id, "user_id": user_id, "reason": reason, "since": now})


async def set_reachable(c: AsyncConnection, guild_id: int, user_id: int) -> None:
    """Forgets that a person could not be reached: they have just been here."""
    await c.execute(_SET_REACHABLE, {"guild": guild_id, "user": user_id})


async def unreachable_among(c: AsyncConnection, guild_id: int, user_ids: Iterable[int]) -> set[int]:
    """Which of these people refused a direct message or have left."""
    return set(await c.scalars(_UNREACHABLE_AMONG, {"guild": guild_id, "users": list(user_ids)}))


async def left_since(c: AsyncConnection, guild_id: int, user_ids: Iterable[int], since: datetime) -> set[int]:
    """Which of these people were found to have left the server after this moment."""
    return set(await c.scalars(_LEFT_SINCE, {"guild": guild_id, "users": list(user_ids), "since": since}))
