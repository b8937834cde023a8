"""The chapters around a chapter."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, bindparam, func, literal, or_, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import distance
from bot.domain.distance import Box, Point
from db.chapters import visible_to
from db.tables import chapter
from db.types import Id, Snowflake

REACHES = (30, 75, 190, 475, 1200, 3000, 7500, 12_000, 21_000)
"""Kilometres within which enough chapters are looked for in turn; the last go round the Earth."""
_SIDES = tuple(side.name for side in fields(Box))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A chapter near another one, and how many kilometres away."""

    id: int
    name: str
    km: float
    timezone: str
    languages: tuple[str, ...]


async def neighbours(c: AsyncConnection, guild_id: int, chapter_id: int, place: Point, user_id: int, limit: int) -> list[Neighbour]:
    """The nearest chapters that this person may see, nearest first; those without coordinates are not among them."""
    asked: dict[str, Any] = {
        "guild": guild_id,
        "chapter": chapter_id,
        "user": user_id,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "narrowed": math.cos(math.radians(place.latitude)),
        "most": limit,
        "before_last": limit - 1,
    }
    asked |= _boxes(place)
    return [
        Neighbour(row.id, row.name, distance.kilometres(place, Point(row.latitude, row.longitude)), row.timezone, tuple(row.languages))
        for row in await c.execute(_NEIGHBOURS, asked)
    ]


@lru_cache(maxsize=1024)
def _boxes(place: Point) -> Mapping[str, float]:
    """For each reach the box that it makes round a place, and the one that holds all that is no farther than that one's corners."""
    found: dict[str, float] = {}
    for n, km in enumerate(REACHES):
        inner = distance.box(place, km)
        outer = distance.box(place, distance.farthest(place, inner))
        found |= {_name(n, part, side): getattr(box, side) for part, box in (("in", inner), ("out", outer)) for side in _SIDES}
    return found


def _name(n: int, part: str, side: str) -> str:
    return f"{part}{n}_{side}"


def _neighbours() -> Select[Any]:
    """One statement: the smallest box that holds enough chapters, and of all that may be as near as these the nearest."""
    boxes = union_all(
        *(
            select(
                literal(n).label("n"),
                *(bindparam(_name(n, part, side), type_=Float).label(f"{part}_{side}") for part in ("in", "out") for side in _SIDES),
            )
            for n in range(len(REACHES))
        )
    ).cte("boxes")
    others = (
        chapter.c.guild_id == bindparam("guild", type_=Snowflake),
        chapter.c.latitude.isnot(None),
        chapter.c.archived_at.is_(None),
        chapter.c.id != bindparam("chapter", type_=Id),
        visible_to(bindparam("user", type_=Snowflake)),
    )
    last_needed = (
        select(chapter.c.id)
        .where(*_within(boxes.c.in_south, boxes.c.in_north, boxes.c.in_width), *others)
        .limit(1)
        .offset(bindparam("before_last", type_=Integer))
        .correlate(boxes)
        .scalar_subquery()
    )
    all_round = boxes.c.n == len(REACHES) - 1
    fit = select(boxes).where(or_(all_round, last_needed.isnot(None))).order_by(boxes.c.n).limit(1).cte("fit")
    return (
        select(*(chapter.c[name] for name in ("id", "name", "latitude", "longitude", "timezone", "languages")))
        .select_from(fit.join(chapter, true()))
        .where(*_within(fit.c.out_south, fit.c.out_north, fit.c.out_width), *others)
        .order_by(_apart(), chapter.c.folded)
        .limit(bindparam("most", type_=Integer))
    )


def _within(south: ColumnElement[float], north: ColumnElement[float], width: ColumnElement[float]) -> tuple[ColumnElement[bool], ...]:
    turn = func.abs(chapter.c.longitude - bindparam("longitude", type_=Float))
    return chapter.c.latitude.between(south, north), or_(turn <= width, turn >= 360 - width)


def _apart() -> ColumnElement[float]:
    """What grows with the distance as `distance.kilometres` tells it."""
    upward = func.sin((chapter.c.latitude - bindparam("latitude", type_=Float)) * math.radians(0.5))
    aside = func.sin((chapter.c.longitude - bindparam("longitude", type_=Float)) * math.radians(0.5))
    narrowed = bindparam("narrowed", type_=Float) * func.cos(chapter.c.latitude * math.radians(1))
    return upward * upward + narrowed * aside * aside


_NEIGHBOURS = _neighbours()
